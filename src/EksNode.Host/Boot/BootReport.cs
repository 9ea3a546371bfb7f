using System.Collections.Immutable;
using EksNode.Host.Systemd;

namespace EksNode.Host.Boot;

/// <summary>What a stretch of a boot is.</summary>
public enum BootSpanKind
{
    /// <summary>A phase of the machine: firmware, loader, kernel, initrd, userspace.</summary>
    Phase,

    /// <summary>A unit of systemd, from when it began to start until it was active.</summary>
    Unit,

    /// <summary>A run of a stage of eksnode.</summary>
    Stage,

    /// <summary>A step of such a run.</summary>
    Step,

    /// <summary>A step in which eksnode did nothing but wait for somebody else.</summary>
    Wait,
}

/// <summary>A stretch of a boot.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Kind">Of which kind.</param>
/// <param name="Start">When it began, since the kernel began; negative before that.</param>
/// <param name="End">When it ended; null when it has not.</param>
/// <param name="Note">How it ended when that was not well: <c>failed</c>, <c>exit 2, EKN0204</c>.</param>
public sealed record BootSpan(string Name, BootSpanKind Kind, TimeSpan Start, TimeSpan? End, string? Note = null);

/// <summary>When the machine's phases began, in microseconds as systemd's manager tells them; 0: it has none.</summary>
/// <param name="Firmware">How long before the kernel the firmware began.</param>
/// <param name="Loader">How long before the kernel the loader began.</param>
/// <param name="InitRd">When the initrd's systemd began.</param>
/// <param name="Userspace">When the system's systemd began.</param>
/// <param name="Finish">When the boot was done.</param>
public sealed record MachineTimes(long Firmware, long Loader, long InitRd, long Userspace, long Finish);

/// <summary>Where the time of this boot went: the machine, units that a node starts with, and the stages of eksnode, on one clock.</summary>
/// <param name="Spans">The stretches, in the order of their beginnings.</param>
/// <param name="Done">When the first start that succeeded had ended, since the kernel began; null when none has.</param>
public sealed record BootReport(ImmutableArray<BootSpan> Spans, TimeSpan? Done)
{
    /// <summary>The units whose time matters for a node, in the order of a boot.</summary>
    public static ImmutableArray<string> Units { get; } =
    [
        "cloud-init-local.service", "systemd-networkd-wait-online.service", "eksnode-configure.service", "cloud-init.service",
        "cloud-init-network.service", "cloud-config.service", "multi-user.target", "cloud-final.service", "eksnode-start.service",
        "containerd.service", "kubelet.service",
    ];

    // Steps that are waits by their names.
    private static readonly string[] waits = ["wait for ", "pause ", "imds", "lock"];

    /// <summary>Puts a report together.</summary>
    /// <param name="machine">The phases of the machine; null when systemd cannot be asked.</param>
    /// <param name="units">The units; none when systemd cannot be asked.</param>
    /// <param name="records">What the stages recorded.</param>
    public static BootReport Of(MachineTimes? machine, IEnumerable<UnitStatus> units, ImmutableArray<TimelineRecord> records)
    {
        var spans = new List<BootSpan>();
        if (machine is not null)
        {
            AddPhases(spans, machine);
        }

        spans.AddRange(units.Select(Of).OfType<BootSpan>());
        foreach (var record in records)
        {
            foreach (var run in record.Runs)
            {
                var note = run.ExitCode == 0 ? null : run.Code is null ? FormattableString.Invariant($"exit {run.ExitCode}") : FormattableString.Invariant($"exit {run.ExitCode}, {run.Code}");
                spans.Add(new BootSpan($"eksnode {record.Stage}", BootSpanKind.Stage, Time(run.Began), Time(run.Ended), note));
                spans.AddRange(run.Spans.Select(s => new BootSpan(
                    s.Name,
                    waits.Any(w => s.Name.StartsWith(w, StringComparison.Ordinal)) ? BootSpanKind.Wait : BootSpanKind.Step,
                    Time(run.Began) + s.Start,
                    Time(run.Began) + s.Start + s.Duration)));
            }
        }

        var starts = records.Where(r => r.Stage is "start" or "join").SelectMany(r => r.Runs).Where(r => r.ExitCode == 0).ToList();
        return new BootReport(
            // Of two that begin together the longer one holds the other.
            [.. spans.OrderBy(s => s.Start).ThenBy(s => s.Kind).ThenByDescending(s => s.End ?? TimeSpan.MaxValue).ThenBy(s => s.Name, StringComparer.Ordinal)],
            starts.Count == 0 ? null : Time(starts.Min(r => r.Ended)));
    }

    private static void AddPhases(List<BootSpan> spans, MachineTimes machine)
    {
        Add("firmware", machine.Firmware > 0, -machine.Firmware, -machine.Loader);
        Add("loader", machine.Loader > 0, -machine.Loader, 0);
        Add("kernel", machine.Userspace > 0, 0, machine.InitRd > 0 ? machine.InitRd : machine.Userspace);
        Add("initrd", machine.InitRd > 0, machine.InitRd, machine.Userspace);
        Add("userspace", machine.Userspace > 0, machine.Userspace, machine.Finish > 0 ? machine.Finish : null);

        void Add(string name, bool exists, long start, long? end)
        {
            if (exists)
            {
                spans.Add(new BootSpan(name, BootSpanKind.Phase, Time(start), end is { } at ? Time(at) : null));
            }
        }
    }

    private static BootSpan? Of(UnitStatus unit)
    {
        if (unit.InactiveExitTimestampMonotonic == 0 && unit.ActiveEnterTimestampMonotonic == 0)
        {
            return null;
        }

        // A target is active at once.
        var start = unit.InactiveExitTimestampMonotonic == 0 ? unit.ActiveEnterTimestampMonotonic : unit.InactiveExitTimestampMonotonic;
        var isUp = unit.ActiveEnterTimestampMonotonic >= start;
        return new BootSpan(
            unit.Unit,
            BootSpanKind.Unit,
            Time(start),
            isUp ? Time(unit.ActiveEnterTimestampMonotonic) : null,
            unit.ActiveState == "failed" ? "failed" : isUp ? null : unit.ActiveState);
    }

    private static TimeSpan Time(long microseconds) => TimeSpan.FromMicroseconds(microseconds);
}
