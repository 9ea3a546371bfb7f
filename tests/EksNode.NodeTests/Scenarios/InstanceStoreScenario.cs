using EksNode.NodeTests.Checks;
using EksNode.NodeTests.ControlPlanes;
using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Scenarios;

/// <summary>
/// A machine with two blank instance store disks, which become one array that holds what a node writes most, and a blank volume for containerd: the container images
/// that its image carries are on the volume before the first pod.
/// </summary>
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
            storage:
              volumes:
              - match:
                  volumeId: vol-0c2d4e6f8091a3b5c
                mountTargets:
                - /var/lib/containerd
        """;

    private const string Volume = "vol0c2d4e6f8091a3b5c";
    private const string VolumeTarget = "/var/lib/containerd";

    private static readonly string[] ArrayTargets = ["/var/lib/kubelet", "/var/log/pods"];

    private static readonly CachedImage[] Images = [CachedImage.Pause, CachedImage.Application];

    public string Name => "instance-store";

    public string What => "two NVMe disks become a RAID0 array that holds kubelet and pod logs, a volume holds containerd with the cached images";

    public async Task RunAsync(ScenarioContext context, CancellationToken cancellation)
    {
        await context.StartCloudAsync(context.UserData(Storage), cancellation);
        await context.PowerOnAsync(
            context.Instance(Name) with { Disks = [("AWS1C0A5F2E6D3B4A987", 1024), ("AWS2D1B6F3E7D4C5B098", 1024), (Volume, 1024)] }, cancellation);
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

        foreach (var target in ArrayTargets)
        {
            await WantMountAsync(shell, target, "/dev/md", cancellation);
        }

        await WantMountAsync(shell, VolumeTarget, (await shell.ReadAsync($"readlink -f /dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_{Volume}", cancellation)).Trim(), cancellation);
        context.Phases.Done($"RAID0 of two disks below {string.Join(", ", ArrayTargets)}, a volume below {VolumeTarget}");
        foreach (var image in Images)
        {
            await image.CheckStoreAsync(shell, cancellation);
        }

        context.Phases.Done($"on the volume, pinned, before the first pod: {string.Join(", ", Images.Select(image => image.Name))}");
        if (context.IsReal)
        {
            // The log of the pod is read from the kubelet, over TLS.
            await node.WaitCertificateAsync(TimeSpan.FromMinutes(2), cancellation);
            await OfflinePod.RunAsync(context.ControlPlane.Api, "cached", context.Simulator.Options.InstanceId, CachedImage.Application, cancellation);
        }
        else
        {
            await CachedImage.Application.RunAsync(shell, cancellation);
        }

        context.Phases.Done($"a container of {CachedImage.Application.Name} runs; {await CachedImage.Application.CheckCallsAsync(context.Machine, cancellation)}");
        await Waiting.UntilAsync(
            "eksnode-start.service active", TimeSpan.FromMinutes(3),
            async token => (await shell.TryAskAsync("systemctl is-active eksnode-start.service", 20, token))?.Output.Trim() == "active", null, cancellation);
        await NodeState.CheckAsync(shell, cancellation);
        var programs = await ExecutedPrograms.ReadAsync(shell, cancellation);
        ExecutedPrograms.Check(programs);
        context.Phases.Done($"programs run by eksnode: {string.Join(", ", programs.Select(program => program.Path).Distinct())}");
    }

    private static async Task WantMountAsync(GuestShell shell, string target, string source, CancellationToken cancellation)
    {
        var mount = await shell.AskAsync($"findmnt -no SOURCE,FSTYPE {target}", 30, cancellation);
        if (mount.Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [var found, "xfs"] || !found.StartsWith(source, StringComparison.Ordinal))
        {
            throw new NodeTestException($"{target} is not on {source}: `{mount.Output}`");
        }
    }
}
