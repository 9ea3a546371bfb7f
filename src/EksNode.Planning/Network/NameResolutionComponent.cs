using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Network;

/// <summary><c>spec.instance.network</c>: name servers and search domains of the machine, as a drop-in of systemd-resolved.</summary>
public sealed class NameResolutionComponent : IComponent
{
    /// <summary>The drop-in.</summary>
    public const string DropIn = "/run/systemd/resolved.conf.d/40-eks.conf";

    /// <inheritdoc/>
    public string Name => "name-resolution";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var instance = context.Config.Instance;
        var reasons = new List<Reason>();
        var servers = Line("instance.network.nameservers", instance.Nameservers, reasons);
        var domains = Line("instance.network.domains", instance.Domains, reasons);
        if (reasons.Count == 0)
        {
            yield break;
        }

        // An empty line clears what files before this one set; so it is on an EKS-optimized image.
        yield return new FileResource
        {
            Path = DropIn,
            Content = [.. Encoding.UTF8.GetBytes($"[Resolve]\nDNS={servers}\nDomains={domains}\n")],
            Restarts = ["systemd-resolved.service"],
            Reasons = reasons.ToImmutable(),
        };
    }

    private static string Line(string setting, Sourced<ImmutableArray<string>>? values, List<Reason> reasons)
    {
        if (values is not { Value.IsEmpty: false })
        {
            return "";
        }

        var line = string.Join(' ', values.Value);
        reasons.Add(new Reason(setting, line, values.Origin));
        return line;
    }
}
