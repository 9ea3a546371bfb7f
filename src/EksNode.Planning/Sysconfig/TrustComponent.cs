using System.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary>
/// <c>spec.trust</c>: certificate authorities among the sources of the system's store. Programs read what is extracted from there, once,
/// when they start: join has it extracted before it starts anything.
/// </summary>
/// <remarks>Folder: update-ca-trust(8), of Amazon Linux and Fedora.</remarks>
public sealed class TrustComponent : IComponent
{
    /// <inheritdoc/>
    public string Name => "trust";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        foreach (var authority in context.Config.Trust?.Value ?? [])
        {
            if (authority.Pem is { } pem)
            {
                yield return new FileResource
                {
                    Path = $"{NodePaths.TrustAnchors}/{authority.Name.Value}.pem",
                    Content = [.. Encoding.UTF8.GetBytes(pem.Value.EndsWith('\n') ? pem.Value : pem.Value + "\n")],
                    Restarts = context.Decisions.FastImagePull.Value
                        ? ["amazon-ssm-agent.service", "containerd.service", "soci-snapshotter.service"]
                        : ["amazon-ssm-agent.service", "containerd.service"],
                    Baking = Baking.OfSetting,
                    Reasons = [new Reason("trust." + authority.Name.Value, "certificates", authority.File?.Origin ?? pem.Origin)],
                };
            }
        }
    }
}
