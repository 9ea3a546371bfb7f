using System.Text;
using EksNode.Host.Disks.Copying;
using EksNode.Host.Files;

namespace EksNode.Host.Imaging;

/// <summary>
/// Takes out of an image what belongs to the machine that it was built on, and must not be the same on every node: its identity, keys, leases, logs and caches.
/// What is listed follows the clean-up of EKS-optimized images; Debian's own places are beside theirs.
/// </summary>
/// <param name="root">The root of the image.</param>
/// <param name="isMachine">Whether it is the running machine's own, with people who logged in to build it.</param>
/// <param name="planned">Paths that the document of the image names: what somebody wants there stays.</param>
public sealed class ImageCleanup(HostRoot root, bool isMachine, IReadOnlySet<string> planned)
{
    /// <summary>The machine's id, which is empty in an image.</summary>
    internal const string MachineId = "/etc/machine-id";

    /// <summary>The folder of host keys.</summary>
    internal const string HostKeys = "/etc/ssh";

    /// <summary>How the names of host keys begin.</summary>
    internal const string HostKey = "ssh_host_";

    private const string Resolver = "/etc/resolv.conf";
    private const int ReadOnlyFile = 0x124; // 0444

    private static readonly string[] Emptied =
    [
        "/var/cache/apt/archives", "/var/cache/dnf", "/var/cache/eksnode", "/var/cache/yum", "/var/lib/apt/lists", "/var/lib/cloud/data", "/var/lib/cloud/instances", "/var/lib/cloud/sem",
        "/var/lib/dhclient", "/var/lib/dhcp", "/var/lib/yum/history", "/var/log/apt", "/var/log/audit", "/var/log/journal",
    ];

    /// <summary>What else would make all nodes the same machine. A link in the place of D-Bus's id leads to systemd's.</summary>
    internal static readonly string[] Identities = ["/var/lib/cloud/instance", "/var/lib/dbus/machine-id", "/var/lib/systemd/credential.secret", "/var/lib/systemd/random-seed"];

    private static readonly string[] Removed =
    [
        "/var/log/alternatives.log", "/var/log/auth.log",
        "/var/log/bootstrap.log", "/var/log/btmp", "/var/log/cloud-init-output.log", "/var/log/cloud-init.log", "/var/log/dpkg.log", "/var/log/hawkey.log",
        "/var/log/lastlog", "/var/log/messages", "/var/log/secure", "/var/log/syslog", "/var/log/wtmp",
    ];

    // A link there leads to what a service writes at every boot, and stays.
    private static readonly string[] RemovedFiles = ["/etc/hostname", Resolver];

    // Files of a folder by the beginning and the end of their names.
    private static readonly (string Folder, string Start, string End)[] Patterns =
    [
        (HostKeys, HostKey, ""),
        ("/var/cache/apt", "", ".bin"),
        ("/var/lib/dnf", "history", ""),
        ("/var/log", "dnf", ".log"),
    ];

    /// <summary>Cleans the image.</summary>
    /// <returns>The paths that were emptied or removed, sorted.</returns>
    /// <exception cref="Configuration.Text.DiagnosticException">Something cannot be removed.</exception>
    public IReadOnlyList<string> Run()
    {
        var cleaned = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var folder in Emptied)
        {
            if (!planned.Any(p => p.StartsWith(folder + "/", StringComparison.Ordinal)) && Empty(folder))
            {
                cleaned.Add(folder);
            }
        }

        var transaction = new FileTransaction(root);
        foreach (var path in Files().Where(f => !planned.Contains(f)))
        {
            transaction.Remove(path);
            cleaned.Add(path);
        }

        // An empty file: systemd makes a new identity at the first boot (machine-id(5)); without the file it could not on a read-only root.
        if (!planned.Contains(MachineId) && root.Status(MachineId) is { Size: > 0 })
        {
            transaction.Write(MachineId, ReadOnlyMemory<byte>.Empty, ReadOnlyFile);
            cleaned.Add(MachineId);
        }

        if (!transaction.IsEmpty)
        {
            transaction.Stage();
            transaction.Commit();
        }

        return [.. cleaned];
    }

    private IEnumerable<string> Files()
    {
        foreach (var path in Removed)
        {
            if (root.Status(path) is not null)
            {
                yield return path;
            }
        }

        foreach (var path in Identities)
        {
            if (IsIdentity(root, path))
            {
                yield return path;
            }
        }

        foreach (var path in RemovedFiles)
        {
            // The running machine asks its name servers until it ends: a build that is run again needs them.
            if (!(isMachine && path == Resolver) && root.Status(path) is { Kind: FileKind.File })
            {
                yield return path;
            }
        }

        foreach (var (folder, start, end) in Patterns)
        {
            foreach (var name in root.List(folder) ?? [])
            {
                if (name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal)
                    && root.Status($"{folder}/{name}") is { Kind: not FileKind.Directory })
                {
                    yield return $"{folder}/{name}";
                }
            }
        }

        if (isMachine)
        {
            foreach (var home in (root.List("/home") ?? []).Select(n => "/home/" + n).Prepend("/root"))
            {
                if (root.Status(home + "/.ssh/authorized_keys") is not null)
                {
                    yield return home + "/.ssh/authorized_keys";
                }
            }
        }
    }

    /// <summary>Whether something of <see cref="Identities"/> is there.</summary>
    internal static bool IsIdentity(HostRoot root, string path) => root.Status(path) is { } status && (status.Kind != FileKind.Symlink || !path.EndsWith("machine-id", StringComparison.Ordinal));

    private bool Empty(string folder)
    {
        if (root.Status(folder) is not { Kind: FileKind.Directory } || root.List(folder) is not { Count: > 0 } names)
        {
            return false;
        }

        using var directory = root.OpenOrNull(folder, Libc.ReadOnly | Libc.DirectoryOnly, follow: false, "clean");
        if (directory is null)
        {
            return false;
        }

        foreach (var name in names)
        {
            TreeRemoval.Remove(directory, Encoding.UTF8.GetBytes(name + '\0'), $"{folder}/{name}", root.Steps);
        }

        return true;
    }
}
