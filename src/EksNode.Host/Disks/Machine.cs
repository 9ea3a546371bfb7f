using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;

namespace EksNode.Host.Disks;

/// <summary>What everything about disks needs of the machine.</summary>
internal sealed class Machine
{
    private readonly DiskInventory inventory;
    private readonly SignatureProbe probe;

    public Machine(HostRoot root, ProgramRunner runner, ILog log, TimeProvider clock, ImmutableArray<string>? programFolders)
    {
        (Root, Log, Clock) = (root, log, clock);
        Programs = new DiskPrograms(root, runner, log, programFolders);
        inventory = new DiskInventory(root);
        probe = new SignatureProbe(root, Programs);
    }

    public HostRoot Root { get; }

    public ILog Log { get; }

    public TimeProvider Clock { get; }

    public DiskPrograms Programs { get; }

    /// <summary>All block devices now.</summary>
    public ImmutableArray<Disk> Disks() => inventory.Read();

    /// <summary>The kernel's name of what a path leads to; null when nothing is there.</summary>
    public string? NameOf(string path) => inventory.NameOf(path);

    /// <summary>What is on a device.</summary>
    public Task<Signature> ProbeAsync(Disk disk, CancellationToken cancellation) => probe.ReadAsync(disk, cancellation);

    /// <summary>What is mounted now.</summary>
    public MountTable Mounts() => MountTable.Read(Root);

    /// <summary>The error of a device that carries something which eksnode never formats.</summary>
    /// <param name="disk">The device.</param>
    /// <param name="signature">What is on it.</param>
    /// <param name="wanted">What it is wanted for: <c>the array kubernetes</c>.</param>
    public static DiagnosticException Foreign(Disk disk, Signature signature, string wanted) => new(
        DiagnosticCatalogue.DiskForeign,
        $"{disk.Path} carries {signature.Describe()}, and is wanted for {wanted}: eksnode formats only blank disks.",
        $"If nothing on it is needed, clear it (`wipefs -a {disk.Path}`) and run again; else name another disk.",
        path: disk.Path);

    /// <summary>Makes sure that nobody uses a device that is about to be written.</summary>
    /// <exception cref="DiagnosticException">It is mounted, part of something else, or read-only.</exception>
    public void Unused(Disk disk, MountTable mounts, string wanted)
    {
        var why = mounts.Of(disk).FirstOrDefault() is { } mount ? $"is mounted at {mount.Path}"
            : !disk.Holders.IsEmpty ? $"is part of {string.Join(", ", disk.Holders)}"
            : disk.ReadOnly ? "is read-only"
            : null;
        if (why is not null)
        {
            throw InUse(disk, why, wanted);
        }

        // The kernel refuses this to a second user of a device: whatever the tables above do not show.
        using var device = Root.Resolver.Open(disk.Path, Libc.ReadOnly | Libc.Exclusive, true, out var error);
        if (error == Errno.Busy)
        {
            throw InUse(disk, "is in use", wanted);
        }

        if (device is null)
        {
            throw Errno.Failure(error, "open", disk.Path);
        }
    }

    /// <summary>The error of a device that somebody uses.</summary>
    public static DiagnosticException InUse(Disk disk, string why, string wanted) => new(
        DiagnosticCatalogue.DiskInUse,
        $"{disk.Path} {why}, and is wanted for {wanted}.",
        "Unmount it or take it out of what uses it, in the image or in user data, or name another disk.",
        path: disk.Path);
}
