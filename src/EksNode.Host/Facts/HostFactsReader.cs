using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Facts;

namespace EksNode.Host.Facts;

/// <summary>Facts of the machine and where they came from.</summary>
/// <param name="Facts">The facts.</param>
/// <param name="Sources">By the name of a fact, its source: for <see cref="NodeFacts.Sources"/>.</param>
public sealed record HostReading(HostFacts Facts, SortedMap<string> Sources);

/// <summary>
/// Reads the facts of the machine from <c>proc</c> and <c>sys</c> below a root. A root without them, such as an image in a folder,
/// gives facts that are not known: <see cref="HostFactsDefaults"/> fills these from the instance catalog.
/// </summary>
public static class HostFactsReader
{
    private const long BytesPerSector = 512;

    private static readonly string[] VirtualDevices = ["loop", "ram", "zram", "md", "dm-", "sr"];

    /// <summary>Reads the facts.</summary>
    /// <param name="root">The root.</param>
    /// <param name="diagnostics">Takes what cannot be read.</param>
    public static HostReading Read(HostRoot root, DiagnosticBag diagnostics)
    {
        var files = new RootFiles(root, diagnostics);
        var sources = SortedMap.CreateBuilder<string>();
        var facts = new HostFacts
        {
            CpuCount = Known("host.cpuCount", CpuCounter.Count(files)),
            MemoryBytes = Known("host.memoryBytes", OnlineMemory.Read(files)),
            Architecture = Known("host.architecture", Architecture(files, root)),
            KernelRelease = Known("host.kernelRelease", Sourced(files.Text("/proc/sys/kernel/osrelease"), "/proc/sys/kernel/osrelease")),
            CgroupVersion = Known("host.cgroupVersion", CgroupVersion(files)),
            PciDevices = Known("host.pciDevices", PciDevices(files)),
            NvidiaOpenDevices = Known("host.nvidiaOpenDevices", NvidiaOpenDevices.Read(files)),
            BlockDevices = Known("host.blockDevices", BlockDevices(files)),
            NvidiaContainerRuntime = Known("host.nvidiaContainerRuntime", NvidiaContainerRuntime(files)),
        };
        return new HostReading(facts, sources.ToImmutable());

        T? Known<T>(string name, (T? Value, string Source) fact)
        {
            if (fact.Value is not null)
            {
                sources[name] = fact.Source;
            }

            return fact.Value;
        }
    }

    private static (T? Value, string Source) Sourced<T>(T? value, string source) => (value, source);

    // The kernel tells since 6.1. On this very machine the process knows, too; another root may be of another architecture.
    private static (string? Value, string Source) Architecture(RootFiles files, HostRoot root)
    {
        const string path = "/proc/sys/kernel/arch";
        return files.Text(path) switch
        {
            "x86_64" => ("amd64", path),
            "aarch64" => ("arm64", path),
            _ when !IsThisMachine(root) => (null, ""),
            _ => RuntimeInformation.OSArchitecture switch
            {
                System.Runtime.InteropServices.Architecture.X64 => ("amd64", "uname"),
                System.Runtime.InteropServices.Architecture.Arm64 => ("arm64", "uname"),
                _ => (null, ""),
            },
        };
    }

    /// <summary>Whether the root is that of the running machine.</summary>
    internal static bool IsThisMachine(HostRoot root) => System.IO.Path.GetFullPath(root.Path) == "/";

    private static (int? Value, string Source) CgroupVersion(RootFiles files)
    {
        const string controllers = "/sys/fs/cgroup/cgroup.controllers";
        const string mounts = "/proc/mounts";
        if (files.Exists(controllers))
        {
            return (2, controllers);
        }

        int? version = null;
        foreach (var line in (files.Text(mounts) ?? "").Split('\n'))
        {
            // device, mount point, type, options
            switch (line.Split(' '))
            {
                case [_, "/sys/fs/cgroup", "cgroup2", ..]:
                    return (2, mounts);
                case [_, var point, "cgroup", ..] when point.StartsWith("/sys/fs/cgroup", StringComparison.Ordinal):
                    version = 1;
                    break;
            }
        }

        return (version, mounts);
    }

    private static (ImmutableArray<PciDevice>? Value, string Source) PciDevices(RootFiles files)
    {
        const string folder = "/sys/bus/pci/devices";
        if (files.List(folder) is not { } addresses)
        {
            return (null, folder);
        }

        var devices = new List<PciDevice>();
        foreach (var address in addresses)
        {
            var path = $"{folder}/{address}";
            if (files.HexadecimalId($"{path}/vendor", 4) is { } vendor
                && files.HexadecimalId($"{path}/device", 4) is { } device
                && files.HexadecimalId($"{path}/class", 6) is { } type)
            {
                devices.Add(new PciDevice(address, vendor, device, type, files.HexadecimalId($"{path}/subsystem_device", 4)));
            }
            else
            {
                files.Unexpected(path, "has no vendor, device and class");
            }
        }

        return (devices.ToImmutable(), folder);
    }

    private static (ImmutableArray<BlockDevice>? Value, string Source) BlockDevices(RootFiles files)
    {
        const string folder = "/sys/block";
        if (files.List(folder) is not { } names)
        {
            return (null, folder);
        }

        var devices = new List<BlockDevice>();
        foreach (var name in names)
        {
            // A path of a multipath NVMe device is hidden: the device itself is listed, too.
            var path = $"{folder}/{name}";
            if (Array.Exists(VirtualDevices, p => name.StartsWith(p, StringComparison.Ordinal)) || files.Text($"{path}/hidden") == "1")
            {
                continue;
            }

            if (long.TryParse(files.Text($"{path}/size"), NumberStyles.None, CultureInfo.InvariantCulture, out var sectors)
                && sectors <= long.MaxValue / BytesPerSector)
            {
                devices.Add(new BlockDevice(
                    name, sectors * BytesPerSector, files.Text($"{path}/device/model"), files.Text($"{path}/device/serial")));
            }
            else
            {
                files.Unexpected($"{path}/size", "holds no number of sectors");
            }
        }

        return (devices.ToImmutable(), folder);
    }

    private static (bool? Value, string Source) NvidiaContainerRuntime(RootFiles files)
    {
        const string program = "/usr/bin/nvidia-container-runtime";
        return (files.Exists("/usr/bin") ? files.Exists(program) : null, program);
    }
}
