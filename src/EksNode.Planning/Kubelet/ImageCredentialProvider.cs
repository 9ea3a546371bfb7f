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

    private const string DualStackPublicRegistry = "ecr-public.aws.com";

    /// <summary>The document.</summary>
    /// <param name="kubelet">The kubelet's version.</param>
    /// <param name="program">The provider.</param>
    public static TreeMap Of(Sourced<SemanticVersion> kubelet, ProviderProgram program)
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
            .Add("apiVersion", "credentialprovider.kubelet.k8s.io/v1", "what the program speaks")
            .ToMap();
        return new Entries()
            .Add("apiVersion", "kubelet.config.k8s.io/v1", "the version that the kubelet reads")
            .Add("kind", "CredentialProviderConfig", "the kind that the kubelet reads")
            .Add("providers", new TreeList([provider], provider.Origin))
            .ToMap();
    }

    /// <summary>The reasons of the document's values.</summary>
    public static IEnumerable<Reason> ReasonsOf(TreeMap document) =>
        document["providers"] is TreeList { Items: [TreeMap provider] }
            ? Reasons.OfLeaves("kubelet.imageCredentialProvider", provider)
            : [];
}
