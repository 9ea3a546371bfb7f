using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;

namespace EksNode.Host.Disks;

/// <summary>The four programs that disks need: mdadm, mkfs.xfs, mkfs.ext4 and blkid.</summary>
/// <param name="root">The machine, for where they are.</param>
/// <param name="runner">Runs them.</param>
/// <param name="log">Where each call is told.</param>
/// <param name="folders">Where they are looked for; the usual folders unless told otherwise.</param>
internal sealed class DiskPrograms(HostRoot root, ProgramRunner runner, ILog log, ImmutableArray<string>? folders = null)
{
    private static readonly ImmutableArray<string> Usual = ["/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin"];

    // A file system on many terabytes takes seconds, as nothing is discarded; a disk that hangs takes for ever.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Runs one of them.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="DiagnosticException">It is not installed.</exception>
    public async Task<ProgramResult> TryAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var call = new ProgramCall(Find(program), arguments, Deadline);
        var result = await runner.RunAsync(call, cancellation).ConfigureAwait(false);
        log.Write(LogLevel.Debug, "ran a program for disks", ("command", call.ToString()), ("result", result.Describe()));
        return result;
    }

    /// <summary>Runs one of them, which must end well.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="what">What it is for, as the beginning of a sentence: <c>Making xfs on /dev/nvme1n1</c>.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="DiagnosticException">It is not installed, or failed.</exception>
    public async Task<ProgramResult> RunAsync(string program, ImmutableArray<string> arguments, string what, CancellationToken cancellation)
    {
        var result = await TryAsync(program, arguments, cancellation).ConfigureAwait(false);
        return result.Succeeded ? result : throw Failed(program, what, result);
    }

    /// <summary>The failure of a program.</summary>
    public static DiagnosticException Failed(string program, string what, ProgramResult result) => new(
        DiagnosticCatalogue.DiskProgramFailed,
        $"{what} failed: {program} {result.Describe()}.",
        "See the kernel log (`dmesg`) for trouble with the disk, then run again: it goes on from what is there.");

    private string Find(string program) =>
        (folders ?? Usual).Select(f => ProgramLocation.Find(root, $"{f}/{program}")).FirstOrDefault(p => p is not null)
        ?? throw new DiagnosticException(
            DiagnosticCatalogue.DiskProgramMissing,
            $"The program {program} is not installed, and the configuration asks for disks that need it.",
            program == "mdadm" ? "Install the package mdadm in the image." : program == "blkid" ? "Install util-linux in the image." : "Install xfsprogs and e2fsprogs in the image.");
}
