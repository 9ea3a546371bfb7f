using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Compliance;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// <c>spec.kubelet.configMode: Replace</c>: the user's document is the kubelet's configuration. Only what a node cannot join without is
/// added where the document leaves it out.
/// </summary>
internal sealed class KubeletReplacement
{
    private const string Setting = "spec.kubelet.configMode";

    // Dotted; those that eksnode does not generate for this node are not added either.
    private static readonly string[] Needed =
    [
        "apiVersion",
        "kind",
        "authentication.x509.clientCAFile",
        "cgroupDriver",
        "clusterDNS",
        "clusterDomain",
        "containerRuntimeEndpoint",
        "imageServiceEndpoint",
        "providerID",
        "serverTLSBootstrap",
    ];

    private KubeletReplacement(FileResource file) => File = file;

    /// <summary>The kubelet's configuration.</summary>
    public FileResource File { get; }

    /// <summary>What the kubelet reads beside the user's document: all of the generated one, or what is added to one that replaces it.</summary>
    /// <param name="kubelet">The user's settings.</param>
    /// <param name="generated">The generated document.</param>
    public static TreeMap Beside(KubeletSettings kubelet, TreeMap generated)
    {
        if (!kubelet.Replaces)
        {
            return generated;
        }

        var added = new TreeMap([], kubelet.ConfigMode!.Origin);
        foreach (var path in Needed)
        {
            if (Find(generated, path) is { } value)
            {
                added = Add(added, path.Split('.'), value) ?? added;
            }
        }

        return added;
    }

    /// <summary>A document that replaces without what was added to it: what has the same value in another one that is planned for the node.</summary>
    /// <param name="document">The document as it was written.</param>
    /// <param name="planned">What is planned.</param>
    public static TreeMap Without(TreeMap document, TreeMap planned)
    {
        foreach (var path in Needed)
        {
            if (Find(document, path) is { } value && Find(planned, path) is { } same && JsonWriter.Write(value, 0) == JsonWriter.Write(same, 0))
            {
                document = Remove(document, path.Split('.'));
            }
        }

        return document;
    }

    /// <summary>The replacement; null when the user's document is merged.</summary>
    /// <param name="context">Configuration, facts, decisions.</param>
    /// <param name="layers">The document that is replaced, after each of its layers.</param>
    public static KubeletReplacement? Of(PlanContext context, ImmutableArray<TreeMap> layers)
    {
        if (!context.Config.Kubelet.Replaces)
        {
            return null;
        }

        var mode = context.Config.Kubelet.ConfigMode!.Origin;
        // The taints of `spec.taints` are a flag: see NodeTaints.
        layers = [.. layers.Select(l => l.Without(NodeTaints.Field))];
        var generated = layers[^1];
        var document = context.Config.Kubelet.Config ?? new TreeMap([], mode);
        var added = new List<string>();
        foreach (var path in Needed)
        {
            if (Find(generated, path) is { } value && Add(document, path.Split('.'), Because(value)) is { } more)
            {
                document = more;
                added.Add(path);
            }
        }

        ReportUnused(context.Config, context.Decisions.MaxPods.Value, context.Diagnostics);
        NodeConfigRules.CheckReplacement(context.Config.Kubelet, context.Diagnostics);
        var dropped = Dropped(generated, document);
        ReportDropped(dropped, mode, context.Diagnostics);
        var profile = context.Decisions.Profile;
        ReportControls(profile, generated, document, mode, context.Diagnostics);
        var file = new FileResource
        {
            Path = NodePaths.KubeletConfig,
            Content = [.. Encoding.UTF8.GetBytes(JsonWriter.Write(document, KubeletComponent.ConfigIndent, sortKeys: true))],
            Mode = profile.Mode(NodePaths.KubeletConfig, FileModes.Secret), // staticPodURLHeader can hold a credential
            Sensitive = true,
            DependsOn = [NodePaths.FileId(NodePaths.CertificateAuthority)],
            Restarts = KubeletComponent.Units,
            Reasons = Reasons.OfLeaves("kubelet", document),
            Document = document,
            DocumentLayers = layers,
            Dropped = dropped,
            Added = [.. added],
            Controls = profile.Controls(NodePaths.KubeletConfig, document),
        };
        return new KubeletReplacement(file);
    }

    private static TreeNode Because(TreeNode value)
    {
        var origin = value.Origin.Because(
            (value.Origin.Note is { } note ? note + "; " : "") + "added, since a node needs it and `spec.kubelet.config` leaves it out");
        return value switch
        {
            TreeScalar scalar => new TreeScalar(scalar.Kind, scalar.Text, origin),
            TreeList list => new TreeList(list.Items, origin),
            _ => value,
        };
    }

