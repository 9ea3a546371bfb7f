using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

public sealed class SysctlEffectTests : IDisposable
{
    private const string Path = "/proc/sys/net/core/somaxconn";

    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_setting_is_set_once_verified_and_put_back()
    {
        host.Write(Path, "4096\n");
        var plan = PlanOf(Of("net.core.somaxconn", "16384"));
        var change = Assert.Single(host.Join(plan).Changes.Actions);
        Assert.Equal((ChangeAction.Update, "4096\n", "16384\n"), (change.Action, change.Before!.Text, change.After!.Text));
        Assert.Equal("16384\n", host.Read(Path));
        Assert.Empty(host.Join(plan).Changes.Actions);
        Assert.DoesNotContain(host.Verify(plan), f => f.IsDrift);

        host.Write(Path, "128\n");
        var drift = Assert.Single(host.Verify(plan), f => f.IsDrift);
        Assert.Equal((FindingStatus.Changed, Path), (drift.Status, drift.Path));
        Assert.Single(host.Join(plan).Changes.Actions);
        Assert.Equal("16384\n", host.Read(Path));

        host.Join(PlanOf());
        Assert.Equal("4096\n", host.Read(Path));
        Assert.Empty(host.Verify(PlanOf()));
    }

    [Fact]
    public void A_value_that_somebody_set_since_is_not_undone()
    {
        host.Write(Path, "4096\n");
        host.Join(PlanOf(Of("net.core.somaxconn", "16384")));
        host.Write(Path, "128\n");
        host.Join(PlanOf());
        Assert.Equal("128\n", host.Read(Path));
    }

    [Fact]
    public void Values_are_compared_as_the_kernel_writes_them()
    {
        host.Write("/proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n");
        Assert.Empty(host.Join(PlanOf(Of("net.ipv4.ip_local_port_range", "1024 65535"))).Changes.Actions);
    }

    [Fact]
    public void A_setting_that_the_kernel_lacks_is_a_warning_unless_a_module_may_bring_it()
    {
        host.Write("/proc/sys/kernel/pid_max", "32768\n");
        var missing = Of("net.bridge.bridge-nf-call-iptables", "1");
        Assert.Equal(DiagnosticCatalogue.SysctlMissing.Code, Assert.Single(host.Diff(PlanOf(missing)).Diagnostics).Code);
        var module = new KernelModuleResource { Path = "/sys/module/br_netfilter", Name = "br_netfilter", Build = "" };
        Assert.Empty(host.Diff(PlanOf(module, missing)).Diagnostics);
        Directory.CreateDirectory(host.At("/sys/module/br_netfilter"));
        Assert.Single(host.Diff(PlanOf(module, missing)).Diagnostics);
    }

    [Fact]
    public void Without_a_kernel_there_is_nothing_to_set()
    {
        var plan = PlanOf(Of("net.core.somaxconn", "16384"));
        var report = host.Join(plan);
        Assert.Empty(report.Changes.All);
        Assert.Empty(report.Changes.Diagnostics);
        Assert.Empty(host.Verify(plan));
    }

    private static SysctlResource Of(string name, string value) => new()
    {
        Path = SysctlName.PathOf(name),
        Name = name,
        Value = value,
        Reasons = [new Reason(name, value, Origin.At("user-data", 1, 1))],
    };
}
