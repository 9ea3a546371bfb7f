using EksNode.Planning.Accelerators;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Accelerators;

public sealed class NvidiaModuleTests
{
    private static readonly PciDevice H100 = new("0000:01:00.0", "10de", "2330", "030200", "16c1");
    private static readonly PciDevice L4 = new("0000:02:00.0", "10de", "27b8", "030200", "16ee");
    private static readonly PciDevice FractionalL4 = new("0000:02:00.0", "10de", "27b8", "030200", "1735");
    private static readonly PciDevice V100 = new("0000:03:00.0", "10de", "1db1", "030200");
    private static readonly PciDevice Switch = new("0000:04:00.0", "10de", "22a3", "068000");
    private static readonly PciDevice Network = new("0000:00:05.0", "1d0f", "ec20", "020000");

    [Fact]
    public void A_machine_without_nvidia_devices_needs_none() => Assert.Null(NvidiaModule.Of(Facts("m6i.large", Network)));

    [Fact]
    public void The_open_module_is_for_machines_all_of_whose_gpus_it_supports()
    {
        Assert.Equal("nvidia-open", Build("p5.48xlarge", H100, Switch, Network));
        Assert.Equal("nvidia", Build("p3.2xlarge", V100));
        Assert.Equal("nvidia", Build("odd.large", H100, V100));
    }

    [Fact]
    public void Without_a_list_of_devices_it_is_the_proprietary_one()
    {
        var facts = Facts("p5.48xlarge", H100);
        Assert.Equal("nvidia", NvidiaModule.Of(facts with { Host = facts.Host with { NvidiaOpenDevices = null } })!.Build);
    }

    [Fact]
    public void A_part_of_an_l4_has_a_module_of_its_own()
    {
        Assert.Equal("nvidia-open-grid", Build("g6f.large", FractionalL4));
        Assert.Equal("nvidia-open", Build("g6.large", L4));
    }

    [Theory]
    [InlineData("g4dn.xlarge", "nvidia", false)]
    [InlineData("g5.xlarge", "nvidia", false)]
    [InlineData("g5g.xlarge", "nvidia", false)]
    [InlineData("g50.xlarge", "nvidia-open", true)]
    public void Some_families_need_the_proprietary_module_without_the_system_processor(string type, string build, bool systemProcessor)
    {
        var module = NvidiaModule.Of(Facts(type, H100))!;
        Assert.Equal((build, systemProcessor), (module.Build, module.SystemProcessor));
    }

    private static string Build(string type, params PciDevice[] devices) => NvidiaModule.Of(Facts(type, devices))!.Build;

    private static NodeFacts Facts(string type, params PciDevice[] devices) => new()
    {
        Instance = new InstanceFacts { Type = type },
        Host = new HostFacts { PciDevices = [.. devices], NvidiaOpenDevices = ["2330", "27b8"] },
    };
}
