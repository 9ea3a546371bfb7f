using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode;

/// <summary>Reads the files that a configuration names, inside the root of the node.</summary>
/// <param name="root">The root.</param>
/// <param name="diagnostics">Where to report, at the setting that names the file.</param>
/// <param name="refuseWritable">Whether a file that others than root can write is refused: by join on <c>/</c>.</param>
internal sealed class ReferencedFileReader(HostRoot root, DiagnosticBag diagnostics, bool refuseWritable)
{
    /// <summary>Reads them; what cannot be read is reported and left out.</summary>
    /// <param name="references">What the configuration names.</param>
    public ImmutableArray<ReferencedContent> Read(ImmutableArray<FileReference> references)
    {
        var contents = new List<ReferencedContent>();
        foreach (var reference in references)
        {
            var files = new List<SourceContent>();
            var path = reference.Path.Value;
            try
            {
                if (reference.FolderOf is { } suffix)
                {
                    ReadFolder(reference, path, suffix, files);
                }
                else
                {
                    Add(reference, path, files);
                }
            }
            catch (DiagnosticException failure)
            {
                Unreadable(reference, path, failure.Message.TrimEnd('.'));
            }

            contents.Add(new ReferencedContent { Reference = reference, Files = files.ToImmutable() });
        }

        return contents.ToImmutable();
    }

    private void ReadFolder(FileReference reference, string folder, string suffix, List<SourceContent> files)
    {
        if (root.Status(folder, followLink: true) is { Kind: FileKind.File })
        {
            Unreadable(reference, folder, "it is a file, and the setting names a folder");
            return;
        }

        if (root.List(folder) is not { } names)
        {
            Unreadable(reference, folder, "it does not exist");
            return;
        }

        // Whoever can write the folder can put a file into it.
        if (Refused(reference, folder, root.Status(folder, followLink: true)))
        {
            return;
        }

        foreach (var name in names)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                Add(reference, $"{folder}/{name}", files);
            }
        }
    }

    private void Add(FileReference reference, string path, List<SourceContent> files)
    {
        var status = root.Status(path, followLink: true);
        if (status is not { Kind: FileKind.File })
        {
            Unreadable(reference, path, status is null ? "it does not exist" : status.Kind == FileKind.Directory ? "it is a folder" : "it is no regular file");
        }
        else if (!Refused(reference, path, status))
        {
            if (root.ReadFile(path, BoundedInput.Largest) is { } bytes)
            {
                files.Add(new SourceContent(path, bytes, IsUserData: false));
            }
            else
            {
                Unreadable(reference, path, "it went away while it was read");
            }
        }
    }

    private bool Refused(FileReference reference, string path, FileStatus? status)
    {
        if (!refuseWritable)
        {
            return false;
        }

        // Who can write a folder on the way can put another file there.
        var open = status is { WritableByOthersThanRoot: true } ? path : root.OpenToOthers(path);
        if (open is null)
        {
            return false;
        }

        // `the folder /a b`: the words before it have no slash.
        var what = open[open.IndexOf('/', StringComparison.Ordinal)..];
        diagnostics.Report(
            DiagnosticCatalogue.SourceWritable,
            open == path ? $"`{reference.Setting}` names `{path}`, which can be written by others than root."
                : $"`{reference.Setting}` names `{path}`, and others than root can change {open}.",
            $"Take the permission away: `chmod go-w {what}`, and `chown root:root {what}` if it is not root's.",
            reference.Path.Origin,
            reference.Setting);
        return true;
    }

    private void Unreadable(FileReference reference, string path, string why) => diagnostics.Report(
        DiagnosticCatalogue.ReferencedFileUnreadable,
        $"`{reference.Setting}` names `{path}`, which cannot be read: {why}.",
        root.Path == "/" ? "Correct the path, or put the file into the image." : $"Correct the path, or put the file there: it is looked for below {root.Path}.",
        reference.Path.Origin,
        reference.Setting);
}
