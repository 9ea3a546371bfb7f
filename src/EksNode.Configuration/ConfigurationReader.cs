using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration;

/// <summary>What all sources together say.</summary>
/// <param name="Configuration">The merged configuration; <see cref="NodeConfig.Empty"/> when there is none.</param>
/// <param name="HasConfiguration">Whether any source gave one.</param>
/// <param name="Sources">What each source turned out to be.</param>
public sealed record NodeConfigResult(NodeConfig Configuration, bool HasConfiguration, ImmutableArray<SourceResult> Sources)
{
    /// <summary>The configurations that were merged, the lowest first: the preset and the image's defaults when there are some, then every document.</summary>
    public ImmutableArray<NodeConfig> Documents { get; init; } = [];
}

/// <summary>From the bytes of all sources to one configuration: decode, read, merge.</summary>
public static class ConfigurationReader
{
    /// <summary>Reads the sources in order; of the same setting the later one wins.</summary>
    /// <param name="sources">The sources, lowest first. An absent one (user data that answers 404) is left out.</param>
    /// <param name="diagnostics">Takes everything that is wrong, in one run.</param>
    /// <param name="defaults">
    /// The defaults of the image below all sources: a NodeConfig, or a part of one, which needs neither apiVersion nor kind.
    /// </param>
    public static NodeConfigResult Read(IEnumerable<SourceContent> sources, DiagnosticBag diagnostics, TreeMap? defaults = null)
    {
        var bag = new DiagnosticBag();
        var results = new List<SourceResult>();
        var configurations = new List<NodeConfig>();
        var baked = defaults is null ? NodeConfig.Empty : NodeConfigReader.Read(defaults, bag);
        foreach (var source in sources)
        {
            var result = SourceReader.Read(source, bag);
            results.Add(result);
            foreach (var document in result.Documents)
            {
                if (IsNodeConfig(document, bag))
                {
                    configurations.Add(NodeConfigReader.Read(document.Document, bag));
                }
            }
        }

        // Defaults are no configuration by themselves, unless the image was made for one cluster.
        var isConfigured = configurations.Count > 0 || baked.Cluster.Name is not null;
        if (!isConfigured && !bag.HasErrors)
        {
            bag.Report(
                DiagnosticCatalogue.NoConfiguration,
                results.Count == 0
                    ? "No source of configuration exists."
                    : $"No source gives a configuration: {string.Join("; ", results.Select(Describe))}.",
                "Put a NodeConfig into the user data, as a MIME part of type application/node.eks.aws beside other parts, or name a file with `-c`.");
        }

        diagnostics.AddRange(bag.Items);
        if (defaults is not null)
        {
            configurations.Insert(0, baked);
        }

        var merged = NodeConfigMerge.MergeAll(configurations);
        if (merged.Preset is { } preset)
        {
            // It is known only now, and it is the lowest of all.
            var values = Presets.Of(preset.Value);
            configurations.Insert(0, values);
            merged = NodeConfigMerge.Merge(values, merged);
        }

        return new NodeConfigResult(merged, isConfigured, results.ToImmutable()) { Documents = [.. configurations] };
    }

    private static string Describe(SourceResult result) => result.Finding == SourceFinding.Documents
        ? $"{result.Name}: {string.Join(", ", result.Documents.Select(d => d.Kind).Distinct(StringComparer.Ordinal))}"
        : $"{result.Name}: {result.Description}";

    private static bool IsNodeConfig(SourceDocument document, DiagnosticBag diagnostics)
    {
        var (apiVersion, kind) = (document.ApiVersion, document.Kind);
        var isOurVersion = NodeConfigReader.ApiVersions.Contains(apiVersion);
        if (isOurVersion && kind == ApiGroups.NodeConfig)
        {
            return true;
        }

        if (kind == ApiGroups.ImageConfig && apiVersion != ApiGroups.EksNodeV1Alpha1 && ApiGroups.IsOurs(apiVersion))
        {
            diagnostics.Report(
                DiagnosticCatalogue.UnknownVersion,
                $"There is no kind `{kind}` in `{apiVersion}`.",
                $"Write `apiVersion: {ApiGroups.EksNodeV1Alpha1}`; `eksnode config validate` and `eksnode image plan` read it then.",
                document.Document["apiVersion"]!.Origin,
                "apiVersion");
        }
        else if (isOurVersion && kind != ApiGroups.ImageConfig)
        {
            diagnostics.Report(
                DiagnosticCatalogue.UnknownVersion,
                $"There is no kind `{kind}` in `{apiVersion}`.",
                Suggestions.DidYouMean(kind, [ApiGroups.NodeConfig, ApiGroups.ImageConfig], $"Write `kind: {ApiGroups.NodeConfig}`."),
                document.Document["kind"]!.Origin,
                "kind");
        }
        else if (!isOurVersion && (ApiGroups.IsOurs(apiVersion) || kind == ApiGroups.NodeConfig))
        {
            diagnostics.Report(
                DiagnosticCatalogue.UnknownVersion,
                $"There is no apiVersion `{apiVersion}` of a {ApiGroups.NodeConfig}.",
                apiVersion.StartsWith(ApiGroups.EksNode + "/", StringComparison.Ordinal) ? $"Write `apiVersion: {ApiGroups.EksNodeV1Alpha1}`."
                    : Suggestions.DidYouMean(apiVersion, NodeConfigReader.ApiVersions, $"Write `apiVersion: {ApiGroups.NodeEksV1Alpha1}`."),
                document.Document["apiVersion"]!.Origin,
                "apiVersion");
        }
        else
        {
            diagnostics.Report(
                DiagnosticCatalogue.OtherDocument,
                $"The document of kind `{kind}` (`{apiVersion}`) is no {ApiGroups.NodeConfig} and is not read.",
                kind == "KubeletConfiguration"
                    ? "Put its settings under `spec.kubelet.config` of a NodeConfig."
                    : kind == ApiGroups.ImageConfig ? "`eksnode image plan` and `eksnode config validate` read it; remove it from the sources of a node's configuration."
                    : "Remove it from the sources of the node's configuration.",
                document.Origin,
                "kind");
        }

        return false;
    }
}
