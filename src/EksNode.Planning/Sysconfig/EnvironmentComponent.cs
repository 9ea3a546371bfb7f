using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary>
/// <c>spec.instance.environment</c>: a systemd drop-in for each service that it names, and one for systemd's manager with the
/// variables of <c>default</c>, which every service then has, below its own.
/// </summary>
public sealed class EnvironmentComponent : IComponent
{
    /// <summary>The key of the variables that every service has.</summary>
    internal const string ManagerKey = "default";

    private const string ManagerDropIn = "/etc/systemd/system.conf.d/environment.conf";

    /// <inheritdoc/>
    public string Name => "environment";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        foreach (var (service, variables) in context.Config.Instance.Environment)
        {
            if (variables.IsEmpty)
            {
                continue;
            }

            // What starts after systemd has read its configuration again has the manager's variables; the services of the node must have them.
            yield return service == ManagerKey
                ? DropIn(ManagerDropIn, "Manager", "DefaultEnvironment", service, variables, ["containerd.service", "kubelet.service"])
                : DropIn($"/etc/systemd/system/{service}.service.d/environment.conf", "Service", "Environment", service, variables, [service + ".service"]);
        }
    }

    private static FileResource DropIn(
        string path,
        string section,
        string directive,
        string service,
        SortedMap<Sourced<Secret>> variables,
        ImmutableArray<string> restarts)
    {
        var text = new StringBuilder().Append('[').Append(section).Append("]\n");
        var reasons = new List<Reason>(variables.Count);
        foreach (var (name, value) in variables)
        {
            text.Append(directive).Append('=').Append(SystemdAssignment.Quote(name, value.Value.Reveal())).Append('\n');
            reasons.Add(Reasons.Of($"instance.environment.{service}.{name}", name, value.Value.Reveal(), value.Origin));
        }

        return new FileResource
        {
            Path = path,
            Content = [.. Encoding.UTF8.GetBytes(text.ToString())],
            Mode = FileModes.Secret,
            Sensitive = true,
            Restarts = restarts,
            Baking = Baking.OfDropIn,
            Reasons = reasons.ToImmutable(),
        };
    }
}
