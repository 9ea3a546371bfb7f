using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Services;
using EksNode.Host.Tests.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Containerd;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Services;

public sealed class SnapshotterTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_its_configuration_makes_the_snapshotter_a_service_of_the_node(bool hasConfiguration)
    {
        // A proxy gives every service a drop-in, also those that a node does not have.
        var dropIn = FileOf("/etc/systemd/system/soci-snapshotter.service.d/10-proxy.conf", "[Service]\n", 0x1A4, ServiceUnits.SociSnapshotter);
        var plan = hasConfiguration
            ? PlanOf(dropIn, FileOf(ContainerdComponent.SnapshotterConfigPath, "", 0x1A4, ServiceUnits.SociSnapshotter))
            : PlanOf(dropIn);
        using var host = new TestRoot();
        host.Join(plan);
        using var root = host.Open();
        var state = AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag());
        var systemd = new FakeServices(host, _ => [], _ => []);
        foreach (var known in (Planning.Plans.Plan?[])[plan, null])
        {
            var findings = await ServiceVerifier.VerifyAsync(
                root, systemd, state with { Owed = state.Owed.Clear() }, known, TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.Equal(hasConfiguration, findings.Any(f => f.Unit == ServiceUnits.SociSnapshotter));
        }

        Assert.Equal(hasConfiguration, ServiceStopper.UnitsOf(state).Contains(ServiceUnits.SociSnapshotter));
    }
}
