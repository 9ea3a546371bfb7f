using System.Globalization;
using EksNode.NodeTests.Checks;
using EksNode.NodeTests.ControlPlanes;

namespace EksNode.NodeTests.Scenarios;

/// <summary>From power-on with user data alone to a node that is Ready, and again after a reboot.</summary>
internal sealed class JoinScenario : IScenario
{
    public string Name => "join";

    public string What => "power-on with user data alone to Ready, reboot, Ready again";

    public async Task RunAsync(ScenarioContext context, CancellationToken cancellation)
    {
        var userData = context.UserData();
        context.Phases.Done($"before the first boot: {await ValidatedImage.OfRootAsync(context.Options, cancellation)}");
        await context.StartCloudAsync(userData, cancellation);
        await context.PowerOnAsync(context.Instance(Name), cancellation);
        var node = new ClusterNode(context.ControlPlane, context.Authority, context.Simulator.Options.InstanceId);
        var first = await BootAsync(context, node, userData, null, cancellation);
        context.Phases.Done(await NodeDrift.CheckAsync(context, cancellation));
        context.Phases.Done(await ImagePrograms.CheckAsync(context.Machine.Shell, cancellation));
        if (context.IsReal)
        {
            await OfflinePod.RunAsync(context.ControlPlane.Api, "first-boot", context.Simulator.Options.InstanceId, CachedImage.Pause, cancellation);
            context.Phases.Done("pod Running, its traffic forwarded, its log read through the API server");
        }

        await context.Machine.Shell.AskAsync("systemctl reboot", 30, cancellation);
        context.Phases.Done("reboot");
        await BootAsync(context, node, userData, first, cancellation);
        if (context.IsReal)
        {
            await OfflinePod.RunAsync(context.ControlPlane.Api, "second-boot", context.Simulator.Options.InstanceId, CachedImage.Pause, cancellation);
            context.Phases.Done("pod Running, its traffic forwarded");
        }
    }

    /// <returns>The id of the boot.</returns>
    private static async Task<string> BootAsync(ScenarioContext context, ClusterNode node, string userData, string? bootBefore, CancellationToken cancellation)
    {
        var ready = await node.WaitReadyAsync(ScenarioContext.ReadyDeadline, bootBefore, context.Machine.EnsureRuns, cancellation);
        context.Phases.Done("Node Ready");
        await node.InitializeAsync(cancellation);
        await node.WaitCertificateAsync(TimeSpan.FromMinutes(2), cancellation);
        KubeletPort.Check(await KubeletPort.ConfigurationAsync(context.Authority, cancellation), context.Simulator.Options.InstanceId);
        context.Phases.Done("serving certificate approved and served; the kubelet runs with what was planned");

        var shell = context.Machine.Shell;
        await shell.WaitAsync(ScenarioContext.ShellDeadline, cancellation);
        await Waiting.UntilAsync(
            "eksnode-start.service active", TimeSpan.FromMinutes(3),
            async token => (await shell.TryAskAsync("systemctl is-active eksnode-start.service", 20, token))?.Output.Trim() == "active", null, cancellation);
        context.Phases.Done("eksnode-start.service done");
        await NodeState.CheckAsync(shell, cancellation);
        var files = await WrittenFiles.CompareAsync(context.Options, shell, userData, cancellation);
        var programs = await ExecutedPrograms.ReadAsync(shell, cancellation);
        ExecutedPrograms.Check(programs);
        var aws = context.Simulator.Calls.Aws.Where(call => call.Name is not "sts:GetCallerIdentity" && !call.Name.StartsWith("kubernetes:", StringComparison.Ordinal) && !call.Name.StartsWith("webhook:", StringComparison.Ordinal)).ToList();
        if (aws.Count > 0)
        {
            throw new NodeTestException($"AWS was asked on the path: {aws[0]}");
        }

        context.Phases.Done(string.Create(
            CultureInfo.InvariantCulture,
            $"{files} files as planned; nothing left to change; programs run by eksnode: {(programs.Count == 0 ? "none" : string.Join(", ", programs.Select(program => program.Path)))}"));
        context.Phases.Done(await HardenedMachine.CheckAsync(shell, cancellation));
        context.Phases.Done($"in the machine: {await ValidatedImage.OfMachineAsync(context.Options, shell, cancellation)}");
        if (!context.IsReal)
        {
            // No kubelet runs pods here.
            await CachedImage.Pause.RunAsync(shell, cancellation);
            context.Phases.Done("a container in the network of pods runs, its traffic forwarded");
        }

        await BootTimeline.PrintAsync(context.Phases, shell, cancellation);
        return ready["status"]!["nodeInfo"]!["bootID"]!.GetValue<string>();
    }
}
