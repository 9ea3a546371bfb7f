using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Engine;
using EksNode.Host.Files;
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
        using (var root = host.Open()) // it failed, or is built in: nothing more comes
        {
            var after = Differ.Diff(PlanOf(module, missing), root, AppliedState.Empty, new DiffOptions(Instance) { ModulesLoaded = true });
            Assert.Equal([DiagnosticCatalogue.SysctlMissing.Code], after.Codes());
        }

        Directory.CreateDirectory(host.At("/sys/module/br_netfilter"));
        Assert.Single(host.Diff(PlanOf(module, missing)).Diagnostics);
    }

    [Fact]
    public void A_setting_that_the_kernel_lacks_is_told_with_its_place_and_the_name_that_was_meant()
    {
        host.Write("/proc/sys/vm/swappiness", "60\n");
        var missing = Assert.Single(host.Diff(PlanOf(Of("vm.swappines", "1"))).Diagnostics);
        Assert.Equal(("spec.kernel.sysctls.vm.swappines", Origin.At("user-data", 1, 1)), (missing.Path, missing.Origin));
        Assert.Equal("Did you mean `vm.swappiness`?", missing.Help);
        Assert.Contains("spec.kernel.modules", Assert.Single(host.Diff(PlanOf(Of("net.none", "1"))).Diagnostics).Help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_value_is_an_error_that_leaves_nothing_else_undone()
    {
        const string other = "/proc/sys/vm/swappiness";
        host.Write(Path, "4096\n").Write(other, "60\n");
        var plan = PlanOf(FileOf("/etc/a", "a"), Of("net.core.somaxconn", "0"), Of("vm.swappiness", "10"), FileOf("/etc/z", "z", 0x1A4, "kubelet.service"));
        var report = host.Join(plan, steps: new Refusal(host, Path));
        var refusal = Assert.Single(report.Refused);
        Assert.Equal(
            (DiagnosticCatalogue.SysctlRefused.Code, Severity.Error, "spec.kernel.sysctls.net.core.somaxconn", Origin.At("user-data", 1, 1)),
            (refusal.Code, refusal.Severity, refusal.Path, refusal.Origin));
        Assert.Equal(("a", "z", "10\n"), (host.Read("/etc/a"), host.Read("/etc/z"), host.Read(other)));
        Assert.Contains("kubelet.service", host.State(), StringComparison.Ordinal);

        // The next join tries again, of the value alone.
        Directory.Delete(host.At(Path));
        host.Write(Path, "4096\n");
        Assert.Equal(Path, Assert.Single(host.Join(plan).Changes.Actions).Path);
    }

    [Fact]
    public void A_setting_without_a_way_back_is_a_warning_and_is_forgotten()
    {
        host.Write(Path, "0\n");
        host.Join(PlanOf(Of("net.core.somaxconn", "1"), FileOf("/etc/a", "a")));
        var refusal = Assert.Single(host.Join(PlanOf(), steps: new Refusal(host, Path)).Refused);
        Assert.Equal((DiagnosticCatalogue.SysctlRefused.Code, Severity.Warning, Path), (refusal.Code, refusal.Severity, refusal.Path));
        Assert.False(host.Exists("/etc/a"));

        Directory.Delete(host.At(Path));
        host.Write(Path, "1\n");
        Assert.Empty(host.Join(PlanOf()).Changes.Actions);
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
        Reasons = [new Reason("kernel.sysctls." + name, value, Origin.At("user-data", 1, 1))],
    };

    // A folder in its place refuses the write as the kernel does, after the difference was taken.
    private sealed class Refusal(TestRoot host, string refused) : IStepObserver
    {
        public void Before(string step, string path)
        {
            if (step == "set" && path == refused)
            {
                File.Delete(host.At(path));
                Directory.CreateDirectory(host.At(path));
            }
        }
    }
}
