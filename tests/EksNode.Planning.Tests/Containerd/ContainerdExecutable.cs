using System.Diagnostics;
using System.Globalization;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>A real containerd, named by the environment variable <c>EKSNODE_CONTAINERD_1</c> or <c>EKSNODE_CONTAINERD_2</c>.</summary>
internal sealed record ContainerdExecutable(string Path, string Version)
{
    /// <summary>How long a containerd may take to start.</summary>
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    /// <summary>The executable of a major release; the test is skipped without it.</summary>
    public static ContainerdExecutable Find(int major)
    {
        var variable = "EKSNODE_CONTAINERD_" + major.ToString(CultureInfo.InvariantCulture);
        var path = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"{variable} does not name a containerd {major} executable.");
        var version = ContainerdPlan.Version(Ask(path!, ["--version"]).Output);
        Assert.Equal(major, version.Major);
        return new ContainerdExecutable(path!, version.ToString());
    }

    /// <summary><c>containerd config VERB</c> on a file with the given text.</summary>
    public ContainerdAnswer Config(string verb, string toml)
    {
        var file = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"eksnode-containerd-{Guid.NewGuid():N}.toml");
        try
        {
            File.WriteAllText(file, toml);
            return Ask(Path, ["--config", file, "config", verb]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Starts containerd on a configuration, until it says that it has booted or ends; then it is stopped.</summary>
    /// <returns>Its log.</returns>
    public async Task<string> Boot(string file)
    {
        using var process = Process.Start(new ProcessStartInfo(Path, ["--config", file]) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{Path} did not start.");
        using var deadline = new CancellationTokenSource(StartDeadline);
        var log = new List<string>();
        try
        {
            while (await process.StandardError.ReadLineAsync(deadline.Token) is { } line)
            {
                log.Add(line);
                if (line.Contains("successfully booted", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return string.Join('\n', log);
    }

    private static ContainerdAnswer Ask(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ContainerdAnswer(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}

/// <summary>What a run of containerd's command line gave.</summary>
internal sealed record ContainerdAnswer(int ExitCode, string Output, string Errors);
