using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Logging;
using EksNode.Host.Tests.Containers;
using EksNode.Rendering;

namespace EksNode.Tests;

public sealed class ProgressTests
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

    [Fact]
    public void Bars_of_downloads_stay_below_the_log_and_go_at_the_end()
    {
        using StringWriter error = new() { NewLine = "\n" };
        CommandIo io = new() { Out = TextWriter.Null, Error = error, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty.Add("NO_COLOR", "1"), ErrorIsTerminal = true };
        SteppedClock clock = new();
        ProgressBars bars = new(io, new ConsoleLog(io, LogLevel.Info, LogFormat.Text, new Redactor()));
        DownloadProgress progress = new(bars, bars, clock);

        progress.Report("kubelet", 0, 20 << 20);
        Assert.Equal("  kubelet              ....................   0 %  0.0 of 20.0 MiB\n", Drain());

        // Not for every packet.
        progress.Report("kubelet", 1 << 20, 20 << 20);
        Assert.Equal("", Drain());
        clock.Milliseconds += 200;
        progress.Report("crictl", 5 << 20, null);
        Assert.Equal("\u001b[1A\u001b[J  crictl               5.0 MiB\n  kubelet              #...................   5 %  1.0 of 20.0 MiB\n", Drain());

        bars.Write(LogLevel.Debug, "nobody reads this");
        Assert.Equal("", Drain());
        bars.Write(LogLevel.Info, "packages: done");
        Assert.Equal("\u001b[2A\u001b[Jinfo  packages: done\n  crictl               5.0 MiB\n  kubelet              #...................   5 %  1.0 of 20.0 MiB\n", Drain());

        progress.Report("kubelet", 20 << 20, 20 << 20);
        Assert.Equal(
            "\u001b[2A\u001b[J  crictl               5.0 MiB\n\u001b[1A\u001b[Jinfo  downloaded component=kubelet MiB=20.0 of=20.0\n  crictl               5.0 MiB\n", Drain());
        progress.End();
        Assert.Equal("\u001b[1A\u001b[J", Drain());

        string Drain()
        {
            var text = error.ToString();
            error.GetStringBuilder().Clear();
            return text;
        }
    }

    private sealed class SteppedClock : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }
}
