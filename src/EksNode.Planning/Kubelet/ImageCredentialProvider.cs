using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// Which images the kubelet asks the ECR credential provider for (CredentialProviderConfig, <c>kubelet.config.k8s.io/v1</c>): those of
/// private ECR registries of every partition, with their FIPS and dual-stack names, and of the public registry.
/// </summary>
internal static class ImageCredentialProvider
{
    private static readonly string[] Images =
    [
        "*.dkr.ecr.*.amazonaws.com",
        "*.dkr-ecr.*.on.aws",
        "*.dkr.ecr.*.amazonaws.com.cn",
        "*.dkr-ecr.*.on.amazonwebservices.com.cn",
        "*.dkr.ecr-fips.*.amazonaws.com",
        "*.dkr-ecr-fips.*.on.aws",
        "*.dkr.ecr.*.c2s.ic.gov",
        "*.dkr.ecr.*.sc2s.sgov.gov",
        "*.dkr.ecr.*.cloud.adc-e.uk",
        "*.dkr.ecr.*.csp.hci.ic.gov",
        "*.dkr.ecr.*.amazonaws.eu",
        "public.ecr.aws",
    ];

    /// <summary>The protocol of an entry that names none.</summary>
    internal const string Protocol = "credentialprovider.kubelet.k8s.io/v1";

    /// <summary>How long answers are kept of an entry that does not say.</summary>
    internal const string NoCache = "0s";

    private const string TokenGate = "KubeletServiceAccountTokenForCredentialProviders";
    private const string DualStackPublicRegistry = "ecr-public.aws.com";

    /// <summary>The document.</summary>
    /// <param name="kubelet">The kubelet's version.</param>
    /// <param name="program">The provider.</param>
    /// <param name="config">The user's entries: one of that program's name is laid over eksnode's, others come after it.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static TreeMap Of(Sourced<SemanticVersion> kubelet, ProviderProgram program, NodeConfig config, DiagnosticBag diagnostics)
    {
        var all = Origin.Default("the registries of ECR in every partition");
        var images = Images.Select(i => TreeScalar.Of(i, all)).ToList();
        var origin = all;
        if (kubelet.Value.AtLeast(1, 32))
        {
            origin = kubelet.Origin.Because($"the registries of ECR in every partition; {DualStackPublicRegistry} since Kubernetes 1.32, and this is {kubelet.Value}");
            images.Add(TreeScalar.Of(DualStackPublicRegistry, origin));
        }

        var provider = new Entries()
            .Add("name", program.Name, "the program's name in " + program.Folder)
            .Add("matchImages", new TreeList([.. images], origin))
            .Add("defaultCacheDuration", "12h0m0s", "how long an ECR token is valid")
            .Add("apiVersion", Protocol, "what the program speaks")
            .ToMap();
        var providers = new List<TreeNode> { provider };
        CheckEntries(program, config, kubelet.Value, diagnostics);
        foreach (var entry in config.CredentialProviders)
        {
            if ((entry["name"] as TreeScalar)?.Text == program.Name)
            {
                providers[0] = TreeMerge.Merge(provider, entry);
            }
            else
            {
                providers.Add(Complete(entry));
            }
        }

        return new Entries()
            .Add("apiVersion", "kubelet.config.k8s.io/v1", "the version that the kubelet reads")
            .Add("kind", "CredentialProviderConfig", "the kind that the kubelet reads")
            .Add("providers", new TreeList([.. providers], provider.Origin))
            .ToMap();
    }

