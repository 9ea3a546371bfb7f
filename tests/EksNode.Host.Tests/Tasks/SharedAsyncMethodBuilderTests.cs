using EksNode.Configuration.Tasks;
using EksNode.Host.Tasks;

namespace EksNode.Host.Tests.Tasks;

/// <summary>Asynchronous methods of this project are built as those of the product are: what they do must be what .NET's do.</summary>
public sealed class SharedAsyncMethodBuilderTests
{
    private static readonly AsyncLocal<string> Local = new();

    [Fact]
    public async Task Methods_of_this_project_are_built_by_shared_builders()
    {
        Assert.Contains(nameof(SuspendedMethod), await StackAsync(), StringComparison.Ordinal);

        static async Task<string> StackAsync()
        {
            await Task.Yield();
            return Environment.StackTrace;
        }
    }

    [Fact]
    public async Task A_result_comes_at_once_or_late()
    {
        Assert.Equal(3, await OfAsync(3, 0));
        Assert.Equal("late", await OfAsync("late", 3));
        Assert.True(OfAsync(1, 0).IsCompletedSuccessfully);

        var gate = new TaskCompletionSource();
        var waiting = AfterAsync(gate.Task);
        Assert.False(waiting.IsCompleted);
        gate.SetResult();
        await waiting;

        static async Task AfterAsync(Task task) => await task;
    }

    [Fact]
    public async Task A_loop_of_many_suspensions_ends()
    {
        var sum = 0;
        for (var i = 0; i < 20_000; i++)
        {
            sum += await OfAsync(1, i % 3);
        }

        Assert.Equal(20_000, sum);
    }

    [Fact]
    public async Task A_chain_of_many_methods_does_not_overflow_the_stack()
    {
        var gate = new TaskCompletionSource();
        var chain = NestAsync(20_000, gate.Task);
        gate.SetResult();
        Assert.Equal(20_000, await chain);

        static Task<int> NestAsync(int depth, Task gate)
        {
            var task = StepAsync(gate);
            for (var i = 1; i < depth; i++)
            {
                task = NextAsync(task);
            }

            return task;
        }

        static async Task<int> StepAsync(Task gate)
        {
            await gate;
            return 1;
        }

        static async Task<int> NextAsync(Task<int> before) => await before + 1;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_error_is_that_of_the_method(int suspensions)
    {
        var failure = new InvalidOperationException("wrong");
        var task = FailAsync(failure, suspensions);
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => task));
        Assert.True(task.IsFaulted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_cancelled_method_keeps_its_error(int suspensions)
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var failure = new TaskCanceledException("too late", new TimeoutException(), source.Token);
        var task = FailAsync(failure, suspensions);
        var thrown = await Assert.ThrowsAsync<TaskCanceledException>(() => task);
        Assert.True(task.IsCanceled);
        Assert.Same(failure, thrown);
        Assert.IsType<TimeoutException>(thrown.InnerException);
    }

    [Fact]
    public async Task A_local_of_the_context_flows_in_and_not_out()
    {
        Local.Value = "outer";
        Assert.Equal("outer, inner", await ReadAsync());
        Assert.Equal("outer", Local.Value);

        var early = ReadAsync();
        Assert.Equal("outer", Local.Value);
        await early;

        static async Task<string> ReadAsync()
        {
            var before = Local.Value;
            Local.Value = "inner";
            await Task.Delay(1).ConfigureAwait(false);
            return $"{before}, {Local.Value}";
        }
    }

    [Fact]
    public async Task A_wait_goes_on_in_its_own_context()
    {
        var gate = new TaskCompletionSource();
        Local.Value = "mine";
        var waiting = ReadAsync(gate.Task);
        Local.Value = "of whoever opens the gate";
        gate.SetResult();
        Assert.Equal("mine", await waiting);

        static async Task<string?> ReadAsync(Task gate)
        {
            await gate.ConfigureAwait(false);
            return Local.Value;
        }
    }

    [Fact]
    public async Task Without_flow_of_the_context_it_does_not_go_on_in_it()
    {
        Local.Value = "mine";
        Task<string?> waiting;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (ExecutionContext.SuppressFlow())
        {
            waiting = ReadAsync(gate.Task);
        }

        gate.SetResult();
        Assert.Null(await waiting);

        static async Task<string?> ReadAsync(Task gate)
        {
            await gate.ConfigureAwait(false);
            return Local.Value;
        }
    }

    [Fact]
    public async Task A_wait_ends_by_its_limit()
    {
        var never = new TaskCompletionSource<string>();
        await Assert.ThrowsAsync<TimeoutException>(
            () => never.Task.WithinAsync(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => never.Task.WithinAsync(cancelled.Token));
        never.SetResult("here");
        Assert.Equal("here", await never.Task.WithinAsync(cancelled.Token));
    }

    private static async Task<T> OfAsync<T>(T value, int suspensions)
    {
        for (var i = 0; i < suspensions; i++)
        {
            await Task.Yield();
        }

        return value;
    }

    private static async Task FailAsync(Exception failure, int suspensions)
    {
        await OfAsync(0, suspensions);
        throw failure;
    }
}
