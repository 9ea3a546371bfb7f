using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Logging;

namespace EksNode.Host.Boot;

/// <summary>One run of a stage. Times are microseconds of the monotonic clock, which systemd's timestamps are of, too.</summary>
/// <param name="Began">When it began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Code">The code of its first error; null: none.</param>
/// <param name="Spans">Its steps; their starts count from <paramref name="Began"/>.</param>
public sealed record RecordedRun(long Began, long Ended, int ExitCode, string? Code, ImmutableArray<TimelineSpan> Spans);

/// <summary>
/// What each stage of a boot leaves for <c>boot-report</c>: <c>/run/eksnode/timeline-STAGE.json</c>, with its last runs in this boot.
/// </summary>
/// <param name="Stage"><c>configure</c>, <c>start</c>.</param>
/// <param name="BootId">The boot.</param>
/// <param name="Runs">The runs, oldest first.</param>
public sealed record TimelineRecord(string Stage, string BootId, ImmutableArray<RecordedRun> Runs)
{
    private const int SchemaVersion = 1;
    private const string Prefix = "timeline-";
    private const string Suffix = ".json";

    /// <summary>A unit that fails is restarted for ever; the first runs say as much as all.</summary>
    private const int MostRuns = 20;

    private static readonly Origin here = Origin.Default("the timeline of a stage");

    /// <summary>Adds a run to the record of its stage.</summary>
    /// <param name="root">The root of the node.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="run">The run.</param>
    /// <param name="diagnostics">Takes why it cannot be written.</param>
    public static void Add(HostRoot root, string stage, RecordedRun run, DiagnosticBag diagnostics)
    {
        if (BootIdentity.BootId(root) is not { } boot)
        {
            return;
        }

        try
        {
            var earlier = Read(root, stage, new DiagnosticBag()) is { } record && record.BootId == boot ? record.Runs : [];
            ImmutableArray<RecordedRun> runs = [.. earlier.Length < MostRuns ? earlier : [.. earlier[..(MostRuns / 2)], .. earlier[(MostRuns / 2 + 1)..]], run];
            RuntimeRecord.Write(root, Prefix + stage + Suffix, Document(stage, boot, runs));
        }
        catch (DiagnosticException failure)
        {
            Report(diagnostics, failure.Diagnostic.Message);
        }
    }

    /// <summary>The records of this boot, by the names of their files.</summary>
    /// <param name="root">The root of the node.</param>
    /// <param name="diagnostics">Takes what cannot be read.</param>
    public static ImmutableArray<TimelineRecord> ReadAll(HostRoot root, DiagnosticBag diagnostics)
    {
        var boot = BootIdentity.BootId(root);
        var records = new List<TimelineRecord>();
        foreach (var name in root.List(HostLock.DirectoryPath) ?? [])
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
                && Read(root, name[Prefix.Length..^Suffix.Length], diagnostics) is { } record
                && (boot is null || record.BootId == boot))
            {
                records.Add(record);
            }
        }

        return records.ToImmutable();
    }

    private static TimelineRecord? Read(HostRoot root, string stage, DiagnosticBag diagnostics)
    {
        var name = Prefix + stage + Suffix;
        var found = new DiagnosticBag();
        var document = RuntimeRecord.Read(root, name, found);
        if (document is null && found.Items.Count == 0)
        {
            return null;
        }

        var reader = new TreeMapReader(document ?? new TreeMap([], here), "", DiagnosticCatalogue.BootTimelineUnusable, found);
        var version = reader.Integer("schemaVersion", SchemaVersion, SchemaVersion);
        var boot = reader.Text("bootId");
        ImmutableArray<RecordedRun> runs = [.. (reader.Maps("runs") ?? []).Select(Run).OfType<RecordedRun>()];
        if (found.Items.Count == 0 && version is not null && boot is not null)
        {
            return new TimelineRecord(stage, boot, runs);
        }

        Report(diagnostics, $"{RuntimeRecord.PathOf(name)} cannot be read: {(found.Items.Count > 0 ? found.Items[0].Message : "it has another form")}");
        return null;
    }

    private static RecordedRun? Run(TreeMapReader run) =>
        run.Integer("beganUs", 0, long.MaxValue) is { } began && run.Integer("endedUs", 0, long.MaxValue) is { } ended
            && run.Integer("exitCode", 0, 255) is { } exit
            ? new RecordedRun(began, ended, (int)exit, run.Text("code"), [.. (run.Maps("spans") ?? []).Select(Span).OfType<TimelineSpan>()])
            : null;

    private static TimelineSpan? Span(TreeMapReader span) =>
        span.Text("name") is { } name && span.Integer("startUs", 0, long.MaxValue) is { } start && span.Integer("durationUs", 0, long.MaxValue) is { } duration
            ? new TimelineSpan(name, TimeSpan.FromMicroseconds(start), TimeSpan.FromMicroseconds(duration))
            : null;

    private static TreeMap Document(string stage, string boot, ImmutableArray<RecordedRun> runs) => Map(
        ("schemaVersion", TreeScalar.Of(SchemaVersion, here)),
        ("stage", TreeScalar.Of(stage, here)),
        ("bootId", TreeScalar.Of(boot, here)),
        ("runs", List(runs, run => Map(
            ("beganUs", TreeScalar.Of(run.Began, here)),
            ("endedUs", TreeScalar.Of(run.Ended, here)),
            ("exitCode", TreeScalar.Of(run.ExitCode, here)),
            ("code", run.Code is null ? null : TreeScalar.Of(run.Code, here)),
            ("spans", List(run.Spans, span => Map(
                ("name", TreeScalar.Of(span.Name, here)),
                ("startUs", TreeScalar.Of((long)span.Start.TotalMicroseconds, here)),
                ("durationUs", TreeScalar.Of((long)span.Duration.TotalMicroseconds, here)))))))));

    private static TreeMap Map(params (string Key, TreeNode? Value)[] entries) =>
        new(entries.Where(e => e.Value is not null).Select(e => new TreeEntry(e.Key, here, e.Value ?? TreeScalar.Null(here))), here);

    private static TreeList List<T>(ImmutableArray<T> items, Func<T, TreeNode> write) => new([.. items.Select(write)], here);

    private static void Report(DiagnosticBag diagnostics, string message) =>
        diagnostics.Report(DiagnosticCatalogue.BootTimelineUnusable, message, "Only `eksnode boot-report` needs it.");
}
