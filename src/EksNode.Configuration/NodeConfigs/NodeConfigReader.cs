using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// Turns a document of kind <c>NodeConfig</c> into the typed model. Everything that is wrong with it is reported, at once; a
/// value that is wrong is left out. What other sources may still give (required settings) is for
/// <see cref="NodeConfigRules"/>, what depends on the kubelet's version for <see cref="KubeletRules.KubeletConfigRules"/>.
/// </summary>
public static class NodeConfigReader
{
    /// <summary>The kind of the document.</summary>
    public const string Kind = ApiGroups.NodeConfig;

    /// <summary>The versions of the document: that of the EKS-optimized images and eksnode's own, which has more settings.</summary>
    public static ImmutableArray<string> ApiVersions { get; } = [ApiGroups.NodeEksV1Alpha1, ApiGroups.EksNodeV1Alpha1];

    /// <summary>The feature gates of a NodeConfig.</summary>
    public static ImmutableArray<string> FeatureGates { get; } = ["FastImagePull", "InstanceIdNodeName"];

    private static readonly WordList<string> ConfigModes = WordList.Of(KubeletConfigModes.Merge, KubeletConfigModes.Replace);

    /// <summary>Reads a document whose apiVersion and kind are those of a NodeConfig.</summary>
    /// <param name="document">The document.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static NodeConfig Read(TreeMap document, DiagnosticBag diagnostics)
    {
        // The defaults of an image name no version: they are eksnode's own.
        var ownGroup = document["apiVersion"] is not TreeScalar { Text: var version } || version.StartsWith(ApiGroups.EksNode + "/", StringComparison.Ordinal);
        var root = new Section(document, "", diagnostics, ownGroup);
        root.Value("apiVersion");
        root.Value("kind");
        var spec = root.Child("spec");
        var config = new NodeConfig
        {
            Metadata = root.Document("metadata"),
            Cluster = ClusterReader.Read(spec.Child("cluster")),
            Kubelet = Kubelet(spec.Child("kubelet")),
            Containerd = Containerd(spec.Child("containerd")),
            Instance = InstanceReader.Read(spec.Child("instance")),
            FeatureGates = Gates(spec),
            Kernel = KernelReader.Read(spec.OwnChild("kernel")),
            Limits = LimitReader.Read(spec.OwnChild("limits")),
            Hooks = HookReader.Read(spec.OwnChild("hooks")),
            Proxy = ProxyReader.Read(spec.OwnChild("proxy")),
            Preset = spec.Own("preset") ? spec.Choice("preset", Presets.Words) : null,
            MaxPods = MaxPodsReader.Read(spec),
            Labels = LabelReader.Labels(spec),
            Taints = LabelReader.Taints(spec),
            Registries = RegistryReader.Read(spec),
            Trust = TrustReader.Read(spec.OwnChild("trust")),
            CredentialProviders = CredentialProviderReader.Read(spec),
            Readiness = ReadinessSettings.Read(spec.OwnChild("readiness")),
            Prefetch = Images(spec.OwnChild("images")),
        };
        spec.Finish();

        // The cache file of the EKS images has it; it is never read from a configuration.
        root.Value("status");
        root.Finish();
        return config;
    }

    private static Sourced<ImmutableArray<string>>? Images(Section section)
    {
        var images = section.Texts("prefetch", ImageName.Parse, DiagnosticCatalogue.BadImageName);
        section.Finish();
        return images;
    }

    private static KubeletSettings Kubelet(Section section)
    {
        var settings = new KubeletSettings
        {
            Config = section.Document("config"),
            Flags = KubeletFlagReader.Read(section),
            MaxPodsExpression = Expression(section),
            ConfigMode = section.Own("configMode") ? section.Choice("configMode", ConfigModes) : null,
            ConfigFile = section.Own("configFile") ? section.Text("configFile", AbsolutePath.Parse, DiagnosticCatalogue.BadPath) : null,
        };
        section.Finish();
        return settings;
    }

