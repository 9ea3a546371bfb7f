using System.Collections.Immutable;
using System.Globalization;

namespace EksNode.NodeTests.Machines;

/// <summary>A machine to boot.</summary>
internal sealed record MachineOptions
{
    public required string Name { get; init; }

    public required string InstanceType { get; init; }

    public required string Mac { get; init; }

    public int MemoryMib { get; init; } = 2048;

    /// <summary>Further NVMe disks: serial number and size in MiB. They are blank.</summary>
    public ImmutableArray<(string Serial, int SizeMib)> Disks { get; init; } = [];
}

/// <summary>
/// An EC2 instance in an emulator: its root disk is an overlay of the image, an NVMe device as on EC2, its firmware tables say Amazon EC2, and
/// its network is the emulator's, which leads to the addresses of <see cref="PrivateNetwork"/>.
/// </summary>
internal sealed class VirtualMachine : IAsyncDisposable
{
    // The root partition as script/node-test-image makes it.
    private const string RootPartition = "6e6f6465-7465-4374-8000-000000000001";

    /// <summary>The serial number of the disk with the ImageConfig.</summary>
    public const string DocumentSerial = "document";

    // On a busy machine the emulated timer is late, and the kernel would take it for broken.
    private const string Emulated = "no_timer_check";

    // Every program that starts and every fork, from the first moment on: how the tests know what ran on the path.
    private const string Tracing = "trace_event=sched:sched_process_exec,sched:sched_process_fork trace_buf_size=16M";

    private readonly BackgroundProgram emulator;
    private readonly string packets;

    private VirtualMachine(BackgroundProgram emulator, string console, string packets, GuestShell shell)
    {
        this.emulator = emulator;
        this.packets = packets;
        ConsolePath = console;
        Shell = shell;
    }

    public GuestShell Shell { get; }

    public string ConsolePath { get; }

    /// <summary>Everything on the serial console so far.</summary>
    public string Console
    {
        get
        {
            using var file = new FileStream(ConsolePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
    }

    public static async Task<VirtualMachine> StartAsync(NodeTestOptions options, MachineOptions machine, Accelerator accelerator, CancellationToken cancellation)
    {
        string At(string suffix) => Path.Combine(options.Work, machine.Name + suffix);
        var overlay = At(".qcow2");
        await Programs.RunAsync("qemu-img", ["create", "-q", "-f", "qcow2", "-b", options.Disk, "-F", "raw", overlay, "8G"], cancellation);
        var own = await File.ReadAllTextAsync(options.KernelArguments, cancellation);
        List<string> arguments =
        [
            .. accelerator.Arguments, "-smp", "2", "-m", machine.MemoryMib.ToString(CultureInfo.InvariantCulture),
            "-machine", "q35", "-nographic", "-nodefaults", "-no-user-config",
            "-kernel", options.Kernel, "-append", $"console=ttyS0 root=PARTUUID={RootPartition} rw {own.Trim()} {Emulated} {Tracing}",
            "-smbios", "type=0,vendor=Amazon EC2", "-smbios", $"type=1,manufacturer=Amazon EC2,product={machine.InstanceType},serial=ec2f0000-0000-4000-8000-000000000000,uuid=ec2f0000-0000-4000-8000-000000000000",
            .. Disk("root", overlay, "qcow2", "vol0a1b2c3d4e5f60718"),
            "-drive", $"if=none,id=document,file={options.Document},format=raw,readonly=on", "-device", $"virtio-blk-pci,drive=document,serial={DocumentSerial}",
            "-netdev", $"user,id=net0,ipv6=off,net={PrivateNetwork.Subnet},host={PrivateNetwork.Gateway},dhcpstart={PrivateNetwork.Machine},hostfwd=tcp:{PrivateNetwork.Machine}:10250-{PrivateNetwork.Machine}:10250",
            "-device", $"virtio-net-pci,netdev=net0,mac={machine.Mac},romfile=", "-device", "virtio-rng-pci",
            "-object", $"filter-dump,id=packets,netdev=net0,file={At(".packets")}",
            "-serial", $"file:{At(".console")}",
            "-device", "virtio-serial-pci", "-chardev", $"socket,id=shell,path={At(".shell")},server=on,wait=off", "-device", "virtserialport,chardev=shell,name=eksnode.test",
        ];
        for (var i = 0; i < machine.Disks.Length; i++)
        {
            var path = At($".disk{i.ToString(CultureInfo.InvariantCulture)}");
            await Programs.RunAsync("qemu-img", ["create", "-q", "-f", "raw", path, $"{machine.Disks[i].SizeMib}M"], cancellation);
            arguments.AddRange(Disk($"disk{i.ToString(CultureInfo.InvariantCulture)}", path, "raw", machine.Disks[i].Serial));
        }

        await File.WriteAllTextAsync(At(".console"), "", cancellation);
        var emulator = Programs.Start("qemu-system-x86_64", arguments, At(".emulator"));
        var shell = new GuestShell(At(".shell"));
        await Waiting.UntilAsync(
            "the emulator", TimeSpan.FromSeconds(30),
            async token =>
            {
                emulator.EnsureRuns();
                return await shell.TryOpenAsync(token);
            },
            null, cancellation);
        return new VirtualMachine(emulator, At(".console"), At(".packets"), shell);
    }

    /// <summary>Whom the machine has called so far.</summary>
    public NetworkCapture Calls => NetworkCapture.Read(packets, PrivateNetwork.Machine);

    /// <summary>The end of the serial console, without its colours and cursor movements.</summary>
    public string LastLines(int count) => string.Join('\n', SerialText.Lines(Console).TakeLast(count));

    /// <summary>The lines of the serial console near the first that holds a text.</summary>
    public IEnumerable<string> LinesAround(string text, int after)
    {
        var lines = SerialText.Lines(Console).ToList();
        var at = lines.FindIndex(line => line.Contains(text, StringComparison.Ordinal));
        return at < 0 ? [] : lines.Skip(at).Take(after + 1);
    }

    /// <summary>Fails when the emulator is gone, or the kernel in it.</summary>
    public void EnsureRuns()
    {
        emulator.EnsureRuns();
        if (Console.Contains("Kernel panic", StringComparison.Ordinal))
        {
            throw new KernelPanicException();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.DisposeAsync();
        await emulator.DisposeAsync();
    }

    // The overlay dies with the run: what the machine flushes need not reach this machine's disk.
    private static IEnumerable<string> Disk(string id, string path, string format, string serial) =>
        ["-drive", $"if=none,id={id},file={path},format={format},cache=unsafe,discard=unmap", "-device", $"nvme,drive={id},serial={serial}"];
}
