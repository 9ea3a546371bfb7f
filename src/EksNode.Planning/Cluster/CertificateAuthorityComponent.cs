using EksNode.Planning.Plans;

namespace EksNode.Planning.Cluster;

/// <summary>The cluster's certificate authority, byte for byte: the kubelet checks the API server and its own clients with it.</summary>
public sealed class CertificateAuthorityComponent : IComponent
{
    /// <inheritdoc/>
    public string Name => "certificate-authority";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var authority = context.Decisions.CertificateAuthority;
        yield return new FileResource
        {
            Path = NodePaths.CertificateAuthority,
            Content = authority.Value,
            Mode = context.Decisions.Profile.Mode(NodePaths.CertificateAuthority, FileModes.Public),
            Restarts = ["kubelet.service"],
            Baking = Baking.OfCluster,
            Reasons = [new Reason("cluster.certificateAuthority", $"{authority.Value.Length} bytes", authority.Origin)],
            Controls = context.Decisions.Profile.Controls(NodePaths.CertificateAuthority),
        };
    }
}
