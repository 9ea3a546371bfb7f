using EksNode.Configuration.Text;
using EksNode.Host.Boot;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Boot;

/// <summary>What stages leave for the report, what the report makes of it, and reading ahead.</summary>
public sealed class BootRecordTests
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    private static readonly RecordedRun failed = new(2_000_000, 2_500_000, 1, "EKN0700", [new TimelineSpan("imds token", TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300))]);
    private static readonly RecordedRun done = new(7_500_000, 9_000_000, 0, null, [new TimelineSpan("apply", TimeSpan.Zero, TimeSpan.FromSeconds(1))]);

    [Fact]
    public void Runs_of_a_boot_are_kept_and_those_of_an_earlier_boot_are_not()
    {
        using var root = new TestRoot();
        root.Write(BootId, "one\n");
        using var host = root.Open();
        var bag = new DiagnosticBag();
        TimelineRecord.Add(host, "start", failed, bag);
        TimelineRecord.Add(host, "start", done, bag);
        var record = Assert.Single(TimelineRecord.ReadAll(host, bag));
        Assert.Equal("start", record.Stage);
        Assert.Equal([1, 0], record.Runs.Select(r => r.ExitCode));
        Assert.Equal(failed.Spans[0], record.Runs[0].Spans[0]);
        Assert.Equal((failed.Began, failed.Ended, failed.Code), (record.Runs[0].Began, record.Runs[0].Ended, record.Runs[0].Code));
        Assert.Equal(0x180, root.Mode("/run/eksnode/timeline-start.json"));
        Assert.Equal(0x1C0, root.Mode("/run/eksnode"));

        root.Write(BootId, "two\n");
        Assert.Empty(TimelineRecord.ReadAll(host, bag));
        TimelineRecord.Add(host, "start", done, bag);
        Assert.Single(Assert.Single(TimelineRecord.ReadAll(host, bag)).Runs);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_named_and_replaced()
    {
        using var root = new TestRoot();
        root.Write(BootId, "one\n").Write("/run/eksnode/timeline-start.json", "{\"schemaVersion\":1,");
        using var host = root.Open();
        var bag = new DiagnosticBag();
        Assert.Empty(TimelineRecord.ReadAll(host, bag));
        Assert.Equal(DiagnosticCatalogue.BootTimelineUnusable.Code, Assert.Single(bag.Items).Code);
        TimelineRecord.Add(host, "start", done, new DiagnosticBag());
        Assert.Single(TimelineRecord.ReadAll(host, new DiagnosticBag()));
    }

    [Fact]
    public void The_first_and_the_last_of_many_runs_are_kept()
    {
        using var root = new TestRoot();
        root.Write(BootId, "one\n");
        using var host = root.Open();
        for (var i = 1; i <= 50; i++)
        {
            TimelineRecord.Add(host, "start", failed with { Began = i }, new DiagnosticBag());
        }

        var runs = Assert.Single(TimelineRecord.ReadAll(host, new DiagnosticBag())).Runs;
        Assert.Equal(20, runs.Length);
        Assert.Equal((1, 50), (runs[0].Began, runs[^1].Began));
    }

    [Fact]
    public void A_report_has_one_clock_for_machine_units_and_stages()
    {
        UnitStatus[] units =
        [
            new("cloud-final.service") { ActiveState = "active", InactiveExitTimestampMonotonic = 3_000_000, ActiveEnterTimestampMonotonic = 6_000_000 },
            new("kubelet.service") { ActiveState = "activating", InactiveExitTimestampMonotonic = 8_500_000 },
            new("never.service") { ActiveState = "inactive" },
        ];
        var report = BootReport.Of(new MachineTimes(4_000_000, 1_000_000, 500_000, 1_500_000, 0), units, [new TimelineRecord("start", "b", [failed, done])]);
        Assert.Equal(
            [
                "firmware -4..-1 Phase", "loader -1..0 Phase", "kernel 0..0.5 Phase", "initrd 0.5..1.5 Phase", "userspace 1.5.. Phase",
                "eksnode start 2..2.5 Stage exit 1, EKN0700", "imds token 2.1..2.4 Wait", "cloud-final.service 3..6 Unit", "eksnode start 7.5..9 Stage",
                "apply 7.5..8.5 Step", "kubelet.service 8.5.. Unit activating",
            ],
            report.Spans.Select(s => FormattableString.Invariant($"{s.Name} {s.Start.TotalSeconds}..{s.End?.TotalSeconds} {s.Kind} {s.Note}").TrimEnd()));
        Assert.Equal(TimeSpan.FromSeconds(9), report.Done);
        Assert.Null(BootReport.Of(null, [], [new TimelineRecord("start", "b", [failed])]).Done);
    }

    [Fact]
    public async Task Reading_ahead_takes_the_paths_of_the_manifest_and_never_fails()
    {
        using var root = new TestRoot(inMemory: false);
        root.Write("/etc/eksnode/image.json", """{"schemaVersion":1,"components":{"kubelet":{"version":"1.33.4","path":"/opt/kubelet"}}}""")
            .Write("/opt/kubelet", new string('k', 5_000_000)).Write("/usr/bin/containerd/folder", "").Link("/usr/sbin/runc", "/nowhere");
        using var host = root.Open();
        Assert.Contains("/opt/kubelet", ReadAhead.Files(host));
        Assert.DoesNotContain("/usr/bin/kubelet", ReadAhead.Files(host));
        var timeline = new Timeline(TimeProvider.System);
        using (var ahead = ReadAhead.Begin(host, NoLog.Instance, timeline))
        {
            await ahead.Completion.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        Assert.Equal("read ahead", Assert.Single(timeline.Spans).Name);
    }
}
