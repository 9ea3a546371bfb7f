using System.Runtime.InteropServices;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Planning.Facts;

namespace EksNode.Host.Tests.Facts;

public sealed class HostFactsReaderTests : IDisposable
{
    private const string Cpu = "/sys/devices/system/cpu";
    private const string Node = "/sys/devices/system/node";
    private const string Memory = "/sys/devices/system/memory";

    private readonly FakeRoot root = new();

    public void Dispose() => root.Dispose();

    private void Cpus(string folder, params ReadOnlySpan<int> numbers)
    {
        foreach (var number in numbers)
        {
            root.Folder($"{folder}/cpu{number}");
        }
    }

    [Fact]
    public void A_root_without_proc_and_sys_tells_nothing()
    {
        var reading = root.ReadHost();
        Assert.Equal(new HostFacts(), reading.Facts);
        Assert.Empty(reading.Sources);
        Assert.Empty(root.Diagnostics.Items);
    }

    [Fact]
    public void Every_fact_tells_its_source()
    {
        root.File("/proc/sys/kernel/osrelease", "6.12.37-61.105.amzn2023.x86_64\n").File("/proc/sys/kernel/arch", "x86_64\n")
            .File("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n").File("/proc/meminfo", "MemTotal:  7935244 kB\nMemFree: 1 kB\n")
            .Folder("/sys/bus/pci/devices").Folder("/sys/block").File("/usr/bin/nvidia-container-runtime", "");
        Cpus(Cpu, 0, 1);
        var (facts, sources) = root.ReadHost();
        Assert.Equivalent(
            new HostFacts
            {
                CpuCount = 2,
                MemoryBytes = 7935244L * 1024,
                Architecture = "amd64",
                KernelRelease = "6.12.37-61.105.amzn2023.x86_64",
                CgroupVersion = 2,
                PciDevices = [],
                BlockDevices = [],
                NvidiaContainerRuntime = true,
            },
            facts,
            strict: true);
        Assert.Equal(
            [
                "host.architecture=/proc/sys/kernel/arch", "host.blockDevices=/sys/block", "host.cgroupVersion=/sys/fs/cgroup/cgroup.controllers",
                $"host.cpuCount={Cpu}", "host.kernelRelease=/proc/sys/kernel/osrelease", "host.memoryBytes=/proc/meminfo",
                "host.nvidiaContainerRuntime=/usr/bin/nvidia-container-runtime", "host.pciDevices=/sys/bus/pci/devices",
            ],
            sources.Select(s => $"{s.Key}={s.Value}"));
    }

    [Theory]
    [InlineData("0-3\n", 4)]
    [InlineData("0-1,3\n", 3)]
    [InlineData("0", 1)]
    [InlineData("2-9\n", 2)]
    public void Cpus_below_nodes_count_when_they_are_online(string online, int expected)
    {
        Cpus($"{Node}/node0", 0, 1);
        Cpus($"{Node}/node1", 2, 3);
        root.File($"{Cpu}/online", online).File($"{Node}/node0/cpulist", "0-1").File($"{Node}/node0/cpumap", "3").Folder($"{Node}/power");
        Assert.Equal(expected, root.ReadHost().Facts.CpuCount);
        Assert.Empty(root.Diagnostics.Items);
    }

    [Fact]
    public void All_cpus_below_nodes_count_when_nothing_says_which_are_online()
    {
        Cpus($"{Node}/node0", 0, 1);
        Cpus($"{Node}/node10", 2);
        Cpus(Cpu, 0, 1, 2, 3, 4);
        Assert.Equal(3, root.ReadHost().Facts.CpuCount);
    }

