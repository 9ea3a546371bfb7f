using EksNode.NodeTests.Checks;
using EksNode.NodeTests.ControlPlanes;

namespace EksNode.NodeTests.Scenarios;

/// <summary>A machine with two blank instance store disks, which become one array that holds what a node writes most.</summary>
internal sealed class InstanceStoreScenario : IScenario
{
    // The emulator's disks have its own model name; the user says which of them count, as on any cloud whose disks eksnode does not know.
    private const string Storage = """
          instance:
            localStorage:
              strategy: RAID0
        --//
        Content-Type: application/eksnode.io

        apiVersion: eksnode.io/v1alpha1
        kind: NodeConfig
        spec:
          instance:
            localStorage:
              match:
              - model: QEMU NVMe Ctrl
                serial: AWS*
        """;

    private static readonly string[] Targets = ["/var/lib/kubelet", "/var/lib/containerd", "/var/log/pods"];

    public string Name => "instance-store";

    public string What => "two NVMe disks become a RAID0 array that holds kubelet, containerd and pod logs";

    public async Task RunAsync(ScenarioContext context, CancellationToken cancellation)
    {
        await context.StartCloudAsync(context.UserData(Storage), cancellation);
        await context.PowerOnAsync(
            context.Instance(Name) with { Disks = [("AWS1C0A5F2E6D3B4A987", 1024), ("AWS2D1B6F3E7D4C5B098", 1024)] }, cancellation);
        var node = new ClusterNode(context.ControlPlane, context.Authority, context.Simulator.Options.InstanceId);
        await node.WaitReadyAsync(ScenarioContext.ReadyDeadline, null, context.Machine.EnsureRuns, cancellation);
        context.Phases.Done("Node Ready");
        var shell = context.Machine.Shell;
        await shell.WaitAsync(ScenarioContext.ShellDeadline, cancellation);

        var array = await shell.ReadAsync("cat /proc/mdstat", cancellation);
        if (!array.Contains("active raid0 ", StringComparison.Ordinal) || array.Split("nvme").Length != 3)
        {
            throw new NodeTestException($"There is no RAID0 of the two disks:\n{array}");
        }

        foreach (var target in Targets)
        {
            var mount = await shell.AskAsync($"findmnt -no SOURCE,FSTYPE {target}", 30, cancellation);
            if (mount.Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [var source, "xfs"] || !source.StartsWith("/dev/md", StringComparison.Ordinal))
            {
                throw new NodeTestException($"{target} is not on the array: `{mount.Output}`");
            }
        }

        context.Phases.Done($"RAID0 of two disks below {string.Join(", ", Targets)}");
        await Waiting.UntilAsync(
            "eksnode-start.service active", TimeSpan.FromMinutes(3),
            async token => (await shell.TryAskAsync("systemctl is-active eksnode-start.service", 20, token))?.Output.Trim() == "active", null, cancellation);
        await NodeState.CheckAsync(shell, cancellation);
        var programs = await ExecutedPrograms.ReadAsync(shell, cancellation);
        ExecutedPrograms.Check(programs);
        context.Phases.Done($"programs run by eksnode: {string.Join(", ", programs.Select(program => program.Path).Distinct())}");
    }
}
