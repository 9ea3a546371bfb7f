using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace EksNode.Tests.Wire;

/// <summary>What one run of the executable left behind.</summary>
internal sealed record ProcessResult(int ExitCode, string Stdout, string Stderr, TimeSpan Elapsed)
{
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Stdout);
            return document.RootElement.Clone();
        }
    }

    public string Everything => Stdout + "\n" + Stderr;

    /// <summary>Fails with all that the run said unless it ended so.</summary>
    public ProcessResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit {ExitCode}, wanted {exitCode}, after {Elapsed.TotalMilliseconds:F0} ms\n--- stdout\n{Stdout}\n--- stderr\n{Stderr}");
        return this;
    }
}

/// <summary>A run of the published executable, in an environment of its own.</summary>
internal sealed class EksNodeProcess : IAsyncDisposable
{
    /// <summary>Longer than every deadline that a test lets the executable reach; what runs on has hung.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly Task<string> stdout;
    private readonly Task<string> stderr;
    private readonly StringBuilder told = new();

    private EksNodeProcess(Process process)
    {
        this.process = process;
        stdout = process.StandardOutput.ReadToEndAsync();
        stderr = ReadErrorAsync();
    }

    /// <summary>The executable under test; the test is skipped where there is none.</summary>
    public static string Executable
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("EKSNODE_EXE");
            Assert.SkipUnless(
                !string.IsNullOrEmpty(path),
                "EKSNODE_EXE does not name the published executable: script/test publishes it and sets the variable.");
            Assert.True(File.Exists(path), $"EKSNODE_EXE names {path}, which does not exist.");
            return path!;
        }
    }

    /// <summary>Starts the executable, or with <paramref name="link"/> a link to it.</summary>
    public static EksNodeProcess Start(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? input = null, string? link = null)
    {
        var start = new ProcessStartInfo(link ?? Executable)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{Executable} did not start.");
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }

        process.StandardInput.Close();
        return new EksNodeProcess(process);
    }

    /// <summary>Waits until it has said something on standard error.</summary>
    public async Task SaysAsync(string text)
    {
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            var ended = stderr.IsCompleted;
            lock (told)
            {
                if (told.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                Assert.False(ended || Stopwatch.GetElapsedTime(began) > Longest, $"It did not say `{text}`:\n{told}");
            }
        }
    }

    public async Task<ProcessResult> EndAsync()
    {
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Longest);
        }
        catch (TimeoutException)
        {
            process.Kill();
            Assert.Fail($"It hung: no end after {Longest.TotalSeconds:F0} s.\n--- stdout\n{await stdout}\n--- stderr\n{await stderr}");
        }

        return new ProcessResult(process.ExitCode, await stdout, await stderr, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        await Task.WhenAll(stdout, stderr);
        process.Dispose();
    }

    private async Task<string> ReadErrorAsync()
    {
        var buffer = new char[4096];
        while (await process.StandardError.ReadAsync(buffer) is > 0 and var length)
        {
            lock (told)
            {
                told.Append(buffer, 0, length);
            }
        }

        lock (told)
        {
            return told.ToString();
        }
    }
}