    [Fact]
    public void All_cpus_count_without_nodes()
    {
        Cpus(Cpu, 0, 1, 10);
        root.Folder($"{Cpu}/cpufreq").Folder($"{Cpu}/cpuidle").File($"{Cpu}/online", "0");
        Assert.Equal(3, root.ReadHost().Facts.CpuCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("a-b")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData("0,,2")]
    [InlineData("-1")]
    public void An_online_list_that_makes_no_sense_is_reported(string online)
    {
        Cpus($"{Node}/node0", 0, 1);
        root.File($"{Cpu}/online", online);
        Assert.Null(root.ReadHost().Facts.CpuCount);
        var diagnostic = Assert.Single(root.Diagnostics.Items);
        Assert.Equal(("EKN0770", $"{Cpu}/online"), (diagnostic.Code, diagnostic.Path));
    }

    [Fact]
    public void Memory_is_the_blocks_that_are_online()
    {
        root.File($"{Memory}/block_size_bytes", "8000000\n").File("/proc/meminfo", "MemTotal: 1 kB\n").File($"{Memory}/auto_online_blocks", "online");
        for (var block = 0; block < 64; block++)
        {
            root.File($"{Memory}/memory{block}/online", block == 5 ? "0\n" : "1\n");
        }

        var (facts, sources) = root.ReadHost();
        Assert.Equal(63L * 0x8000000, facts.MemoryBytes);
        Assert.Equal(Memory, sources["host.memoryBytes"]);
    }

    [Fact]
    public void A_block_size_that_makes_no_sense_is_reported_and_the_total_counts()
    {
        root.File($"{Memory}/block_size_bytes", "many").File($"{Memory}/memory0/online", "1").File("/proc/meminfo", "MemTotal: 4 kB\n");
        Assert.Equal(4096, root.ReadHost().Facts.MemoryBytes);
        Assert.Equal("EKN0770", Assert.Single(root.Diagnostics.Items).Code);
    }

    [Theory]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n", 2)]
    [InlineData("tmpfs /sys/fs/cgroup tmpfs ro 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n", 1)]
    [InlineData("cgroup /sys/fs/cgroup/memory cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n", 1)]
    [InlineData("proc /proc proc rw 0 0\n", null)]
    public void R02_Mounts_tell_the_cgroup_version(string mounts, int? expected)
    {
        root.File("/proc/mounts", mounts);
        Assert.Equal(expected, root.ReadHost().Facts.CgroupVersion);
    }

    [Fact]
    public void Pci_devices_are_found_through_links()
    {
        root.Link("/sys/bus/pci/devices/0000:00:1e.0", "../../../devices/pci0000:00/0000:00:1e.0")
            .File("/sys/devices/pci0000:00/0000:00:1e.0/vendor", "0x10de\n")
            .File("/sys/devices/pci0000:00/0000:00:1e.0/device", "0x2330\n")
            .File("/sys/devices/pci0000:00/0000:00:1e.0/class", "0x030200\n")
            .Link("/sys/bus/pci/devices/0000:00:02.0", "/sys/devices/pci0000:00/0000:00:02.0")
            .File("/sys/devices/pci0000:00/0000:00:02.0/vendor", "0x1D0F\n")
            .File("/sys/devices/pci0000:00/0000:00:02.0/device", "0x53\n")
            .File("/sys/devices/pci0000:00/0000:00:02.0/class", "0x40300\n")
            .Link("/sys/bus/pci/devices/0000:00:03.0", "../../../devices/gone");
        Assert.Equal(
            [new PciDevice("0000:00:02.0", "1d0f", "0053", "040300"), new PciDevice("0000:00:1e.0", "10de", "2330", "030200")],
            root.ReadHost().Facts.PciDevices!.Value);
        Assert.Equal("/sys/bus/pci/devices/0000:00:03.0", Assert.Single(root.Diagnostics.Items).Path);
    }

    [Fact]
    public void Block_devices_are_those_with_media_of_their_own()
    {
        root.Link("/sys/block/nvme0n1", "../devices/pci0000:00/nvme/nvme0/nvme0n1")
            .File("/sys/devices/pci0000:00/nvme/nvme0/nvme0n1/size", "41943040\n")
            .Link("/sys/devices/pci0000:00/nvme/nvme0/nvme0n1/device", "../../nvme0")
            .File("/sys/devices/pci0000:00/nvme/nvme0/model", "Amazon Elastic Block Store              \n")
            .File("/sys/devices/pci0000:00/nvme/nvme0/serial", "vol0a1b2c3d4e5f60718\n")
            .File("/sys/block/xvda/size", "2\n")
            .File("/sys/block/nvme0c0n1/size", "2\n").File("/sys/block/nvme0c0n1/hidden", "1\n");
        foreach (var other in (string[])["loop0", "ram1", "zram0", "md127", "dm-0", "sr0"])
        {
            root.File($"/sys/block/{other}/size", "2\n");
        }

        Assert.Equal(
            [new BlockDevice("nvme0n1", 21474836480, "Amazon Elastic Block Store", "vol0a1b2c3d4e5f60718"), new BlockDevice("xvda", 1024, null, null)],
            root.ReadHost().Facts.BlockDevices!.Value);
        Assert.Empty(root.Diagnostics.Items);
    }

    [Fact]
    public void A_block_device_without_a_size_is_reported()
    {
        root.File("/sys/block/xvda/size", "big\n");
        Assert.True(root.ReadHost().Facts.BlockDevices is { IsEmpty: true });
        Assert.Equal("/sys/block/xvda/size", Assert.Single(root.Diagnostics.Items).Path);
    }

    [Fact]
    public void A_file_that_is_a_directory_is_reported_and_missing()
    {
        root.Folder("/proc/sys/kernel/osrelease");
        Assert.Null(root.ReadHost().Facts.KernelRelease);
        Assert.Equal("EKN0770", Assert.Single(root.Diagnostics.Items).Code);
    }

    [Fact]
    public void The_nvidia_runtime_is_missing_only_where_programs_are()
    {
        root.Folder("/usr/bin");
        Assert.False(root.ReadHost().Facts.NvidiaContainerRuntime);
    }

    [Fact]
    public void This_machine_tells_what_every_Linux_tells()
    {
        using var machine = HostRoot.Open("/");
        var facts = HostFactsReader.Read(machine, new DiagnosticBag()).Facts;
        Assert.InRange(facts.CpuCount ?? 0, 1, 100_000);
        Assert.True(facts.MemoryBytes > 1 << 20);
        Assert.Equal(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64", facts.Architecture);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), facts.KernelRelease);
    }
}
