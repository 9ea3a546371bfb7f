using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Imaging;

/// <summary>A file that an ImageConfig was read from: its document, or what a document names.</summary>
/// <param name="path">Its path, as it was opened.</param>
/// <param name="name">What a document calls it; null: it is the document that the user named.</param>
/// <param name="bytes">What it holds.</param>
internal sealed class ImagePart(string path, Sourced<string>? name, byte[] bytes)
{
    /// <summary>Its path, as it was opened; <c>-</c> without a name is standard input.</summary>
    public string Path => path;

    /// <summary>What a document calls it; null: it is the document that the user named.</summary>
    public Sourced<string>? Name => name;

    /// <summary>What it holds.</summary>
    public byte[] Bytes => bytes;
}

/// <summary>An ImageConfig with everything that its documents name.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Files">The content of the files of <c>spec.files</c> that have a <c>source</c>, by path in the image.</param>
/// <param name="Parts">Every file that it was read from, the document itself first.</param>
internal sealed record LoadedImageConfig(
    ImageConfig Config, SortedMap<ImmutableArray<byte>> Files, ImmutableArray<ImagePart> Parts);

/// <summary>Reads an ImageConfig from a file, with the documents that it includes and the files that it names.</summary>
/// <param name="io">The process.</param>
/// <param name="diagnostics">Where to report.</param>
/// <param name="seen">Told each document as it was read, for who shows lines of it; null: nobody does.</param>
internal sealed class ImageConfigLoader(CommandIo io, DiagnosticBag diagnostics, Action<SourceContent>? seen = null)
{
    private readonly BoundedInput input = new(io);
    private readonly List<ImagePart> parts = [];

    /// <summary>The ImageConfig without what could not be read, each with an error; null when the document itself could not be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">What is laid over it: the options of the command line.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="known">What the file holds, where somebody has read it already.</param>
    public async Task<LoadedImageConfig?> LoadAsync(string path, TreeMap? overrides, CancellationToken cancellation, byte[]? known = null)
    {
        if (await DocumentAsync(path, null, [], known, cancellation) is not { } document)
        {
            return null;
        }

        // What is wrong of one part hides nothing of the others: whoever plans looks at the diagnostics, too.
        var config = ImageConfigReader.Read(TreeMerge.MergeOptional(document, overrides)!, diagnostics);
        var files = SortedMap.Empty<ImmutableArray<byte>>();
        foreach (var (target, settings) in config.Files)
        {
            if (settings.Source is { } source && await BytesAsync(Beside(source.Origin.Source, source.Value), source, $"spec.files[\"{target}\"].source", cancellation) is { } bytes)
            {
                files = files.Add(target, [.. bytes]);
            }
        }

        return new LoadedImageConfig(config, files, [.. parts]);
    }

    // A document over those that it includes; those that are being read are named, so that none includes itself.
    private async Task<TreeMap?> DocumentAsync(string path, Sourced<string>? name, ImmutableArray<string> open, byte[]? known, CancellationToken cancellation)
    {
        var full = Path.GetFullPath(path);
        if (open.Contains(full) || open.Length > ImageIncludes.Deepest)
        {
            diagnostics.Report(
                DiagnosticCatalogue.BadInclude,
                open.Contains(full) ? $"`{path}` includes itself." : $"`{path}` is included too deep: more than {ImageIncludes.Deepest} documents include each other.",
                "Move what both need into a document of its own.",
                name?.Origin,
                ImageIncludes.Key);
            return null;
        }

        if (await BytesAsync(path, name, ImageIncludes.Key, cancellation, known) is not { } bytes || One(path, bytes) is not { } document)
        {
            return null;
        }

        var lower = new List<TreeMap>();
        foreach (var below in ImageIncludes.Of(document, diagnostics))
        {
            if (await DocumentAsync(Beside(path, below.Value), below, [.. open, full], null, cancellation) is { } included)
            {
                lower.Add(included);
            }
        }

        return ImageIncludes.Merge(lower, document);
    }

    private TreeMap? One(string path, byte[] bytes)
    {
        var content = new SourceContent(path, bytes, IsUserData: false);
        seen?.Invoke(content);
        var bag = new DiagnosticBag();
        var read = SourceReader.Read(content, bag);
        foreach (var item in read.Finding is SourceFinding.Empty or SourceFinding.ForCloudInit ? [] : bag.Items)
        {
            // That there is nothing is said below; here the document is known to be one of an image.
            diagnostics.Add(item.Code != DiagnosticCatalogue.MissingTypeMeta.Code ? item : item with
            {
                Help = item.Help
                    .Replace(ApiGroups.NodeEksV1Alpha1, ApiGroups.EksNodeV1Alpha1, StringComparison.Ordinal)
                    .Replace(ApiGroups.NodeConfig, ApiGroups.ImageConfig, StringComparison.Ordinal),
            });
        }

        if (bag.HasErrors)
        {
            return null;
        }

        var images = read.Documents.Where(d => d is { ApiVersion: ApiGroups.EksNodeV1Alpha1, Kind: ApiGroups.ImageConfig }).ToList();
        if (images.Count == 1 && read.Documents.Length == 1)
        {
            return images[0].Document;
        }

        var other = read.Documents.FirstOrDefault(d => d.Kind != ApiGroups.ImageConfig || d.ApiVersion != ApiGroups.EksNodeV1Alpha1);
        diagnostics.Report(
            DiagnosticCatalogue.NoImageConfig,
            other is not null ? $"The document of kind `{other.Kind}` (`{other.ApiVersion}`) is no {ApiGroups.ImageConfig} of `{ApiGroups.EksNodeV1Alpha1}`."
                : images.Count == 0 ? $"`{path}` holds no {ApiGroups.ImageConfig}."
                : $"`{path}` holds {images.Count} documents, and an image has one.",
            other is { Kind: ApiGroups.NodeConfig } ? $"Put its `spec` under `spec.node` of an {ApiGroups.ImageConfig}."
                : images.Count > 1 ? $"Put each into a file of its own; one may name others under `{ImageIncludes.Key}`."
                : $"Begin it with `apiVersion: {ApiGroups.EksNodeV1Alpha1}` and `kind: {ApiGroups.ImageConfig}`.",
            other?.Document["kind"]?.Origin ?? Origin.At(path, 0, 0));
        return null;
    }

    private async Task<byte[]?> BytesAsync(string path, Sourced<string>? name, string setting, CancellationToken cancellation, byte[]? known = null)
    {
        var from = name?.Origin;
        var read = known is not null ? new InputResult(known, "")
            : path == "-" && from is null ? await input.ReadStandardInputAsync(cancellation)
            : await input.ReadFileAsync(path, cancellation);
        if (read.Bytes is null)
        {
            diagnostics.Report(
                from is null ? DiagnosticCatalogue.SourceUnreadable : DiagnosticCatalogue.BadInclude,
                $"`{path}` cannot be read: {read.Problem}.",
                from is null ? "Check the path, which counts from the working directory, and its permissions." : "Check the path: it counts from the folder of the document that names it.",
                from,
                from is null ? null : setting);
        }
        else
        {
            parts.Add(new ImagePart(path, name, read.Bytes));
        }

        return read.Bytes;
    }

    private static string Beside(string document, string name) =>
        Path.IsPathRooted(name) ? name : Path.Join(Path.GetDirectoryName(document) is { Length: > 0 } folder ? folder : ".", name);
}
