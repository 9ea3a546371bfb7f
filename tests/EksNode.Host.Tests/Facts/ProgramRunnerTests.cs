using System.Diagnostics;
using EksNode.Host.Processes;

namespace EksNode.Host.Tests.Facts;

public sealed class ProgramRunnerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static Task<ProgramResult> Shell(string script, TimeSpan? deadline = null, int limit = 1024) =>
        new ProgramRunner().RunAsync(new ProgramCall("/bin/sh", ["-c", script], deadline ?? Long, limit), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Both_streams_and_the_exit_code_come_back()
    {
        var result = await Shell("echo out; echo err >&2; exit 3");
        Assert.Equal(new ProgramResult(ProgramEnd.Exited, 3, "out\n", "err\n"), result);
        Assert.False(result.Succeeded);
        Assert.Equal("exited with 3: err", result.Describe());
        Assert.True((await Shell("exit 0")).Succeeded);
    }

    [Fact]
    public async Task The_environment_is_fixed()
    {
        var result = await new ProgramRunner().RunAsync(new ProgramCall("/usr/bin/env", [], Long), TestContext.Current.CancellationToken);
        Assert.Equal(
            ["HOME=/", "LC_ALL=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Variables_of_a_call_are_added_or_take_the_place_of_the_fixed_ones()
    {
        var result = await new ProgramRunner().RunAsync(
            new ProgramCall("/usr/bin/env", [], Long) { Environment = ["HOME=/root", "A=b=c", "EMPTY="] }, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["A=b=c", "EMPTY=", "HOME=/root", "LC_ALL=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Lines_are_told_as_they_come_and_beyond_what_is_kept()
    {
        List<string> lines = [];
        ProgramCall call = new("/bin/sh", ["-c", "printf 'one\\ntw'; sleep 0.1; printf 'o\\r\\n\\n10%%\\r20%%\\n'; head -c 5000 /dev/zero | tr '\\0' x"], Long, 4) { OnLine = lines.Add };
        var result = await new ProgramRunner().RunAsync(call, TestContext.Current.CancellationToken);
        Assert.Equal("one\n", result.Output);
        Assert.Equal(["one", "two", "10%", "20%", new string('x', 4096), new string('x', 5000 - 4096)], lines);
    }

    [Fact]
    public async Task Arguments_are_not_interpreted()
    {
        var result = await new ProgramRunner().RunAsync(
            new ProgramCall("/usr/bin/printf", ["%s|", "$HOME", "a b", "*", "\"'"], Long), TestContext.Current.CancellationToken);
        Assert.Equal("$HOME|a b|*|\"'|", result.Output);
    }

    [Fact]
    public async Task Standard_input_is_empty() => Assert.Equal("0\n", (await Shell("wc -c")).Output.TrimStart(' '));

    [Fact]
    public async Task Output_is_bounded_and_the_rest_is_read()
    {
        var result = await Shell("head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2", limit: 100);
        Assert.Equal((ProgramEnd.Exited, 100, "end\n"), (result.End, result.Output.Length, result.Error));
    }

    [Theory]
    [InlineData("echo before; sleep 60")]
    [InlineData("echo before; sleep 60 & wait")]
    [InlineData("echo before; trap '' TERM; sleep 60; sleep 60")]
    [InlineData("echo before; sleep 60 & exit 0")]
    public async Task A_deadline_ends_it_even_when_a_child_holds_the_output(string script)
    {
        var watch = Stopwatch.StartNew();
        // Long enough for a shell to start on a busy machine.
        var result = await Shell(script, TimeSpan.FromSeconds(3));
        Assert.Equal((ProgramEnd.DeadlinePassed, null, "before\n"), (result.End, result.ExitCode, result.Output));
        Assert.Equal("did not end in time and was killed", result.Describe());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_its_cancellation()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ProgramRunner().RunAsync(new ProgramCall("/bin/sleep", ["60"], Long), cancellation.Token));
    }

    [Theory]
    [InlineData("/no/such/program")]
    [InlineData("/etc/hostname")]
    [InlineData("/")]
    public async Task What_is_no_program_does_not_start(string path)
    {
        var runner = new ProgramRunner();
        var result = await runner.RunAsync(new ProgramCall(path, [], Long), TestContext.Current.CancellationToken);
        Assert.Equal((ProgramEnd.NotStarted, null, 0), (result.End, result.ExitCode, runner.Started));
        Assert.StartsWith("could not be started: ", result.Describe());
    }
}
