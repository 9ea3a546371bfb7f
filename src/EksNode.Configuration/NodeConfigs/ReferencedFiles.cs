using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>A file or a folder that a setting names.</summary>
public sealed class FileReference
{
    /// <summary>The setting, dotted: <c>spec.kubelet.configFile</c>.</summary>
    public required string Setting { get; init; }

    /// <summary>The absolute path, inside the root of the node, and the place of the setting.</summary>
    public required Sourced<string> Path { get; init; }

    /// <summary>
    /// For a folder, what the names of the files that count end in: <c>.toml</c>; they come in ordinal order. Null: the path is a file.
    /// </summary>
    public string? FolderOf { get; init; }
}

/// <summary>The files that a configuration names, read.</summary>
public sealed class ReferencedContent
{
    /// <summary>What named them.</summary>
    public required FileReference Reference { get; init; }

    /// <summary>Their paths and bytes, in the order in which they count: one of a file, any number of a folder.</summary>
    public required ImmutableArray<SourceContent> Files { get; init; }
}

/// <summary>
/// The files that a configuration names beside its own text: which they are, and how their content becomes part of it. Who calls reads
/// them, inside the root, after all sources are merged and before anything is planned.
/// </summary>
public static class ReferencedFiles
{
    private const string KubeletFile = "spec.kubelet.configFile";
    private const string ContainerdFile = "spec.containerd.configFile";
    private const string ContainerdDropIns = "spec.containerd.dropIns";
    private const string Trust = "spec.trust.certificateAuthorities.";

    /// <summary>What the configuration names, in the order in which it counts.</summary>
    /// <param name="config">The merged configuration.</param>
    public static ImmutableArray<FileReference> Of(NodeConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var references = new List<FileReference>();
        Add(KubeletFile, config.Kubelet.ConfigFile, null);
        Add(ContainerdFile, config.Containerd.ConfigFile, null);
        Add(ContainerdDropIns, config.Containerd.DropIns, ".toml");
        foreach (var authority in config.Trust?.Value ?? [])
        {
            Add(Trust + authority.Name.Value, authority.File, null);
        }

        return references.ToImmutable();

        void Add(string setting, Sourced<string>? path, string? folderOf)
        {
            if (path is not null)
            {
                references.Add(new FileReference { Setting = setting, Path = path, FolderOf = folderOf });
            }
        }
    }

    /// <summary>
    /// The configuration with the content of its files. Every value of a file has the file and its line as its origin; what is wrong with a
    /// file is reported there.
    /// </summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="contents">What <see cref="Of"/> named and could be read.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static NodeConfig Enter(NodeConfig config, IEnumerable<ReferencedContent> contents, DiagnosticBag diagnostics)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(contents);
        foreach (var content in contents)
        {
            foreach (var file in content.Files)
            {
                config = With(config, content.Reference, file, diagnostics);
            }
        }

        return config;
    }

    /// <summary>The content of the files for the kubelet and containerd as configurations of their own, lowest first: they are below every source.</summary>
    /// <param name="entered">What <see cref="Enter"/> gave.</param>
    public static ImmutableArray<NodeConfig> Layers(NodeConfig entered)
    {
        ArgumentNullException.ThrowIfNull(entered);
        var layers = new List<NodeConfig>();
        if (entered.Kubelet.FileLayer is { } kubelet)
        {
            layers.Add(NodeConfig.Empty with { Kubelet = new KubeletSettings { Config = kubelet } });
        }

        foreach (var layer in entered.Containerd.Layers)
        {
            layers.Add(NodeConfig.Empty with { Containerd = new ContainerdSettings { Config = layer } });
        }

        return layers.ToImmutable();
    }

    private static NodeConfig With(NodeConfig config, FileReference reference, SourceContent file, DiagnosticBag diagnostics)
    {
        if (Encodings.Text(file.Bytes.ToArray(), Origin.At(file.Name, 0, 0), diagnostics) is not { } text)
        {
            return config;
        }

        if (reference.Setting.StartsWith(Trust, StringComparison.Ordinal))
        {
            var pem = new Sourced<string>(text, Origin.At(file.Name, 1, 1));
            return config.Trust is { } trust && TrustReader.IsBundle(pem, reference.Setting, diagnostics)
                ? config with { Trust = TrustReader.With(trust, reference.Setting[Trust.Length..], pem) }
                : config;
        }

        if (reference.Setting == KubeletFile)
        {
            return Kubelet(text, file.Name, diagnostics) is { } document
                ? config with { Kubelet = config.Kubelet with { ConfigFile = null, FileLayer = document, Config = TreeMerge.MergeOptional(document, config.Kubelet.Config) } }
                : config;
        }

        return TomlReader.Read(text, file.Name, diagnostics) is { } layer
            ? config with { Containerd = config.Containerd with { Layers = [.. config.Containerd.Layers, layer] } }
            : config;
    }

    // One document of YAML or JSON. A whole KubeletConfiguration names its kind; a part of one need not.
    private static TreeMap? Kubelet(string text, string path, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var documents = YamlReader.Read(text, path, part: 0, found);
        diagnostics.AddRange(found.Items);
        if (found.HasErrors)
        {
            return null;
        }

        if (documents is [TreeMap map])
        {
            if (map["kind"] is TreeScalar { Text: var kind } other && kind != KubeletRules.KubeletConfigRules.Kind)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.ReferencedFileWrong,
                    $"`{KubeletFile}` names a document of kind {Quoted.Text(kind)}.",
                    $"Name a file with a {KubeletRules.KubeletConfigRules.Kind}; a NodeConfig is a source of its own (`-c`).",
                    other.Origin,
                    KubeletFile);
                return null;
            }

            return map;
        }

        diagnostics.Report(
            DiagnosticCatalogue.ReferencedFileWrong,
            documents.Length > 1 ? $"`{KubeletFile}` names a file with {documents.Length} documents." : $"`{KubeletFile}` names a file without a map of settings.",
            $"Write one {KubeletRules.KubeletConfigRules.Kind}, or a part of one, in YAML or JSON.",
            documents.Length > 1 ? documents[1].Origin : Origin.At(path, 1, 1),
            KubeletFile);
        return null;
    }
}
