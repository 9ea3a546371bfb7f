using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;

namespace EksNode.Host.Disks;

/// <summary>A mount that eksnode made in this boot.</summary>
/// <param name="Unit">Its unit.</param>
/// <param name="Path">Where.</param>
/// <param name="What">What is mounted: a device, or a directory of another mount.</param>
/// <param name="IsBind">Whether it is a directory of another mount.</param>
public sealed record OwnMount(string Unit, string Path, string What, bool IsBind);

/// <summary>
/// Unmounts what eksnode mounted in this boot and takes its units away. What is on the disks stays: file systems, arrays, and every file.
/// The mounts are found by their unit files, so that a reset that was killed goes on.
/// </summary>
/// <param name="root">The machine.</param>
/// <param name="folder">Where the units are.</param>
public sealed class MountReset(HostRoot root, string folder = MountUnits.Folder)
{
    /// <summary>The mounts, in the order in which they can be unmounted: directories of a mount before the mount.</summary>
    public ImmutableArray<OwnMount> Find()
    {
        var mounts = new List<OwnMount>();
        foreach (var name in root.List(folder) ?? [])
        {
            if (name.EndsWith(".mount", StringComparison.Ordinal) && OwnText($"{folder}/{name}") is { } text)
            {
                mounts.Add(new OwnMount(name, Setting(text, "Where="), Setting(text, "What="), Setting(text, "Type=") == "none"));
            }
        }

        return
        [
            .. new Ordered<OwnMount>(
                mounts, static (a, b) => a.IsBind != b.IsBind ? (a.IsBind ? -1 : 1) : b.Path.Length.CompareTo(a.Path.Length)),
        ];
    }

    /// <summary>Unmounts everything, then removes the units and the drop-ins that made services wait for them.</summary>
    /// <param name="mounts">What <see cref="Find"/> found.</param>
    /// <param name="systemd">The service manager; it reads its files again at the end.</param>
    /// <param name="log">Where each step is told.</param>
    /// <param name="clock">The clock of the deadlines.</param>
    /// <param name="cancellation">Ends it; the next reset goes on.</param>
    /// <exception cref="DiagnosticException">Something cannot be unmounted: then no unit is removed.</exception>
    public async Task RunAsync(
        ImmutableArray<OwnMount> mounts, IServiceManager systemd, ILog log, TimeProvider clock, CancellationToken cancellation)
    {
        foreach (var mount in mounts)
        {
            if (MountTable.Read(root).At(mount.Path) is null)
            {
                continue;
            }

            log.Write(LogLevel.Info, "unmounting", ("path", mount.Path));
            root.Steps?.Before("unmount", mount.Path);
            var result = await BoundedStop.StopAsync(systemd, mount.Unit, clock, cancellation).ConfigureAwait(false);
            if (MountTable.Read(root).At(mount.Path) is not null)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ResetNotUnmounted,
                    $"{mount.What} stays mounted at {mount.Path}: the job of {mount.Unit} ended with {result}. No file was undone.",
                    $"End what uses it (`fuser -vm {mount.Path}`; containers that still run do), and reset again; or reboot without starting the node, which mounts nothing.",
                    path: mount.Path);
            }
        }

        if (RemoveUnits(mounts))
        {
            await systemd.ReloadAsync(cancellation).ConfigureAwait(false);
        }
    }

    private bool RemoveUnits(ImmutableArray<OwnMount> mounts)
    {
        var transaction = new FileTransaction(root);
        // The drop-ins first: with a mount's unit gone, they would still ask for it.
        foreach (var name in root.List(folder) ?? [])
        {
            var dropIn = $"{folder}/{name}/{MountUnits.DropIn}";
            if (name.EndsWith(".d", StringComparison.Ordinal) && OwnText(dropIn) is not null)
            {
                transaction.Remove(dropIn);
                transaction.RemoveDirectoryIfEmpty($"{folder}/{name}");
            }
        }

        foreach (var mount in mounts)
        {
            transaction.Remove($"{folder}/{mount.Unit}");
        }

        if (transaction.IsEmpty)
        {
            return false;
        }

        transaction.Stage();
        transaction.Commit();
        return true;
    }

    private string? OwnText(string path) =>
        root.Status(path) is { Kind: FileKind.File } && root.ReadFile(path) is { } bytes
            && Encoding.UTF8.GetString(bytes) is var text && text.StartsWith(MountUnits.Header, StringComparison.Ordinal)
            ? text
            : null;

    private static string Setting(string text, string name)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return line[name.Length..].Replace("%%", "%", StringComparison.Ordinal);
            }
        }

        return "";
    }
}
