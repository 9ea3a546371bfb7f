using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Validation;

/// <summary>
/// The node that a configuration is checked for when no facts are given: what is generated for every node is right, what depends
/// on an instance or a cluster is a placeholder that no rule reads.
/// </summary>
internal static class AssumedNode
{
    // EKS-optimized AL2023 images have containerd 2 from Kubernetes 1.33 on; the newest releases that the tables know.
    private const int FirstMinorWithContainerd2 = 33;
    private static readonly SemanticVersion Containerd1 = new(1, 7, 27);
    private static readonly SemanticVersion Containerd2 = new(2, 1, 4);

    // What no minor generates alike is generated from 1.34 on: a kubelet of unknown version is taken for an earlier one.
    private static readonly SemanticVersion Kubelet = new(1, 33, 0);

    private const string Placeholder = "cluster";
    private const string Endpoint = "https://cluster.invalid";
    private const string Services = "10.100.0.0/16";

    /// <summary>The containerd of the EKS-optimized image of a Kubernetes version.</summary>
    /// <param name="kubelet">The version; null when it is not known.</param>
    public static SemanticVersion ContainerdOf(SemanticVersion? kubelet) =>
        kubelet is { Minor: < FirstMinorWithContainerd2 } ? Containerd1 : Containerd2;

    /// <summary>The cluster, with a placeholder for each detail that neither it nor the facts have: a file may be a part of a configuration.</summary>
    /// <param name="cluster">The cluster's settings.</param>
    /// <param name="facts">The cluster's facts.</param>
    public static ClusterSettings Complete(ClusterSettings cluster, ClusterFacts facts)
    {
        var origin = Origin.Default("the file does not say");
        return cluster with
        {
            Name = cluster.Name ?? new(Placeholder, origin),
            ApiServerEndpoint = cluster.ApiServerEndpoint ?? (string.IsNullOrEmpty(facts.Endpoint) ? new(Endpoint, origin) : null),
            CertificateAuthority = cluster.CertificateAuthority ?? (string.IsNullOrEmpty(facts.CertificateAuthority) ? new(ImmutableArray<byte>.Empty, origin) : null),
            Cidr = cluster.Cidr ?? (string.IsNullOrEmpty(facts.ServiceCidr) ? new(Services, origin) : null),
            Id = cluster.Id ?? (string.IsNullOrEmpty(facts.Id) ? new(Placeholder, origin) : null),
        };
    }

    /// <summary>The node.</summary>
    /// <param name="kubelet">The kubelet's version; null when it is not known.</param>
    /// <param name="containerd">containerd's version.</param>
    public static NodeDecisions Of(SemanticVersion? kubelet, SemanticVersion containerd)
    {
        var origin = Origin.Default("no facts are given");
        return new NodeDecisions
        {
            KubeletVersion = new(kubelet ?? Kubelet, origin),
            ContainerdVersion = new(containerd, origin),
            ClusterName = Text(Placeholder),
            ApiServerEndpoint = Text(Endpoint),
            CertificateAuthority = new(ImmutableArray<byte>.Empty, origin),
            OnOutpost = new(false, origin),
            IpFamily = new(IpFamily.Ipv4, origin),
            ClusterDns = Text("10.100.0.10"),
            NodeName = Text("node"),
            NodeIp = Text("10.0.0.1"),
            ProviderId = Text("aws:///zone/instance"),
            Region = Text("us-east-1"),
            MaxPods = new(110, origin),
            Reserved = new(new ReservedResources(80, 1465), origin),
            Runtime = new(new RuntimeHandler("runc", "/usr/sbin/runc"), origin),
            FastImagePull = new(false, origin),
            NvidiaDevice = new(false, origin),
            SandboxImage = Text("localhost/kubernetes/pause:latest"),
        };

        Sourced<string> Text(string value) => new(value, origin);
    }
}
