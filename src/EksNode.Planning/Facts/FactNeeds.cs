using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Facts;

/// <summary>Which facts a configuration needs beyond those of IMDS and the host, so that no call is made that nothing needs.</summary>
/// <param name="PrivateDnsName">The private DNS name from EC2 DescribeInstances: the node name, unless it is the instance id.</param>
/// <param name="ClusterDetails">Cluster details from EKS DescribeCluster: the configuration leaves some out but names the cluster.</param>
/// <param name="EndpointAddresses">The addresses of the API server's host from DNS: a local cluster on an Outpost, or a proxy, which private addresses are reached without.</param>
public sealed record FactNeeds(bool PrivateDnsName, bool ClusterDetails, bool EndpointAddresses)
{
    /// <summary>The networks of the VPC from IMDS: they are reached without the proxy.</summary>
    public bool VpcCidrs { get; init; }

    /// <summary>Facts of the instance that only templates of labels and taints need, by name: <c>instance.lifecycle</c>, <c>instance.tags.team</c>.</summary>
    public ImmutableArray<string> Named { get; init; } = [];

    /// <summary>What the configuration needs.</summary>
    public static FactNeeds Of(NodeConfig config)
    {
        var cluster = config.Cluster;
        var outpost = cluster.EnableOutpost?.Value ?? false;
        return new FactNeeds(
            PrivateDnsName: !config.Gate("InstanceIdNodeName"),
            ClusterDetails: cluster.Name is not null
                && (cluster.ApiServerEndpoint is null || cluster.CertificateAuthority is null || cluster.Cidr is null || (outpost && cluster.Id is null)),
            EndpointAddresses: outpost || config.Proxy.IsSet)
        {
            VpcCidrs = config.Proxy.IsSet,
            Named = NamedBy(config),
        };
    }

    private static ImmutableArray<string> NamedBy(NodeConfig config)
    {
        var names = new List<string>();
        foreach (var (_, label) in config.Labels)
        {
            Add(label.Value);
        }

        foreach (var taint in config.Taints)
        {
            if (taint.Value.Value is { } template)
            {
                Add(template);
            }
        }

        return [.. names.Order(StringComparer.Ordinal)];

        void Add(Template template)
        {
            foreach (var part in template.Parts)
            {
                if (part.Fact is { } fact && !names.Contains(fact)
                    && (fact is "instance.lifecycle" or "instance.placementGroup" or "instance.partition" || Template.TagOf(fact) is not null))
                {
                    names.Add(fact);
                }
            }
        }
    }
}