    /// <summary>Reports entries without images (only one that is laid over eksnode's needs none of its own), and those that the kubelet refuses.</summary>
    /// <param name="program">The provider.</param>
    /// <param name="config">The configuration with the user's entries.</param>
    /// <param name="kubelet">The kubelet's version; null: not known.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckEntries(ProviderProgram program, NodeConfig config, SemanticVersion? kubelet, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < config.CredentialProviders.Length; i++)
        {
            var entry = config.CredentialProviders[i];
            CheckToken(entry, $"spec.credentialProviders[{i}].tokenAttributes", config.Kubelet, kubelet, diagnostics);
            if (entry["matchImages"] is null && (entry["name"] as TreeScalar)?.Text != program.Name)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.MissingSetting,
                    $"The credential provider {Quoted.Text(Reasons.Text(entry["name"]!))} has no `matchImages`.",
                    "List the registries that it is asked for, such as `matchImages: [\"*.registry.example.com\"]`.",
                    entry.Origin,
                    $"spec.credentialProviders[{i}].matchImages");
            }
        }
    }

    /// <summary>The reasons of the document's values: those of eksnode's own entry first. What a provider has in its environment is not shown.</summary>
    public static IEnumerable<Reason> ReasonsOf(TreeMap document)
    {
        var providers = (document["providers"] as TreeList)?.Items ?? [];
        for (var i = 0; i < providers.Length; i++)
        {
            var provider = (TreeMap)providers[i];
            var prefix = i == 0 ? "kubelet.imageCredentialProvider" : "kubelet.credentialProviders." + Reasons.Text(provider["name"]!);
            foreach (var reason in Reasons.OfLeaves(prefix, provider.Without("env")))
            {
                yield return reason;
            }

            if (provider["env"] is { } environment)
            {
                yield return new Reason(prefix + ".env", Secret.Redacted, environment.Origin);
            }
        }
    }

    // What the kubelet demands of every entry and a user need not write; in the order of eksnode's own, so that what was left out stands where it would
    // have stood.
    private static TreeMap Complete(TreeMap entry)
    {
        var keys = new List<TreeEntry>();
        Add("name", null);
        Add("matchImages", null);
        Add("defaultCacheDuration", TreeScalar.Of(NoCache, Origin.Default("answers that do not say how long they are good for are not kept")));
        Add("apiVersion", TreeScalar.Of(Protocol, Origin.Default("the version that kubelets of all minors speak")));
        return new TreeMap([.. keys, .. entry.Entries.Where(e => !keys.Exists(k => k.Key == e.Key))], entry.Origin);

        void Add(string key, TreeNode? otherwise)
        {
            if (entry.Find(key) is { } given)
            {
                keys.Add(given);
            }
            else if (otherwise is not null)
            {
                keys.Add(new TreeEntry(key, otherwise.Origin, otherwise));
            }
        }
    }

    // The kubelet reads the file strictly. Source: kubernetes, pkg/kubelet/apis/config: KubeletServiceAccountTokenForCredentialProviders came with
    // 1.33, off; it is on since 1.34, which made cacheType required.
    // Kubernetes API reference, CredentialProviderConfig v1: what a kubelet demands of `tokenAttributes` before it starts.
    private static void CheckToken(TreeMap entry, string path, KubeletSettings settings, SemanticVersion? kubelet, DiagnosticBag diagnostics)
    {
        if (entry["tokenAttributes"] is not TreeMap attributes)
        {
            return;
        }

        var older = kubelet is { } known && !known.AtLeast(1, 34);
        var (problem, help) = older && !kubelet!.Value.AtLeast(1, 33)
            ? ("come with Kubernetes 1.33", "Leave it out, or use a newer image.")
            : older && !Names(settings, TokenGate)
                ? ($"need the feature gate `{TokenGate}`, which is off in Kubernetes 1.33", "Turn it on in `spec.kubelet.config.featureGates`, or use a newer image.")
            : attributes["cacheType"] is { } && older
                ? ("have a `cacheType`, which comes with Kubernetes 1.34", "Leave `cacheType` out, or use a newer image.")
            : attributes["cacheType"] is null && kubelet is not null && !older
                ? ("lack the `cacheType` that Kubernetes demands since 1.34", "Write `cacheType: Token` or `cacheType: ServiceAccount`.")
            : attributes["serviceAccountTokenAudience"] is null
                ? ("lack `serviceAccountTokenAudience`", "Add the audience of the token, which is a name that the registry expects.")
            : attributes["requireServiceAccount"] is null
                ? ("lack `requireServiceAccount`", "Write `requireServiceAccount: true`, or `false` when pods without a service account get credentials too.")
            : attributes["requireServiceAccount"] is TreeScalar { Text: "false" } && attributes["requiredServiceAccountAnnotationKeys"] is TreeList { Items.IsEmpty: false }
                ? ("demand annotations of a service account that they do not require", "Write `requireServiceAccount: true`, or leave `requiredServiceAccountAnnotationKeys` out.")
            : entry["apiVersion"] is TreeScalar { Text: not Protocol }
                ? ($"need the protocol `{Protocol}`", $"Write `apiVersion: {Protocol}`, or leave it out.")
                : ("", "");
        if (problem.Length > 0)
        {
            diagnostics.Report(
                DiagnosticCatalogue.CredentialProviderRefused,
                $"{(kubelet is null ? "The kubelet" : $"The kubelet {kubelet}")} will refuse a credential provider with `tokenAttributes`, which {problem}.",
                help,
                attributes.Origin,
                path);
        }
    }

    // Whether the configuration or a flag says something of a gate: what it says, the kubelet judges.
    private static bool Names(KubeletSettings settings, string gate) =>
        (settings.Config?["featureGates"] as TreeMap)?[gate] is not null || settings.Flags.Any(f => f.Value.Contains(gate, StringComparison.Ordinal));
}
