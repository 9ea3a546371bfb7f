using System.Globalization;
using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>A program that eksnode started, or that what it started started.</summary>
internal sealed record ExecutedProgram(int Process, string Path, double Seconds);

/// <summary>
/// What ran below eksnode since the kernel started, from the kernel's own trace of forks and program starts: the proof that no shell, no
/// Python and no AWS CLI is on the path.
/// </summary>
internal static class ExecutedPrograms
{
    private const string EksNode = "/usr/bin/eksnode";

    // What join may run: the disk tools, and containerd's own importer where the sandbox image is missing.
    private static readonly string[] Allowed = ["/mdadm", "/mkfs.xfs", "/mkfs.ext4", "/mke2fs", "/blkid", "/ctr"];

    /// <summary>Everything that eksnode's units ran, eksnode itself left out.</summary>
    public static async Task<IReadOnlyList<ExecutedProgram>> ReadAsync(GuestShell shell, CancellationToken cancellation)
    {
        const string Command = "mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing; "
            + "grep -h overrun /sys/kernel/tracing/per_cpu/cpu*/stats; grep -E 'sched_process_(exec|fork):' /sys/kernel/tracing/trace";
        var lines = (await shell.ReadAsync(Command, cancellation)).Split('\n');
        if (lines.Any(line => line.StartsWith("overrun:", StringComparison.Ordinal) && line != "overrun: 0"))
        {
            throw new NodeTestException("The kernel's trace of program starts overflowed: what ran on the path is not known.");
        }

        foreach (var expected in new[] { EksNode, "/usr/bin/containerd" })
        {
            if (!lines.Any(line => line.Contains($"filename={expected} ", StringComparison.Ordinal)))
            {
                throw new NodeTestException($"The kernel's trace of program starts does not show {expected}: what ran on the path is not known.");
            }
        }

        return Parse(lines);
    }

    /// <summary>Fails when something ran that has no place on the path.</summary>
    public static void Check(IReadOnlyList<ExecutedProgram> programs)
    {
        var wrong = programs.Where(program => !IsAllowed(program.Path)).ToList();
        if (wrong.Count > 0)
        {
            throw new NodeTestException($"eksnode's units ran {string.Join(", ", wrong.Select(program => program.Path).Distinct())}.");
        }
    }

    internal static IReadOnlyList<ExecutedProgram> Parse(IEnumerable<string> lines)
    {
        var below = new HashSet<int>();
        var found = new List<ExecutedProgram>();
        foreach (var line in lines)
        {
            if (line.Contains("sched_process_fork:", StringComparison.Ordinal))
            {
                var child = Number(line, "child_pid=");
                // Process numbers come round: a child of another parent is no longer what had its number.
                if (below.Contains(Number(line, " pid=")))
                {
                    below.Add(child);
                }
                else
                {
                    below.Remove(child);
                }
            }
            else if (line.Contains("sched_process_exec:", StringComparison.Ordinal))
            {
                var path = Word(line, "filename=");
                var process = Number(line, " pid=");
                var isEksNode = path == EksNode;
                if (below.Contains(process) && !isEksNode)
                {
                    found.Add(new ExecutedProgram(process, path, Seconds(line)));
                    // What an allowed tool runs itself (mdadm loads its kernel module through a shell) is not eksnode's choice.
                    if (IsAllowed(path))
                    {
                        below.Remove(process);
                    }
                }

                if (isEksNode)
                {
                    below.Add(process);
                }
            }
        }

        return found;
    }

    private static bool IsAllowed(string path) => Allowed.Any(allowed => path.EndsWith(allowed, StringComparison.Ordinal));

    private static string Word(string line, string key)
    {
        var begin = line.IndexOf(key, StringComparison.Ordinal);
        if (begin < 0)
        {
            throw new NodeTestException($"A line of the kernel's trace has no {key}: {line}");
        }

        begin += key.Length;
        var end = line.IndexOf(' ', begin);
        return end < 0 ? line[begin..] : line[begin..end];
    }

    private static int Number(string line, string key) => int.Parse(Word(line, key), CultureInfo.InvariantCulture);

    // `eksnode-310 [001] ..... 22.104: sched_process_exec: …`
    private static double Seconds(string line)
    {
        var head = line[..line.IndexOf(": sched_", StringComparison.Ordinal)];
        return double.Parse(head[(head.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
