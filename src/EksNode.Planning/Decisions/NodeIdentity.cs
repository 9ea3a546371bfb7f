using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>What the node is called: its name, provider id and region.</summary>
internal static class NodeIdentity
{
    /// <summary>
    /// The Node object's name: the private DNS name that EC2 DescribeInstances returns, or with the gate <c>InstanceIdNodeName</c>
    /// the instance id. Never a host name of IMDS or of the system: the cluster authorises the name that EC2 returns, and under a
    /// custom DHCP domain the others differ from it.
    /// </summary>
    public static Sourced<string>? Name(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        if (config.Gate("InstanceIdNodeName"))
        {
            return facts.Required("instance.id", facts.Instance.Id, "with the gate InstanceIdNodeName it is the node's name", diagnostics) is { } id
                ? id with { Origin = config.FeatureGates["InstanceIdNodeName"].Origin.Because("InstanceIdNodeName makes the instance id the node's name") }
                : null;
        }

        if (!string.IsNullOrEmpty(facts.Instance.PrivateDnsName))
        {
            return new Sourced<string>(
                facts.Instance.PrivateDnsName,
                facts.OriginOf("instance.privateDnsName", $"the name that the cluster authorises, from {facts.SourceOf("instance.privateDnsName")}"));
        }

        diagnostics.Report(
            DiagnosticCatalogue.FactMissing,
            "The fact `instance.privateDnsName` is missing: it is the node's name.",
            "Allow the node's role to call `ec2:DescribeInstances`, or set `spec.featureGates.InstanceIdNodeName: true` where the cluster authorises instance ids.",
            path: "instance.privateDnsName");
        return null;
    }

    /// <summary>The provider id, by which the cloud controller finds the instance: <c>aws:///zone/instance-id</c>.</summary>
    public static Sourced<string>? ProviderId(NodeFacts facts, DiagnosticBag diagnostics)
    {
        var zone = facts.Required("instance.availabilityZone", facts.Instance.AvailabilityZone, "the provider id holds it", diagnostics);
        var id = facts.Required("instance.id", facts.Instance.Id, "the provider id holds it", diagnostics);
        return zone is null || id is null
            ? null
            : new Sourced<string>($"aws:///{zone.Value}/{id.Value}", facts.OriginOf("instance.id", "aws:///zone/instance-id, by which the cloud controller finds the instance"));
    }

    /// <summary>The region, for which tokens are signed.</summary>
    public static Sourced<string>? Region(NodeFacts facts, DiagnosticBag diagnostics) =>
        facts.Required("instance.region", facts.Instance.Region, "the kubelet's tokens are signed for it", diagnostics);
}
