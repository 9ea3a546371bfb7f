using EksNode.Host.Engine;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Inventory;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>
/// Programs that were downloaded: there and executable, with the checksum that the lock has of each file, or that of the download where the download is the program,
/// and in the version that they tell when they are run, where they are for this machine's processor; and eksnode itself.
/// </summary>
internal sealed class ProgramCheck : ImageCheck
{
    private const int Executable = 0x49; // 0111
    private const int EverybodyRuns = 0x1ED; // 0755

    /// <inheritdoc/>
    public override string Name => "program";

    /// <inheritdoc/>
    public override async Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        var versions = new ProgramVersions(context.Root, context.Programs, context.Diagnostics);
        foreach (var resource in context.Resources)
        {
            if (resource is BinaryResource program)
            {
                findings.Add(OfFiles(program, context) ?? await OfVersionAsync(program, context, versions, cancellation).ConfigureAwait(false));
            }
            else if (resource is OwnProgramResource)
            {
                // Of whatever release: an image is validated by the eksnode that is there.
                findings.Add(OfFile(resource, resource.Path, sha256: null, context) ?? OfOwner(resource, context) ?? Good(resource.Id));
            }
        }
    }

    // Every boot runs it as root: nobody else may write it, and nobody gets root's rights by it.
    private CheckFinding? OfOwner(Resource program, CheckContext context)
    {
        var status = context.Root.Status(program.Path, followLink: true)!;
        var isOwned = !context.Root.RunsAsRoot || (status.User, status.Group) == (0u, 0u);
        return isOwned && status.Mode == EverybodyRuns ? null
            : Bad(program.Id, CheckStatus.Different, $"{program.Path} of root with mode {ObjectIdentity.FormatMode(EverybodyRuns)}", $"mode {ObjectIdentity.FormatMode(status.Mode)} of {status.User}:{status.Group}");
    }

    // Null: all files are what they should be.
    private CheckFinding? OfFiles(BinaryResource program, CheckContext context)
    {
        foreach (var file in program.Files)
        {
            if (file.Path.EndsWith('/'))
            {
                if (OfFolder(program, file.Path, context) is { } fault)
                {
                    return fault;
                }

                continue;
            }

            var sha256 = Find(context.Lock, file.Path) ?? (program.IsArchive ? null : program.Sha256);
            if (OfFile(program, file.Path, sha256, context) is { } finding)
            {
                return finding;
            }
        }

        return null;
    }

    // Every file of an archive: the lock names them; without one, that something is there is all that can be said.
    private CheckFinding? OfFolder(BinaryResource program, string folder, CheckContext context)
    {
        var isNamed = false;
        foreach (var file in context.Lock?.Files ?? [])
        {
            if (file.Path.StartsWith(folder, StringComparison.Ordinal))
            {
                isNamed = true;
                if (OfFile(program, file.Path, file.Sha256, context) is { } finding)
                {
                    return finding;
                }
            }
        }

        return isNamed || context.Root.List(folder) is { Count: > 0 } ? null : Bad(program.Id, CheckStatus.Missing, $"programs in {folder}", null);
    }

    private CheckFinding? OfFile(Resource program, string path, string? sha256, CheckContext context)
    {
        if (context.Root.Status(path, followLink: true) is not { Kind: FileKind.File } status)
        {
            return Bad(program.Id, CheckStatus.Missing, path, null);
        }

        if ((status.Mode & Executable) == 0)
        {
            return Bad(program.Id, CheckStatus.Different, $"{path} is executable", "mode " + ObjectIdentity.FormatMode(status.Mode));
        }

        var found = sha256 is null ? null : ObservedObject.At(context.Root, path).Identity.Sha256;
        return found == sha256 ? null : Bad(program.Id, CheckStatus.Different, $"{path} with sha256 {sha256}", found is null ? "a link" : "sha256 " + found);
    }

    private async Task<CheckFinding> OfVersionAsync(BinaryResource program, CheckContext context, ProgramVersions versions, CancellationToken cancellation)
    {
        var path = program.Files[0].Path;
        path = path.EndsWith('/') ? path + "loopback" : path; // of the CNI plugins, which have one version, the one that every image has
        if (program.Version is not { } version || context.Root.Status(path, followLink: true) is null)
        {
            return Good(program.Id);
        }

        if (ProgramProcessor.Of(context.Root, path) is { } processor && processor != ProgramProcessor.Own)
        {
            return Good(program.Id, $"it was not asked for its version: it is for {(processor == "another" ? "another processor" : processor)}");
        }

        var told = await versions.AskAsync(program.Name, path, cancellation).ConfigureAwait(false);
        return told == version.ToString() ? Good(program.Id) : Bad(program.Id, CheckStatus.Different, $"{path} says {version}", told is null ? "it tells no version" : "it says " + told);
    }

    private static string? Find(LockedImage? image, string path)
    {
        foreach (var file in image?.Files ?? [])
        {
            if (file.Path == path)
            {
                return file.Sha256;
            }
        }

        return null;
    }
}
