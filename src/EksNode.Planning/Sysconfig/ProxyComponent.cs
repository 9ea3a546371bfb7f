using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary>
/// <c>spec.proxy</c>: a systemd drop-in for each service that talks to the world. A variable that <c>spec.instance.environment</c> gives
/// the service, or all services, is the user's own, in upper case or in lower case: the drop-in leaves it alone.
/// </summary>
public sealed class ProxyComponent : IComponent
{
    // What downloads: images, the cluster's API, Systems Manager, packages, and eksnode's own prefetching. The last two end by
    // themselves: they read it when they start next.
    internal static readonly ImmutableArray<(string Name, bool Restarts)> Services =
    [
        ("containerd", true), ("kubelet", true), ("soci-snapshotter", true), ("amazon-ssm-agent", true),
        ("dnf-makecache", false), (NodePaths.PrefetchService, false),
    ];

    /// <inheritdoc/>
    public string Name => "proxy";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var variables = NodeProxy.Variables(context.Config, context.Facts);
        if (!variables.IsEmpty && context.Facts.Instance.VpcCidrs.IsEmpty)
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.ProxyFactMissing,
                "The fact `instance.vpcCidrs` is missing: what is inside the VPC is reached through the proxy of `spec.proxy`, too.",
                "Give `instance.vpcCidrs` in the facts file, or list the networks of the VPC in `spec.proxy.noProxy`.",
                (context.Config.Proxy.Https ?? context.Config.Proxy.Http)?.Origin,
                "spec.proxy");
        }

        foreach (var (service, restarts) in variables.IsEmpty ? [] : Services)
        {
            var text = new StringBuilder("[Service]\n");
            var reasons = ImmutableArray.CreateBuilder<Reason>();
            foreach (var variable in variables)
            {
                if (IsUsers(context, service, variable.Name))
                {
                    continue;
                }

                // Go reads upper case first, curl's library and the SSM agent read lower case.
                Append(text, variable.Name, variable.Value.Reveal());
                Append(text, variable.Name.ToLowerInvariant(), variable.Value.Reveal());
                foreach (var part in variable.Reasons)
                {
                    reasons.Add(Reasons.Of("proxy." + variable.Name, variable.Name, part.Value, part.Origin));
                }
            }

            if (reasons.Count > 0)
            {
                yield return new FileResource
                {
                    Path = $"/etc/systemd/system/{service}.service.d/10-proxy.conf",
                    Content = [.. Encoding.UTF8.GetBytes(text.ToString())],
                    Mode = FileModes.Secret,
                    Sensitive = true,
                    Restarts = restarts ? [service + ".service"] : [],
                    Reasons = reasons.ToImmutable(),
                    Baking = Baking.OfDropIn,
                };
            }
        }
    }

    private static void Append(StringBuilder text, string name, string value) =>
        text.Append("Environment=").Append(SystemdAssignment.Quote(name, value)).Append('\n');

    private static bool IsUsers(PlanContext context, string service, string variable)
    {
        foreach (var key in (ReadOnlySpan<string>)[EnvironmentComponent.ManagerKey, service])
        {
            if (context.Config.Instance.Environment.TryGetValue(key, out var own)
                && (own.ContainsKey(variable) || own.ContainsKey(variable.ToLowerInvariant())))
            {
                return true;
            }
        }

        return false;
    }
}
