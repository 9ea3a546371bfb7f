using System.Collections.Immutable;
using System.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary><c>spec.limits.units</c>: a systemd drop-in for each service that it names. Without it the units stay as the image has them.</summary>
public sealed class UnitLimitComponent : IComponent
{
    /// <inheritdoc/>
    public string Name => "unit-limits";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        foreach (var (service, directives) in context.Config.Limits.Units)
        {
            var text = new StringBuilder("[Service]\n");
            var reasons = ImmutableArray.CreateBuilder<Reason>(directives.Count);
            foreach (var (name, value) in directives)
            {
                // A percent sign begins a specifier in a unit (systemd.unit(5)), but TasksMax= takes its value as it is.
                text.Append(name).Append('=').Append(value.Value).Append('\n');
                reasons.Add(new Reason($"limits.units.{service}.{name}", value.Value, value.Origin));
            }

            yield return new FileResource
            {
                Path = $"/etc/systemd/system/{service}.service.d/90-eksnode-limits.conf",
                Content = [.. Encoding.UTF8.GetBytes(text.ToString())],
                Restarts = [service + ".service"],
                Baking = Baking.OfDropIn,
                Reasons = reasons.ToImmutable(),
            };
        }
    }
}
