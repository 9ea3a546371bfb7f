using System.Collections.Immutable;
using EksNode.Host.Http;
using EksNode.Host.Services;

namespace EksNode.Joining;

/// <summary>
/// Brings the node's services up: first what containerd needs and containerd itself, then, when its images are there, the kubelet and
/// whatever else owes a restart. Nothing is started after something that did not come up.
/// </summary>
public static class StartServices
{
    /// <summary>The resolver, the snapshotter and containerd.</summary>
    /// <param name="context">The join; its files are applied.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">A unit is missing or does not come up.</exception>
    public static async Task RuntimeAsync(JoinContext context, CancellationToken cancellation)
    {
        var starter = StarterOf(context);
        context.Services = starter;
        try
        {
            using (context.Run.Timeline.Begin("systemd"))
            {
                await starter.PrepareAsync(NeededUnits(context), cancellation);
            }

            await starter.PayAsync(ServiceUnits.Resolved, cancellation);
            if (ServiceUnits.HasSnapshotter(context.Plan))
            {
                using var step = context.Run.Timeline.Begin("soci-snapshotter");
                await starter.BringUpAsync(ServiceUnits.SociSnapshotter, null, ServiceDeadlines.Other, cancellation);
            }

            using (context.Run.Timeline.Begin("containerd"))
            {
                using var health = new ContainerdHealth(context.Io.Clock);
                await starter.BringUpAsync(ServiceUnits.Containerd, health.AskAsync, ServiceDeadlines.Containerd, cancellation);
            }
        }
        finally
        {
            context.State = starter.State;
        }
    }

    /// <summary>The kubelet, then whatever else owes a restart, then the Node when it is waited for.</summary>
    /// <inheritdoc cref="RuntimeAsync"/>
    public static async Task NodeAsync(JoinContext context, CancellationToken cancellation)
    {
        var starter = context.Services;
        try
        {
            using (context.Run.Timeline.Begin("kubelet"))
            {
                await StartKubeletAsync(context, starter, cancellation);
            }

            foreach (var unit in starter.State.Owed.Keys.Where(u => u != ServiceUnits.Kubelet))
            {
                await starter.PayAsync(unit, cancellation);
            }
        }
        finally
        {
            context.State = starter.State;
        }

        if (context.Wait == WaitFor.Ready)
        {
            using var step = context.Run.Timeline.Begin("ready");
            await NodeReady.WaitAsync(context, starter, cancellation);
        }
    }

    private static async Task StartKubeletAsync(JoinContext context, ServiceStarter starter, CancellationToken cancellation)
    {
        if (context.Wait == WaitFor.None)
        {
            await starter.ActivateAsync(ServiceUnits.Kubelet, ServiceDeadlines.Kubelet, cancellation);
            return;
        }

        using var sender = new HttpSender(new HttpSenderOptions(), context.Io.Clock);
        var health = new KubeletHealth(sender, () => KubeletSettings.Read(context.Pipeline.Root, context.Run.Log));
        await starter.BringUpAsync(ServiceUnits.Kubelet, health.AskAsync, ServiceDeadlines.Kubelet, cancellation);
    }

    private static ServiceStarter StarterOf(JoinContext context) => new(
        new ServiceStarterOptions
        {
            Root = context.Pipeline.Root,
            Manager = context.Systemd,
            Plan = context.Plan,
            ReadLog = UnitLines.ReadAsync,
            Diagnostics = context.Run.Diagnostics,
            Deadlines = context.Deadlines,
            Log = context.Run.Log,
            Clock = context.Io.Clock,
        },
        context.State);

    private static ImmutableArray<string> NeededUnits(JoinContext context) => ServiceUnits.HasSnapshotter(context.Plan)
        ? [ServiceUnits.SociSnapshotter, ServiceUnits.Containerd, ServiceUnits.Kubelet]
        : [ServiceUnits.Containerd, ServiceUnits.Kubelet];
}
