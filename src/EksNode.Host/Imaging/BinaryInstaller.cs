using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging;

/// <summary>
/// Puts programs from downloads into a root, all of a download or none: nothing is in place before the whole download was read and has the checksum
/// that it must have. A killed run leaves what was there before, or the new files, and the next one removes its temporary files. The
/// caller holds the lock of the root.
/// </summary>
/// <param name="root">The root.</param>
public sealed class BinaryInstaller(HostRoot root)
{
    internal const int ProgramMode = 0x1ED; // 0755

    /// <summary>Whether everything of a download is in place as an earlier run left it: content, kind, mode and owner of each file.</summary>
    /// <param name="resource">What the plan wants.</param>
    /// <param name="record">What that run said.</param>
    /// <param name="cancellation">Ends it: the files are read whole.</param>
    public bool IsInstalled(BinaryResource resource, InstalledBinary record, CancellationToken cancellation)
    {
        if (record.Sha256 != resource.Sha256 || record.Files.IsEmpty || !HasAll(resource, record))
        {
            return false;
        }

        foreach (var file in record.Files)
        {
            if (!IsInPlace(root, file, cancellation))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Installs the programs of a download.</summary>
    /// <param name="resource">What the plan wants.</param>
    /// <param name="download">The downloaded file, on this machine.</param>
    /// <param name="cancellation">Ends it, with nothing installed.</param>
    /// <exception cref="DiagnosticException">
    /// The file is not what it must be, is no archive or lacks a program, or the root cannot be written. Nothing was installed.
    /// </exception>
    public InstalledBinary Install(BinaryResource resource, string download, CancellationToken cancellation)
    {
        if (resource.Sha256 is not { } expected)
        {
            throw new DiagnosticException(new Diagnostic(
                DiagnosticCatalogue.ChecksumUnknown.Code,
                Severity.Error,
                $"{resource.Name} has no checksum, and what was not verified is not installed.",
                $"Write the publisher's own under `spec.components.{resource.Name}.sha256`."));
        }

        using var file = HashedFile.Open(download);
        var transaction = new FileTransaction(root);
        var unpacking = new Unpacking(root, resource, transaction);
        try
        {
            if (resource.IsArchive)
            {
                unpacking.TakeArchive(file, cancellation);
            }
            else
            {
                unpacking.TakeProgram(file, cancellation);
            }

            if (file.Finish(cancellation) is var actual && actual != expected)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ChecksumMismatch,
                    $"{download} is not {resource.Name} any more: its SHA-256 is {actual} and must be {expected}.",
                    "Look who changes files in this folder, remove the file and run again.",
                    path: download);
            }

            unpacking.CheckMembers();
            transaction.Stage();
            transaction.Commit();
        }
        catch (Exception e) when (e is DiagnosticException or OperationCanceledException)
        {
            transaction.GiveUp();
            throw;
        }

        return new InstalledBinary { Name = resource.Name, Url = resource.Url, Sha256 = expected, Files = WithTimes(unpacking.Installed) };
    }

    private static bool HasAll(BinaryResource resource, InstalledBinary record)
    {
        foreach (var wanted in resource.Files)
        {
            if (!record.Files.Any(f => Unpacking.PathOf(wanted, f.Member) == f.Path))
            {
                return false;
            }
        }

        return record.Files.All(f => resource.Files.Any(wanted => Unpacking.PathOf(wanted, f.Member) == f.Path));
    }

    /// <summary>Whether a program is as it was installed: content, kind, mode and owner.</summary>
    internal static bool IsInPlace(HostRoot root, InstalledProgram program, CancellationToken cancellation)
    {
        if (root.Status(program.Path) is not { Kind: FileKind.File, Mode: ProgramMode } status || status.Size != program.Size
            || (root.RunsAsRoot && (status.User != 0 || status.Group != 0)))
        {
            return false;
        }

        var place = root.OpenOrNull(program.Path, Libc.ReadOnly | Libc.NonBlocking, follow: false, "read");
        if (place is null)
        {
            return false;
        }

        using var file = HashedFile.Of(place, program.Path);
        return file.Finish(cancellation) == program.Sha256;
    }

    private ImmutableArray<InstalledProgram> WithTimes(List<InstalledProgram> installed)
    {
        installed.OrderInPlace(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        var programs = new List<InstalledProgram>(installed.Count);
        foreach (var program in installed)
        {
            var status = root.Status(program.Path) ?? throw Errno.Failure(Errno.NoEntry, "look at", program.Path);
            programs.Add(new InstalledProgram
            {
                Member = program.Member,
                Path = program.Path,
                Size = program.Size,
                Sha256 = program.Sha256,
                Modified = status.Modified,
            });
        }

        return programs.ToImmutable();
    }
}
