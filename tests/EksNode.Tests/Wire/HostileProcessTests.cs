using System.Diagnostics;
using System.Text;

namespace EksNode.Tests.Wire;

/// <summary>Odd streams, pipes and devices end in a diagnostic and a documented exit code: never in a stack trace or a hang.</summary>
public sealed class HostileProcessTests
{
    private static readonly string Good = Path.Combine(Repository.Root, "examples", "karpenter.mime");
    private static readonly string Facts = Path.Combine(Repository.Root, "examples", "facts", "m6i.large.json");

    [Theory]
    [InlineData("plan >/dev/full", 1, "EKN0008")]
    [InlineData("plan --output json >/dev/full", 1, "EKN0008")]
    // A closed stream is one that nobody wants to read.
    [InlineData("plan >&-", 3, "")]
    [InlineData("join --no-start >/dev/full", 1, "EKN0008")]
    [InlineData("plan 2>/dev/full", 3, "")]
    [InlineData("plan 2>&-", 3, "")]
    [InlineData("plan <&- >&- 2>&-", 3, "")]
    [InlineData("join --no-start --log-level trace <&- >&- 2>&-", 0, "")]
    public void A_stream_that_takes_nothing_is_a_diagnostic(string arguments, int exit, string code)
    {
        using var folder = new Folder();
        var (actual, stderr) = folder.Shell($"\"$EXE\" {arguments.Replace("plan", Command("plan", folder), StringComparison.Ordinal).Replace("join", Command("join", folder), StringComparison.Ordinal)}");
        Assert.True(actual == exit, $"exit {actual}\n{stderr}");
        Assert.Contains(code, stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", stderr, StringComparison.Ordinal);
        // What is meant for standard error is never written into a file of the node.
        Assert.All(
            Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain("EKN0", File.ReadAllText(file), StringComparison.Ordinal));
    }

    // A pseudo terminal, as script(1) makes one: nothing of the executable may need a Console that is not in it.
    [Theory]
    [InlineData("--help", 0)]
    [InlineData("join --help", 0)]
    [InlineData("config validate missing.yaml", 2)]
    [InlineData("nonsense", 2)]
    public void On_a_terminal_it_ends_as_everywhere_else(string arguments, int exit)
    {
        using var folder = new Folder();
        var (actual, stderr) = folder.Shell($"script --quiet --return --command \"stty cols 100; '$EXE' {arguments}\" typescript </dev/null");
        Assert.True(actual == exit, $"exit {actual}\n{stderr}\n{File.ReadAllText(Path.Combine(folder.Root, "typescript"))}");
    }

    // As behind `| head -1`: of what a reader that has gone would not see, nothing is told. An error is.
    [Theory]
    [InlineData("--version", 141, "")]
    [InlineData("--help", 141, "")]
    [InlineData("config schema", 141, "")]
    [InlineData("plan", 141, "")]
    [InlineData("plan --output json", 141, "")]
    [InlineData("plan -c missing.yaml", 2, "EKN0003")]
    [InlineData("config validate missing.yaml", 2, "EKN0003")]
    public void A_reader_that_has_gone_ends_it_in_silence(string arguments, int exit, string code)
    {
        using var folder = new Folder();
        var (actual, stderr) = folder.Shell(
            $"mkfifo gone; exec 3<>gone 4>gone 3<&-; \"$EXE\" {arguments.Replace("plan", Command("plan", folder), StringComparison.Ordinal)} >&4");
        Assert.True(actual == exit, $"exit {actual}\n{stderr}");
        Assert.Contains(code, stderr, StringComparison.Ordinal);
        Assert.True(code.Length > 0 || stderr.Trim().Length == 0, stderr);
    }

    [Fact]
    public void A_null_device_that_cannot_be_written_is_not_needed()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a mount namespace needs root");
        using var folder = new Folder();
        var (exit, stderr) = folder.Shell(
            $"unshare --mount bash -c 'mount --bind /proc/version /dev/null && \"$EXE\" {Command("plan", folder).Replace("'", "", StringComparison.Ordinal)} <&1 | cat; exit ${{PIPESTATUS[0]}}'");
        Assert.True(exit == 3, $"exit {exit}\n{stderr}");
    }

    [Theory]
    [InlineData("--version >/dev/full", 1, "EKN0008")]
    [InlineData("--help >/dev/full", 1, "EKN0008")]
    [InlineData("plan @/etc/hostname", 2, "@/etc/hostname")]
    [InlineData("plan -c /dev/zero", 2, "larger than 16 MiB")]
    [InlineData("plan -c - </dev/zero", 2, "larger than 16 MiB")]
    [InlineData("plan -c - </", 2, "EKN0003")]
    [InlineData("plan -c missing.yaml", 2, "it does not exist")]
    [InlineData("plan -c file://etc/missing", 2, "file:///etc/missing")]
    [InlineData("plan -c .", 2, "EKN0007")]
    [InlineData("plan --facts /dev/zero -c /dev/null", 2, "EKN0006")]
    public void What_is_no_configuration_is_said_so(string arguments, int exit, string says)
    {
        using var folder = new Folder();
        var facts = arguments.Contains("--facts", StringComparison.Ordinal) || arguments.StartsWith('-') ? "" : $" --facts '{Facts}'";
        var (actual, stderr) = folder.Shell($"\"$EXE\" {arguments.Replace("plan", $"plan --root '{folder.Root}'{facts}", StringComparison.Ordinal)}");
        Assert.True(actual == exit, $"exit {actual}\n{stderr}");
        Assert.Contains(says, stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", stderr, StringComparison.Ordinal);
        // One mistake, one error.
        Assert.DoesNotContain(says == "EKN0003" || says.Contains("exist", StringComparison.Ordinal) ? "EKN0100" : "EKN0009", stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_may_be_a_pipe()
    {
        using var folder = new Folder();
        var (exit, stderr) = folder.Shell($"\"$EXE\" plan --root '{folder.Root}' --facts '{Facts}' -c <(cat '{Good}') >/dev/null");
        Assert.True(exit == 3, stderr);
    }

    private static string Command(string verb, Folder folder) => $"{verb} --root '{folder.Root}' --facts '{Facts}' -c '{Good}'";

    private sealed class Folder : IDisposable
    {
        private readonly string executable = EksNodeProcess.Executable;

        public string Root { get; } = Directory.CreateTempSubdirectory("eksnode-hostile-").FullName;

        public (int Exit, string Stderr) Shell(string script)
        {
            var start = new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = Root };
            start.Environment["EXE"] = executable;
            using var process = Process.Start(start)!;
            var stderr = new StringBuilder();
            process.ErrorDataReceived += (_, line) => stderr.AppendLine(line.Data);
            process.OutputDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            if (!process.WaitForExit(EksNodeProcess.Longest))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"`{script}` hung: {stderr}");
            }

            process.WaitForExit();
            return (process.ExitCode, stderr.ToString());
        }

        public void Dispose() => Directory.Delete(Root, recursive: true);
    }
}
