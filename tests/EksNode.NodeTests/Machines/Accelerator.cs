using System.Collections.Immutable;

namespace EksNode.NodeTests.Machines;

/// <summary>How the emulator runs the machine's instructions: with KVM where a kernel boots under it, else in software.</summary>
internal sealed record Accelerator(string Name, ImmutableArray<string> Arguments)
{
    private static readonly Accelerator Software = new("software emulation", ["-accel", "tcg,thread=multi", "-cpu", "max"]);
    private static readonly Accelerator Hardware = new("KVM", ["-accel", "kvm", "-cpu", "host"]);

    // A kernel that boots says its first words in less than a second under KVM.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Finds out by booting, once a kernel and a boot of this machine: that /dev/kvm opens does not say that a kernel boots under it.</summary>
    public static async Task<Accelerator> ProbeAsync(NodeTestOptions options, CancellationToken cancellation)
    {
        if (!File.Exists("/dev/kvm"))
        {
            return Software;
        }

        var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellation)).Trim();
        var remembered = Path.Combine(options.Cache, $"kvm-{boot}");
        if (!File.Exists(remembered))
        {
            foreach (var old in Directory.EnumerateFiles(options.Cache, "kvm-*"))
            {
                File.Delete(old);
            }

            await File.WriteAllTextAsync(remembered, await BootsAsync(options, cancellation) ? "yes" : "no", cancellation);
        }

        return await File.ReadAllTextAsync(remembered, cancellation) == "yes" ? Hardware : Software;
    }

    private static async Task<bool> BootsAsync(NodeTestOptions options, CancellationToken cancellation)
    {
        var console = Path.Combine(options.Work, "probe.console");
        await File.WriteAllTextAsync(console, "", cancellation);
        // Without a root disk the kernel panics at the end of its boot: that it got there is the answer.
        await using var emulator = Programs.Start(
            "qemu-system-x86_64",
            [.. Hardware.Arguments, "-machine", "q35", "-m", "512", "-nographic", "-nodefaults", "-no-user-config", "-no-reboot", "-kernel", options.Kernel, "-append", "console=ttyS0 panic=-1", "-serial", $"file:{console}"],
            Path.Combine(options.Work, "probe.emulator"));
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Patience);
        try
        {
            await emulator.WaitAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }

        return (await File.ReadAllTextAsync(console, cancellation)).Contains("Unable to mount root fs", StringComparison.Ordinal);
    }
}
