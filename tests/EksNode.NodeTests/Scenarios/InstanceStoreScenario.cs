namespace EksNode.NodeTests.Scenarios;

/// <summary>A machine with two blank instance store disks: RAID0 and bind mounts.</summary>
internal sealed class InstanceStoreScenario : IScenario
{
    public string Name => "instance-store";

    public string What => "two NVMe disks become a RAID0 array that holds containerd, kubelet and pod logs";

    public Task RunAsync(ScenarioContext context, CancellationToken cancellation) => throw new NodeTestException("not yet");
}