    private static Sourced<string>? Expression(Section section)
    {
        const string Key = "maxPodsExpression";
        if (section.Scalar(Key) is not { } scalar)
        {
            return null;
        }

        MaxPodsExpressionRules.Check(scalar, section.PathOf(Key), section.Diagnostics);
        return new Sourced<string>(scalar.Text, scalar.Origin);
    }

    private static ContainerdSettings Containerd(Section section)
    {
        var spec = section.Document("baseRuntimeSpec");
        if (spec is not null)
        {
            RuntimeSpecRules.Check(spec, section.PathOf("baseRuntimeSpec"), section.Diagnostics);
        }

        var settings = new ContainerdSettings
        {
            Config = InlineToml(section),
            BaseRuntimeSpec = spec,
            ConfigFile = section.Own("configFile") ? section.Text("configFile", AbsolutePath.Parse, DiagnosticCatalogue.BadPath) : null,
            DropIns = section.Own("dropIns") ? section.Text("dropIns", AbsolutePath.Parse, DiagnosticCatalogue.BadPath) : null,
        };
        section.Finish();
        return settings;
    }

    private static TreeMap? InlineToml(Section section)
    {
        const string Key = "config";
        switch (section.Value(Key))
        {
            case null or TreeScalar { Kind: ScalarKind.String, Text: "" }:
                return null;
            case TreeScalar { Kind: ScalarKind.String } scalar:
                return TomlReader.Read(scalar, section.Diagnostics, section.PathOf(Key));
            case TreeMap map:
                section.Diagnostics.Report(
                    DiagnosticCatalogue.WrongType,
                    $"`{section.PathOf(Key)}` must be a string that holds TOML, but it is a map.",
                    "Write it as a block: `config: |`, and containerd's TOML below it, indented.",
                    map.Origin,
                    section.PathOf(Key));
                return null;
            case var other:
                SettingTypes.ReportNotText(other, section.PathOf(Key), secret: false, section.Diagnostics);
                return null;
        }
    }

    private static SortedMap<Sourced<bool>> Gates(Section spec)
    {
        const string Key = "featureGates";
        var gates = SortedMap.Empty<Sourced<bool>>();
        foreach (var entry in spec.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(spec.PathOf(Key), entry.Key);
            CheckGateName(entry, path, spec.Diagnostics);
            switch (entry.Value)
            {
                case TreeScalar { Kind: ScalarKind.Null }:
                    break;
                case TreeScalar { Kind: ScalarKind.Bool } scalar:
                    gates = gates.SetItem(entry.Key, new Sourced<bool>(scalar.Text == "true", scalar.Origin));
                    break;
                default:
                    Section.ReportNotBool(entry.Value, path, spec.Diagnostics);
                    break;
            }
        }

        return gates;
    }

    private static void CheckGateName(TreeEntry entry, string path, DiagnosticBag diagnostics)
    {
        if (FeatureGates.Contains(entry.Key))
        {
            return;
        }

        if (Suggestions.Nearest(entry.Key, FeatureGates) is null && FeatureGateName.Parse(entry.Key).Problem is { } problem)
        {
            diagnostics.Report(DiagnosticCatalogue.BadGateName, problem.Message, problem.Help, entry.KeyOrigin, path);
            return;
        }

        diagnostics.Report(
            DiagnosticCatalogue.UnknownFeatureGate,
            $"There is no feature gate {Quoted.Text(entry.Key)}: it has no effect.",
            KubeletRules.KubeletGates.IsKnown(entry.Key)
                ? "It is one of the kubelet's: it belongs in `spec.kubelet.config.featureGates`."
                : Suggestions.DidYouMean(entry.Key, FeatureGates, $"The feature gates are {string.Join(" and ", FeatureGates.Select(g => $"`{g}`"))}."),
            entry.KeyOrigin,
            path);
    }
}
