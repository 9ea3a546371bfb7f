using System.IO.Compression;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging;

/// <summary>Takes the files of one download into a transaction.</summary>
internal sealed class Unpacking(HostRoot root, BinaryResource resource, FileTransaction transaction)
{
    private const string EveryMember = "*";
    private const int BufferSize = 64 * 1024;

    // An archive of Kubernetes' size has a few hundred entries; a message has room for these.
    private const int MostNamed = 20;

    private readonly HashSet<string> swept = new(StringComparer.Ordinal);
    private readonly HashSet<string> paths = new(StringComparer.Ordinal);
    private readonly List<string> present = [];

    /// <summary>What is in the transaction, without times.</summary>
    public List<InstalledProgram> Installed { get; } = [];

    /// <summary>Where a member of an archive is installed; null: the plan does not want it there.</summary>
    /// <param name="wanted">What the plan says.</param>
    /// <param name="member">The name in the archive.</param>
    public static string? PathOf(InstalledFile wanted, string member) =>
        wanted.Member == EveryMember ? wanted.Path + member
        : (wanted.Member.StartsWith("./", StringComparison.Ordinal) ? wanted.Member[2..] : wanted.Member) == member ? wanted.Path
        : null;

    /// <summary>Takes a download that is the program itself.</summary>
    public void TakeProgram(Stream program, CancellationToken cancellation) =>
        Take(resource.Files[0].Member, resource.Files[0].Path, program.Read, cancellation);

    /// <summary>Takes what the plan wants out of a tar.gz archive.</summary>
    /// <exception cref="DiagnosticException">It is damaged, or holds what no archive of programs holds.</exception>
    public void TakeArchive(Stream archive, CancellationToken cancellation)
    {
        try
        {
            using var content = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
            var reader = new TarReader(content);
            while (reader.Next() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                if (PathOf(entry) is { } path)
                {
                    Take(entry.Name, path, reader.Read, cancellation);
                }
            }

            // What follows the end of the archive has a checksum as well: the compressed form is whole only then.
            var rest = new byte[BufferSize];
            while (content.Read(rest) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (InvalidDataException e)
        {
            // Ours are clauses; one of the decompressor is a sentence.
            throw Unusable(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Whether everything that the plan wants was in the archive.</summary>
    /// <exception cref="DiagnosticException">Something was not; it names what there is.</exception>
    public void CheckMembers()
    {
        foreach (var wanted in resource.Files)
        {
            if (!Installed.Any(i => PathOf(wanted, i.Member) == i.Path))
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ArchiveMemberMissing,
                    wanted.Member == EveryMember
                        ? $"The archive of {resource.Name} has no files."
                        : $"The archive of {resource.Name} has no file {wanted.Member}. It has {Present()}.",
                    "See whether this is the archive for Linux and this architecture, and whether its layout changed with this version.",
                    path: wanted.Path);
            }
        }
    }

    private string? PathOf(TarEntry entry)
    {
        if (entry.Kind == TarKind.File)
        {
            present.Add(entry.Name);
        }

        foreach (var wanted in resource.Files)
        {
            if (entry.Kind != TarKind.Directory && PathOf(wanted, entry.Name) is { } path)
            {
                return !entry.StaysBelow ? throw Unusable($"its entry {entry.Name} leads out of the folder that it is unpacked in")
                    : entry.Kind == TarKind.Link ? throw Unusable($"its entry {entry.Name} is a link, and not the file itself")
                    : entry.Kind == TarKind.Special ? throw Unusable($"its entry {entry.Name} is neither a file nor a folder")
                    : paths.Add(path) ? path
                    : throw Unusable($"it has two entries {entry.Name}");
            }
        }

        return null;
    }

    private void Take(string member, string path, ReadPiece read, CancellationToken cancellation)
    {
        SweepAbove(path);
        transaction.Begin(path, BinaryInstaller.ProgramMode);
        var hash = new Sha256();
        var buffer = new byte[BufferSize];
        long size = 0;
        int count;
        while ((count = read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Add(buffer.AsSpan(0, count));
            transaction.Append(buffer.AsSpan(0, count));
            size += count;
        }

        transaction.End();
        Installed.Add(new InstalledProgram { Member = member, Path = path, Size = size, Sha256 = hash.FinishHex(), Modified = 0 });
    }

    // A temporary file is beside its target, or in the nearest folder above it that was there. Ours only come where this was before.
    private void SweepAbove(string path)
    {
        for (var end = path.LastIndexOf('/'); end >= 0; end = end == 0 ? -1 : path.LastIndexOf('/', end - 1))
        {
            var directory = path[..Math.Max(1, end)];
            if (swept.Add(directory))
            {
                TemporaryFiles.Sweep(root, directory);
            }
        }
    }

    private string Present()
    {
        var names = string.Join(", ", present.Take(MostNamed));
        return present.Count == 0 ? "no files" : present.Count > MostNamed ? names + ", …" : names;
    }

    private DiagnosticException Unusable(string why) => new(
        DiagnosticCatalogue.ArchiveUnusable,
        $"The archive of {resource.Name} cannot be used: {why}.",
        "Name an archive of the publisher, or one that holds the programs as plain files; nothing of this one was installed.");

    private delegate int ReadPiece(Span<byte> buffer);
}
