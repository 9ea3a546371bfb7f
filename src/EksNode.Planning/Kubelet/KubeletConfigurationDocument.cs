using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The KubeletConfiguration (<c>kubelet.config.k8s.io/v1beta1</c>) that eksnode generates: key for key and value for value that of an
/// EKS-optimized AL2023 image. What it leaves out has the kubelet's own default.
/// </summary>
internal static class KubeletConfigurationDocument
{
    private const string ContainerdSocket = "unix:///run/containerd/containerd.sock";
    private const string SociSocket = "unix:///run/soci-snapshotter-grpc/soci-snapshotter-grpc.sock";

    private const string RotationGate = "RotateKubeletServerCertificate";

    // The suites of TLS 1.2 that the EKS-optimized images allow; those of TLS 1.3 cannot be chosen.
    private static readonly string[] CipherSuites =
    [
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_256_GCM_SHA384",
    ];

    /// <summary>The document. Every leaf's origin says what decided it; keys have the order in which they are written.</summary>
    public static TreeMap Of(NodeDecisions decisions)
    {
        var entries = new Entries()
            .Add("kind", "KubeletConfiguration", "the kind that the kubelet reads")
            .Add("apiVersion", "kubelet.config.k8s.io/v1beta1", "the version that the kubelet reads")
            .Add("address", "0.0.0.0", "the API server reaches the kubelet at any address of the node")
            .Add("authentication", Authentication())
            .Add("authorization", new Entries()
                .Add("mode", "Webhook", "the API server decides who may use the kubelet's API")
                .Add("webhook", new Entries()
                    .Add("cacheAuthorizedTTL", "5m0s", "as on an EKS-optimized image")
                    .Add("cacheUnauthorizedTTL", "30s", "as on an EKS-optimized image")))
            .Add("cgroupDriver", "systemd", "one manager of cgroups: systemd, as containerd uses it")
            .Add("cgroupRoot", "/", "pods are below the root of the cgroup tree")
            .Add("clusterDNS", new TreeList([TreeScalar.Of(decisions.ClusterDns.Value, decisions.ClusterDns.Origin)], decisions.ClusterDns.Origin))
            .Add("clusterDomain", "cluster.local", "the domain of every EKS cluster")
            .Add("containerRuntimeEndpoint", ContainerdSocket, "where containerd listens");
        if (decisions.FastImagePull.Value)
        {
            entries.Add("imageServiceEndpoint", TreeScalar.Of(SociSocket, decisions.FastImagePull.Origin));
        }

        return entries
            .Add("evictionHard", new Entries()
                .Add("memory.available", "100Mi", "as on an EKS-optimized image; Karpenter predicts with it")
                .Add("nodefs.available", "10%", "as on an EKS-optimized image")
                .Add("nodefs.inodesFree", "5%", "as on an EKS-optimized image"))
            .Add("featureGates", FeatureGates(decisions))
            .Add("hairpinMode", "hairpin-veth", "a pod reaches itself through its service")
            .Add("kubeReserved", Reserved(decisions))
            .Add("kubeReservedCgroup", "/runtime", "the slice of the kubelet and containerd")
            .Add("logging", new Entries().Add("verbosity", TreeScalar.Of(2, Default("as on an EKS-optimized image"))))
            .Add("maxPods", TreeScalar.Of(decisions.MaxPods.Value, decisions.MaxPods.Origin))
            .Add("protectKernelDefaults", true, "the kubelet fails when kernel settings are not those it expects, instead of changing them")
            .Add("providerID", TreeScalar.Of(decisions.ProviderId.Value, decisions.ProviderId.Origin))
            .Add("readOnlyPort", TreeScalar.Of(0, Default("no port without authentication")))
            .AddAll(Taints(decisions))
            .Add("serializeImagePulls", false, "images are pulled at once")
            .Add("serverTLSBootstrap", true, "the cluster signs the kubelet's serving certificate")
            .AddAll(Shutdown(decisions))
            .Add("systemReservedCgroup", "/system", "the slice of system services")
            .Add("tlsCipherSuites", Suites())
            .ToMap();
    }

    private static Entries Authentication() => new Entries()
        .Add("anonymous", new Entries().Add("enabled", false, "nobody uses the kubelet's API without a name"))
        .Add("webhook", new Entries()
            .Add("cacheTTL", "2m0s", "as on an EKS-optimized image")
            .Add("enabled", true, "the API server checks bearer tokens"))
        .Add("x509", new Entries().Add("clientCAFile", NodePaths.CertificateAuthority, "the cluster's certificate authority signs its clients"));

    private static Entries FeatureGates(NodeDecisions decisions)
    {
        var gates = new Entries();
        var kubelet = decisions.KubeletVersion;
        if (kubelet.Value.AtLeast(1, 33))
        {
            gates.Add("DynamicResourceAllocation", TreeScalar.Of(true, Since(decisions, "1.33")));
        }

        if (kubelet.Value.AtLeast(1, 34))
        {
            gates.Add("MutableCSINodeAllocatableCount", TreeScalar.Of(true, Since(decisions, "1.34")));
        }

        // Written while the kubelet knows it; then it is always on, and a kubelet that does not know it would not start.
        return KubeletGates.Accepts(RotationGate, kubelet.Value.Minor)
            ? gates.Add(RotationGate, true, "the kubelet asks for a new serving certificate before the old one ends")
            : gates;
    }

    private static Entries Reserved(NodeDecisions decisions)
    {
        var (reserved, origin) = decisions.Reserved;
        return new Entries()
            .Add("cpu", TreeScalar.Of(reserved.CpuMillicores.ToString(CultureInfo.InvariantCulture) + "m", Origin.Fact("host.cpuCount", reserved.CpuFormula)))
            .Add("ephemeral-storage", "1Gi", "as on an EKS-optimized image; Karpenter predicts with it")
            .Add("memory", TreeScalar.Of(reserved.MemoryMib.ToString(CultureInfo.InvariantCulture) + "Mi", origin));
    }

    private static Entries Taints(NodeDecisions decisions) =>
        NodeTaints.List(decisions.Taints) is { } taints ? new Entries().Add(NodeTaints.Field, taints) : new Entries();

    private static Entries Shutdown(NodeDecisions decisions)
    {
        var entries = new Entries();
        if (decisions.KubeletVersion.Value.AtLeast(1, 34))
        {
            entries
                .Add("shutdownGracePeriod", TreeScalar.Of("2m30s", Since(decisions, "1.34")))
                .Add("shutdownGracePeriodCriticalPods", TreeScalar.Of("30s", Since(decisions, "1.34")));
        }

        return entries;
    }

    private static TreeList Suites()
    {
        var origin = Default("the suites of the EKS-optimized images");
        return new TreeList([.. CipherSuites.Select(s => TreeScalar.Of(s, origin))], origin);
    }

    private static Origin Since(NodeDecisions decisions, string minor) =>
        decisions.KubeletVersion.Origin.Because($"EKS-optimized images set it since Kubernetes {minor}; this is {decisions.KubeletVersion.Value}");

    private static Origin Default(string note) => Origin.Default(note);
}
