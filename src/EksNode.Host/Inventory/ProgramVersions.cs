using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Processes;

namespace EksNode.Host.Inventory;

/// <summary>
/// The versions of the programs in <c>data/program-versions.tsv</c>: from the image manifest as long as size and time of the file are those that it names, else from the
/// program, which is asked. What programs told before is used; nothing is kept.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs programs.</param>
/// <param name="diagnostics">Where to report.</param>
public sealed class ProgramVersions(HostRoot root, ProgramRunner programs, DiagnosticBag diagnostics)
{
    private readonly ProgramAsker asker = new(root, programs, diagnostics);

    /// <summary>Every program that is there, and every component of the manifest that is none of the table, by name.</summary>
    /// <param name="manifest">The image manifest; null: there is none.</param>
    /// <param name="cancellation">Kills the programs.</param>
    public async Task<List<NodeComponent>> ReadAsync(ImageManifest? manifest, CancellationToken cancellation)
    {
        var found = new List<NodeComponent>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in EmbeddedTable.Rows(typeof(ProgramVersions).Assembly, "program-versions.tsv"))
        {
            known.Add(row[0]);
            var baked = manifest?.Components.GetValueOrDefault(row[0]);
            foreach (var path in baked?.Path is { } told ? [told] : row[1].Split(' '))
            {
                if (root.Status(path, followLink: true) is { Kind: FileKind.File } status)
                {
                    found.Add(await OfAsync(row[0], path, status, row[2], baked, cancellation).ConfigureAwait(false));
                    break;
                }
            }
        }

        if (manifest is not null)
        {
            foreach (var (name, baked) in manifest.Components)
            {
                if (!known.Contains(name))
                {
                    found.Add(new NodeComponent { Kind = ComponentKind.Program, Name = name, Version = baked.Version, Path = baked.Path, Source = "manifest" });
                }
            }
        }

        found.OrderInPlace(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    /// <summary>The version that a program tells; null: none, which was reported.</summary>
    /// <param name="name">The name of the component.</param>
    /// <param name="path">Its path.</param>
    /// <param name="cancellation">Kills the program.</param>
    public async Task<string?> AskAsync(string name, string path, CancellationToken cancellation)
    {
        foreach (var row in EmbeddedTable.Rows(typeof(ProgramVersions).Assembly, "program-versions.tsv"))
        {
            if (row[0] == name && root.Status(path, followLink: true) is { Kind: FileKind.File } status)
            {
                return await AskAsync(name, path, status, row[2], cancellation).ConfigureAwait(false);
            }
        }

        return null;
    }

    private async Task<NodeComponent> OfAsync(string name, string path, FileStatus status, string argument, ImageComponent? baked, CancellationToken cancellation)
    {
        var isBaked = baked is not null
            && (baked.Size is null || baked.Size == status.Size)
            && (baked.Modified is not { } time || time.IsTimeOf(status.Modified));
        return new NodeComponent
        {
            Kind = ComponentKind.Program,
            Name = name,
            Version = isBaked ? baked!.Version : await AskAsync(name, path, status, argument, cancellation).ConfigureAwait(false),
            Path = path,
            Source = isBaked ? "manifest" : "program",
        };
    }

    private async Task<string?> AskAsync(string name, string path, FileStatus status, string argument, CancellationToken cancellation)
    {
        if (ProgramProcessor.Of(root, path) is { } processor && processor != ProgramProcessor.Own)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ProgramOfOtherProcessor,
                $"{path} is for {(processor == "another" ? "another processor" : processor)}, so that it cannot be asked for its version here.",
                $"Run it on such a machine; an image that eksnode built names its versions in {ImageManifest.Path}.",
                path: path);
            return null;
        }

        var answer = await asker.AskAsync(path, status, argument, $"Look whether it is the {name} for this machine.", cancellation).ConfigureAwait(false);
        return answer.Version;
    }
}
