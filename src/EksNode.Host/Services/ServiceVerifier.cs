using System.Collections.Immutable;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;

namespace EksNode.Host.Services;

/// <summary>What a service of the node is, compared with what a join would leave.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="State">systemd's word for its state: <c>active</c>, <c>inactive</c>, <c>failed</c>, <c>not-found</c>.</param>
/// <param name="Because">Why it must restart: resource ids, or files that changed after it started; empty when it need not.</param>
public sealed record ServiceFinding(string Unit, string State, IReadOnlyList<string> Because)
{
    /// <summary>Whether it runs.</summary>
    public bool Runs { get; init; }

    /// <summary>Whether it is not as a join would leave it.</summary>
    public bool IsDrift => !Runs || Because.Count > 0;
}

/// <summary>Looks at the services that a node is made of, and at what owes a restart. It only asks.</summary>
public static class ServiceVerifier
{
    /// <summary>A finding for each service that a node needs, and for each other one that runs and owes a restart.</summary>
    /// <param name="root">The host.</param>
    /// <param name="manager">Its service manager.</param>
    /// <param name="state">What eksnode remembers of it.</param>
    /// <param name="plan">The plan; null: there is none, and files that others changed are not looked for.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">The service manager does not answer.</exception>
    public static async Task<ImmutableArray<ServiceFinding>> VerifyAsync(
        HostRoot root, IServiceManager manager, AppliedState state, Plan? plan, TimeProvider clock, CancellationToken cancellation)
    {
        List<string> needed = [ServiceUnits.Containerd, ServiceUnits.Kubelet];
        if (plan is null ? ServiceUnits.HasSnapshotter(state) : ServiceUnits.HasSnapshotter(plan))
        {
            needed.Insert(0, ServiceUnits.SociSnapshotter);
        }

        var boot = OwedRestarts.BootOf(root);
        var findings = new List<ServiceFinding>();
        foreach (var unit in needed.Union(state.Owed.Keys, StringComparer.Ordinal))
        {
            var status = await manager.StatusAsync(unit, cancellation).ConfigureAwait(false);
            var isNeeded = needed.Contains(unit);
            var decision = ServiceRules.Decide(new ServiceSituation
            {
                Status = status,
                Needed = isNeeded,
                Owed = state.Owed.GetValueOrDefault(unit),
                Boot = boot,
                Files = plan is null ? [] : UnitFiles.Of(unit, plan, root),
                Recorded = UnitFiles.Recorded(root),
                Now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick,
            });
            if (isNeeded || decision.Action == ServiceAction.Restart)
            {
                findings.Add(new ServiceFinding(
                    unit,
                    status.IsLoaded ? status.ActiveState : status.LoadState,
                    decision.Action == ServiceAction.Restart ? decision.Because : [])
                { Runs = status.IsActive });
            }
        }

        return findings.ToImmutable();
    }
}
