using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace EksNode.Simulation.Scenarios;

/// <summary>A taint as the producers write it.</summary>
public sealed record Taint(string Key, string? Value, string Effect);

/// <summary>What a producer of user data was asked for.</summary>
public sealed record UserDataOptions
{
    public string ClusterName { get; init; } = "demo";

    public string Endpoint { get; init; } = "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com";

    public string CertificateAuthority { get; init; } = ClusterCertificate.Base64;

    public string ServiceCidr { get; init; } = "172.20.0.0/16";

    public string ClusterDns { get; init; } = "172.20.0.10";

    public int? MaxPods { get; init; } = 29;

    public ImmutableArray<KeyValuePair<string, string>> Labels { get; init; } = [];

    public ImmutableArray<Taint> Taints { get; init; } = [];

    /// <summary>Karpenter: instanceStorePolicy RAID0.</summary>
    public bool InstanceStoreRaid0 { get; init; }

    /// <summary>The user's own parts; every producer puts them before its own.</summary>
    public ImmutableArray<MimePart> CustomParts { get; init; } = [];

    /// <summary>The cluster of a simulator with these details.</summary>
    public ClusterOptions ToCluster() => new() { Name = ClusterName, Endpoint = Endpoint, ServiceIpv4Cidr = ServiceCidr };
}

/// <summary>The user data that an instance of a managed node group, of Karpenter and of eksctl really gets.</summary>
public static class UserData
{
    /// <summary>An EKS managed node group: labels of the service, taints through the API, cluster DNS in a list.</summary>
    public static string ManagedNodeGroup(UserDataOptions? options = null)
    {
        options ??= new UserDataOptions();
        ImmutableArray<KeyValuePair<string, string>> labels =
        [
            new("eks.amazonaws.com/sourceLaunchTemplateVersion", "1"),
            new("eks.amazonaws.com/nodegroup-image", "ami-0123456789abcdef0"),
            new("eks.amazonaws.com/capacityType", "ON_DEMAND"),
            new("eks.amazonaws.com/nodegroup", "workers"),
            new("eks.amazonaws.com/sourceLaunchTemplateId", "lt-0a1b2c3d4e5f60718"),
            .. options.Labels,
        ];
        var yaml = new StringBuilder("---\n").Append(Header()).Append(Cluster(options))
            .Append("  kubelet:\n    config:\n")
            .Append(options.MaxPods is { } maxPods ? $"      maxPods: {Text(maxPods)}\n" : "")
            .Append("      clusterDNS:\n      - ").Append(options.ClusterDns).Append('\n')
            .Append("    flags:\n    - \"--node-labels=").Append(Join(labels)).Append("\"\n");
        if (!options.Taints.IsEmpty)
        {
            yaml.Append("    - \"--register-with-taints=").Append(Join(options.Taints)).Append("\"\n");
        }

        return MimeArchive.Write([.. options.CustomParts, MimePart.NodeConfig(yaml.ToString())]);
    }

    /// <summary>
    /// Karpenter with the AL2023 family: its own NodeConfig last, always registerWithTaints, labels in one flag whose value is
    /// quoted inside the flag.
    /// </summary>
    public static string Karpenter(UserDataOptions? options = null)
    {
        options ??= new UserDataOptions();
        ImmutableArray<Taint> taints = [.. options.Taints, new Taint("karpenter.sh/unregistered", null, "NoExecute")];
        ImmutableArray<KeyValuePair<string, string>> labels =
        [
            new("karpenter.k8s.aws/ec2nodeclass", "default"),
            new("karpenter.sh/capacity-type", "on-demand"),
            new("karpenter.sh/do-not-sync-taints", "true"),
            new("karpenter.sh/nodepool", "default"),
            .. options.Labels,
        ];
        var yaml = new StringBuilder("# Karpenter Generated NodeConfig\n").Append(Header("metadata: {}\n")).Append(Cluster(options))
            .Append("  containerd: {}\n")
            .Append(options.InstanceStoreRaid0 ? "  instance:\n    localStorage:\n      strategy: RAID0\n" : "")
            .Append("  kubelet:\n    config:\n      clusterDNS:\n      - ").Append(options.ClusterDns).Append('\n')
            .Append(options.MaxPods is { } maxPods ? $"      maxPods: {Text(maxPods)}\n" : "")
            .Append("      registerWithTaints:\n");
        foreach (var taint in taints)
        {
            yaml.Append("      - effect: ").Append(taint.Effect).Append('\n')
                .Append("        key: ").Append(taint.Key).Append('\n')
                .Append(taint.Value is { } value ? $"        value: \"{value}\"\n" : "");
        }

        yaml.Append("    flags:\n    - --node-labels=\"").Append(Join(labels)).Append("\"\n");
        return MimeArchive.Write([.. options.CustomParts, MimePart.NodeConfig(yaml.ToString())]);
    }

    /// <summary>eksctl: a random boundary without quotes, CR LF around the parts, labels and taints as flags.</summary>
    public static string Eksctl(UserDataOptions? options = null)
    {
        options ??= new UserDataOptions();
        ImmutableArray<KeyValuePair<string, string>> labels =
        [
            new("alpha.eksctl.io/cluster-name", options.ClusterName),
            new("alpha.eksctl.io/nodegroup-name", "ng-1"),
            .. options.Labels,
        ];
        var yaml = new StringBuilder(Header("metadata: {}\n")).Append(Cluster(options))
            .Append("  containerd: {}\n  instance:\n    localStorage: {}\n")
            .Append("  kubelet:\n    config:\n      clusterDNS:\n      - ").Append(options.ClusterDns).Append('\n')
            .Append("    flags:\n    - --node-labels=").Append(Join(labels)).Append('\n');
        if (!options.Taints.IsEmpty)
        {
            yaml.Append("    - --register-with-taints=").Append(Join(options.Taints)).Append('\n');
        }

        // eksctl writes what the user overrides as a NodeConfig of its own, as JSON.
        var parts = options.CustomParts.Add(MimePart.NodeConfig(yaml.ToString()));
        if (options.MaxPods is { } maxPods)
        {
            parts = parts.Add(MimePart.NodeConfig(
                """{"kind":"NodeConfig","apiVersion":"node.eks.aws/v1alpha1","metadata":{},"spec":{"cluster":{},"containerd":{},"instance":{},"kubelet":{"config":{"maxPods":""" +
                Text(maxPods) + "}}}}\n"));
        }

        return MimeArchive.Write(parts, "4e0a2f7b1c9d8e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d", quoteBoundary: false, carriageReturns: true);
    }

    /// <summary>The bytes as IMDS gives them.</summary>
    public static ReadOnlyMemory<byte> Bytes(string userData) => Encoding.UTF8.GetBytes(userData);

    private static string Header(string metadata = "") => $"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n{metadata}spec:\n";

    private static string Cluster(UserDataOptions options) =>
        $"""
          cluster:
            apiServerEndpoint: {options.Endpoint}
            certificateAuthority: {options.CertificateAuthority}
            cidr: {options.ServiceCidr}
            name: {options.ClusterName}

        """;

    private static string Join(IEnumerable<KeyValuePair<string, string>> labels) => string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"));

    private static string Join(IEnumerable<Taint> taints) => string.Join(',', taints.Select(taint => $"{taint.Key}={taint.Value}:{taint.Effect}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