    // Null when the path has a value, or something that is no map stands in its way: then it is the user's will.
    private static TreeMap? Add(TreeMap map, ReadOnlySpan<string> path, TreeNode value)
    {
        if (path.Length == 1)
        {
            return map.Find(path[0]) is null ? map.With(path[0], value) : null;
        }

        var inner = map[path[0]] switch
        {
            null => Add(new TreeMap([], value.Origin), path[1..], value),
            TreeMap existing => Add(existing, path[1..], value),
            _ => null,
        };
        return inner is null ? null : map.With(path[0], inner);
    }

    // With the maps that it leaves empty: they would be made again.
    private static TreeMap Remove(TreeMap map, ReadOnlySpan<string> path)
    {
        var inner = path.Length > 1 ? Remove((TreeMap)map[path[0]]!, path[1..]) : null;
        return inner is { Entries.IsEmpty: false } ? map.With(path[0], inner) : map.Without(path[0]);
    }

    private static TreeNode? Find(TreeMap document, string setting)
    {
        TreeNode? node = document;
        foreach (var key in setting.Split('.'))
        {
            node = (node as TreeMap)?[key];
        }

        return node;
    }

    // Keys with dots (`memory.available`) are keys of one map, so that the trees are walked side by side.
    private static ImmutableArray<Reason> Dropped(TreeMap generated, TreeMap document)
    {
        var dropped = new List<Reason>();
        Walk(generated, document, "kubelet");
        return dropped.ToImmutable();

        void Walk(TreeMap before, TreeMap? after, string path)
        {
            foreach (var entry in before.Entries)
            {
                var name = $"{path}.{entry.Key}";
                if (entry.Value is TreeMap { Entries.IsEmpty: false } inner)
                {
                    if (after?[entry.Key] is null or TreeMap)
                    {
                        Walk(inner, after?[entry.Key] as TreeMap, name);
                    }
                }
                else if (after?.Find(entry.Key) is null)
                {
                    dropped.Add(Reasons.Of(name, entry.Key, Reasons.Text(entry.Value), entry.Value.Origin));
                }
            }
        }
    }

    private static void ReportDropped(ImmutableArray<Reason> dropped, Origin mode, DiagnosticBag diagnostics)
    {
        if (dropped.IsEmpty)
        {
            return;
        }

        var text = new StringBuilder();
        foreach (var reason in dropped)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(reason.Setting.AsSpan("kubelet.".Length)).Append(' ').Append(reason.Value.Length == 0 ? "\"\"" : reason.Value);
        }

        diagnostics.Report(
            DiagnosticCatalogue.KubeletDefaultsDropped,
            $"The kubelet's configuration replaces eksnode's, and leaves these values of eksnode to the kubelet's own defaults: {text}.",
            "Set those that you need in `spec.kubelet.config`, or use `configMode: Merge`.",
            mode,
            Setting);
    }

    /// <summary>Reports the settings that a replacement leaves without effect. A preset is there to be overridden; the user's own would be missed.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="maxPods">What <c>spec.maxPods</c> gives; null: only an instance tells.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void ReportUnused(NodeConfig config, int? maxPods, DiagnosticBag diagnostics)
    {
        if (config.MaxPods.Origin is { Kind: not OriginKind.Preset } origin)
        {
            Report("spec.maxPods", origin, config.Kubelet.Config?["maxPods"] is not null
                ? "Leave it out: `spec.kubelet.config.maxPods` counts."
                : $"Set `spec.kubelet.config.maxPods{(maxPods is { } pods ? ": " + pods.ToString(CultureInfo.InvariantCulture) : "")}`, and what is reserved for so many pods.");
        }

        if (config.Limits.PodPidsLimit is { Origin.Kind: not OriginKind.Preset } limit)
        {
            Report("spec.limits.podPidsLimit", limit.Origin, "Set `spec.kubelet.config.podPidsLimit`.");
        }

        void Report(string setting, Origin at, string help) => diagnostics.Report(
            DiagnosticCatalogue.UnusedSetting,
            $"`{setting}` has no effect: `{Setting}` is `Replace`, and the kubelet reads `spec.kubelet.config` alone.",
            help,
            at,
            setting);
    }

    private static void ReportControls(ComplianceProfile profile, TreeMap generated, TreeMap document, Origin mode, DiagnosticBag diagnostics)
    {
        var kept = profile.Controls(NodePaths.KubeletConfig, document);
        var lost = new List<string>();
        foreach (var control in profile.Controls(NodePaths.KubeletConfig, generated))
        {
            if (!kept.Contains(control))
            {
                lost.Add(control);
            }
        }

        if (lost.Count > 0)
        {
            diagnostics.Report(
                DiagnosticCatalogue.KubeletControlsLost,
                $"The kubelet's configuration replaces eksnode's, so that the values of the image's compliance profile do not apply to it; these controls are no longer met: {string.Join(", ", lost)}.",
                "Set what they ask for in `spec.kubelet.config`, or use `configMode: Merge`.",
                mode,
                Setting);
        }
    }
}
