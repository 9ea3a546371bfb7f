using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Containers;
using EksNode.Host.Logging;
using EksNode.Host.Tests.Containers;
using EksNode.Rendering;

namespace EksNode.Tests;

public sealed class PullProgressTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_terminal_shows_a_line_for_each_layer_and_clears_them_at_the_end()
    {
        var status = "1A0F" + Convert.ToHexString(Encoding.UTF8.GetBytes("layer-sha256:ab")) + "2080808005" + "288080800A";
        var asked = 0;
        TaskCompletionSource pull = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var runtime = await FakeRuntime.StartAsync((_, _) =>
        {
            if (Interlocked.Increment(ref asked) == 3)
            {
                pull.SetResult();
            }

            return Task.FromResult(FakeAnswer.Of($"0A{status.Length / 2:X2}{status}"));
        });
        using ContainerdClient client = new(runtime.Socket, TimeProvider.System);
        using StringWriter error = new() { NewLine = "\n" };
        PullProgress progress = new(
            new CommandIo { Out = TextWriter.Null, Error = error, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty, ErrorIsTerminal = true },
            NoLog.Instance);
        progress.Begin(1, 2, "registry.example.com/app:1");
        await progress.ShowAsync(pull.Task, client, Cancellation);
        var text = error.ToString();
        Assert.StartsWith("[1/2] registry.example.com/app:1\n  sha256:ab            ##########..........  50 %  10.0 of 20.0 MiB\n\u001b[1A\u001b[J  sha256:ab", text, StringComparison.Ordinal);
        Assert.EndsWith("10.0 of 20.0 MiB\n\u001b[1A\u001b[J", text, StringComparison.Ordinal);
    }
}
