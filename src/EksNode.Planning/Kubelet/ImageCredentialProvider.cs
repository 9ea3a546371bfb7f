using System.Collections.Immutable;
using EksNode.Configuration.Documents;
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

    private const string Protocol = "credentialprovider.kubelet.k8s.io/v1";
    private const string DualStackPublicRegistry = "ecr-public.aws.com";

    /// <summary>The document.</summary>
    /// <param name="kubelet">The kubelet's version.</param>
    /// <param name="program">The provider.</param>
    /// <param name="own">The user's entries: one of that program's name is laid over eksnode's, others come after it.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static TreeMap Of(Sourced<SemanticVersion> kubelet, ProviderProgram program, ImmutableArray<TreeMap> own, DiagnosticBag diagnostics)
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
        Check(program, own, kubelet.Value, diagnostics);
        foreach (var entry in own)
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

    /// <summary>
    /// Reports entries without images, since only one that is laid over eksnode's needs none of its own, and those that a kubelet refuses.
    /// </summary>
    /// <param name="program">The provider.</param>
    /// <param name="own">The user's entries.</param>
    /// <param name="kubelet">The kubelet's version; null: not known.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Check(ProviderProgram program, ImmutableArray<TreeMap> own, SemanticVersion? kubelet, DiagnosticBag diagnostics)
    {
        foreach (var entry in own)
        {
            if (kubelet is { } version)
            {
                Check(entry, version, diagnostics);
            }

            if (entry["matchImages"] is null && (entry["name"] as TreeScalar)?.Text != program.Name)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.MissingSetting,
                    $"The credential provider {Quoted.Text(Reasons.Text(entry["name"]!))} has no `matchImages`.",
                    "List the registries that it is asked for.",
                    entry.Origin,
                    "spec.credentialProviders");
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

    // What the kubelet demands of every entry and a user need not write.
    private static TreeMap Complete(TreeMap entry)
    {
        var map = entry["apiVersion"] is null ? entry.With("apiVersion", TreeScalar.Of(Protocol, Origin.Default("the version that kubelets of all minors speak"))) : entry;
        return map["defaultCacheDuration"] is null
            ? map.With("defaultCacheDuration", TreeScalar.Of("0s", Origin.Default("answers that do not say how long they are good for are not kept")))
            : map;
    }

    // The kubelet reads the file strictly. Source: kubernetes, pkg/kubelet/apis/config: KubeletServiceAccountTokenForCredentialProviders came with
    // 1.33, off; it is on since 1.34, which made cacheType required.
    private static void Check(TreeMap entry, SemanticVersion kubelet, DiagnosticBag diagnostics)
    {
        if (entry["tokenAttributes"] is not TreeMap attributes)
        {
            return;
        }

        var (problem, help) = !kubelet.AtLeast(1, 33)
            ? ("come with Kubernetes 1.33", "Leave it out, or use a newer image.")
            : attributes["cacheType"] is { } && !kubelet.AtLeast(1, 34)
                ? ("have a `cacheType`, which comes with Kubernetes 1.34", "Leave `cacheType` out, or use a newer image.")
                : attributes["cacheType"] is null && kubelet.AtLeast(1, 34)
                    ? ("lack the `cacheType` that Kubernetes demands since 1.34", "Write `cacheType: Token` or `cacheType: ServiceAccount`.")
                    : ("", "");
        if (problem.Length > 0)
        {
            diagnostics.Report(
                DiagnosticCatalogue.CredentialProviderRefused,
                $"The kubelet {kubelet} will refuse a credential provider with `tokenAttributes`, which {problem}.",
                help,
                attributes.Origin,
                "spec.credentialProviders");
        }
    }
}
