using System.Globalization;
using System.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>
/// Words on the command line of the kernel: in the file that boot entries are made from, and in every entry that is there. Of a running machine also in
/// <c>/proc/cmdline</c>, unless what configures them was written after it started: then the next boot brings them.
/// </summary>
internal sealed class KernelArgumentCheck : ImageCheck
{
    private const string Running = "/proc/cmdline";
    private const string Grub = "/etc/default/grub";
    private const string GrubDropIns = "/etc/default/grub.d";
    private const string KernelInstall = "/etc/kernel/cmdline";
    private const string Entries = "/boot/loader/entries";

    /// <inheritdoc/>
    public override string Name => "kernelArgument";

    /// <inheritdoc/>
    public override Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        foreach (var resource in context.Resources)
        {
            if (resource is KernelArgumentResource argument)
            {
                findings.Add(Of(argument, context));
            }
        }

        return Task.CompletedTask;
    }

    private CheckFinding Of(KernelArgumentResource argument, CheckContext context)
    {
        var root = context.Root;
        if (ConfiguredIn(root, argument.Argument) is not { } source)
        {
            return Bad(argument.Id, CheckStatus.Missing, argument.Argument, $"neither {Grub} nor {KernelInstall} has it");
        }

        foreach (var name in root.List(Entries) ?? [])
        {
            if (name.EndsWith(".conf", StringComparison.Ordinal) && root.ReadFile($"{Entries}/{name}") is { } entry && !IsInEntry(Encoding.UTF8.GetString(entry), argument.Argument))
            {
                return Bad(argument.Id, CheckStatus.Different, argument.Argument, $"the boot entry {name} does not have it");
            }
        }

        if (!context.IsMachine || root.ReadFile(Running) is not { } running || Has(Encoding.UTF8.GetString(running), argument.Argument))
        {
            return Good(argument.Id);
        }

        return root.Status(source, followLink: true)?.Modified / 1_000_000_000 >= BootTime(root)
            ? Good(argument.Id, "the next boot brings it")
            : Bad(argument.Id, CheckStatus.Different, argument.Argument, "the running kernel was started without it");
    }

    private static string? ConfiguredIn(HostRoot root, string word)
    {
        if (root.ReadFile(KernelInstall) is { } line && Has(Encoding.UTF8.GetString(line), word))
        {
            return KernelInstall;
        }

        if (root.ReadFile(Grub) is { } grub && IsInGrub(Encoding.UTF8.GetString(grub), word))
        {
            return Grub;
        }

        foreach (var name in root.List(GrubDropIns) ?? [])
        {
            if (name.EndsWith(".cfg", StringComparison.Ordinal) && root.ReadFile($"{GrubDropIns}/{name}") is { } dropIn && IsInGrub(Encoding.UTF8.GetString(dropIn), word))
            {
                return $"{GrubDropIns}/{name}";
            }
        }

        return null;
    }

    private static bool IsInGrub(string text, string word)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("GRUB_CMDLINE_LINUX", StringComparison.Ordinal) && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                && Has(line[(at + 1)..].Trim().Trim('"', '\''), word))
            {
                return true;
            }
        }

        return false;
    }

    // An entry that takes its words from a variable of the loader is made of the same file.
    private static bool IsInEntry(string text, string word)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("options", StringComparison.Ordinal) && (Has(line, word) || line.Contains("$kernelopts", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(string line, string word) => Array.IndexOf(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), word) >= 0;

    // Seconds since 1970: `btime` of /proc/stat (proc_stat(5)).
    private static long BootTime(HostRoot root)
    {
        const string Key = "btime ";
        foreach (var line in Encoding.UTF8.GetString(root.ReadFile("/proc/stat") ?? []).Split('\n'))
        {
            if (line.StartsWith(Key, StringComparison.Ordinal) && long.TryParse(line.AsSpan(Key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var time))
            {
                return time;
            }
        }

        return long.MaxValue;
    }
}
