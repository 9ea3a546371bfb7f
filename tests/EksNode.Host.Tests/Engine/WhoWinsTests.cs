using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

/// <summary>
/// "Who wins" as a table. Each row is a past (what was there, what eksnode wrote, what a hand did) and a plan; each test takes
/// every row: what a join leaves, what a plan says, what verify says, and that a kill between recording and writing changes none
/// of it.
/// </summary>
public sealed class WhoWinsTests
{
    private const string Target = "/etc/eks/config";
    private const int Open = 0x1A4; // 0644
    private const int Closed = 0x180; // 0600

    private static readonly Row[] rows =
    [
        // Ours.
        new("nothing there, first join", new Past(), "new", ChangeAction.Create, Verdict.Missing, Ownership.Missing, "new"),
        new("ours, plan the same", new Past { Wrote = "one" }, "one", ChangeAction.None, Verdict.Ours, Ownership.OursUnchanged, "one"),
        new("ours, plan changed", new Past { Wrote = "one" }, "two", ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "two"),
        new("ours, other instance, plan changed", new Past { Wrote = "one", OnOtherInstance = true }, "two", ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "two"),
        new("ours, plan changed in mode only", new Past { Wrote = "one" }, "one", ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "one") { PlanMode = Closed },
        new("killed before the write, plan the same", new Past { Wrote = "one", KilledWriting = "two" }, "two", ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "two"),
        new("killed before the write, plan changed again", new Past { Wrote = "one", KilledWriting = "two" }, "three", ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "three"),
        new("killed after the write, plan the same", new Past { Wrote = "one", KilledAfter = "two" }, "two", ChangeAction.None, Verdict.Ours, Ownership.OursUnchanged, "two"),
        new("killed after the write, plan changed again", new Past { Wrote = "one", KilledAfter = "two" }, "three", ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "three"),
        new("killed before the first write", new Past { KilledWriting = "one" }, "one", ChangeAction.Create, Verdict.Missing, Ownership.Missing, "one"),

        // Changed by hand, plan the same.
        new("changed by hand, plan the same", new Past { Wrote = "one", Hand = "hand" }, "one", ChangeAction.None, Verdict.ChangedByHandKept, Ownership.OursChangedByHand, "hand")
            { Says = DiagnosticCatalogue.ChangedByHandKept },
        new("mode changed by hand, plan the same", new Past { Wrote = "one", HandMode = 0x1B6 }, "one", ChangeAction.None, Verdict.ChangedByHandKept, Ownership.OursChangedByHand, "one")
            { Says = DiagnosticCatalogue.ChangedByHandKept, LeavesMode = 0x1B6 },
        new("changed to a link by hand, plan the same", new Past { Wrote = "one", HandLink = "/elsewhere" }, "one", ChangeAction.None, Verdict.ChangedByHandKept, Ownership.OursChangedByHand, null)
            { Says = DiagnosticCatalogue.ChangedByHandKept, LeavesLink = "/elsewhere" },
        new("secret opened by hand, plan the same", new Past { Wrote = "one", WroteMode = Closed, HandMode = Open }, "one", ChangeAction.Update, Verdict.ChangedByHandTightened, Ownership.OursChangedByHand, "one")
            { PlanMode = Closed, Says = DiagnosticCatalogue.SecretModeTightened },
        new("secret changed and opened by hand", new Past { Wrote = "one", WroteMode = Closed, Hand = "hand", HandMode = Open }, "one", ChangeAction.Update, Verdict.ChangedByHandTightened, Ownership.OursChangedByHand, "hand")
            { PlanMode = Closed, Says = DiagnosticCatalogue.SecretModeTightened },
        new("secret changed by hand and still closed", new Past { Wrote = "one", WroteMode = Closed, Hand = "hand", HandMode = Closed }, "one", ChangeAction.None, Verdict.ChangedByHandKept, Ownership.OursChangedByHand, "hand")
            { PlanMode = Closed, Says = DiagnosticCatalogue.ChangedByHandKept },
        new("removed by hand", new Past { Wrote = "one", HandRemoved = true }, "one", ChangeAction.Create, Verdict.Missing, Ownership.Missing, "one"),
        new("changed by hand to what was planned anyway", new Past { Wrote = "one", Hand = "two" }, "two", ChangeAction.None, Verdict.Ours, Ownership.OursChangedByHand, "two"),

        // Changed by hand, plan changed.
        new("changed by hand, plan changed", new Past { Wrote = "one", Hand = "hand" }, "two", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "two")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "hand" },
        new("changed by hand, other instance", new Past { Wrote = "one", Hand = "hand", OnOtherInstance = true }, "one", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "one")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "hand" },
        new("mode changed by hand, plan changed", new Past { Wrote = "one", HandMode = 0x1B6 }, "two", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "two")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced },
        new("changed to a link by hand, plan changed", new Past { Wrote = "one", HandLink = "/elsewhere" }, "two", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "two")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced, KeepsLink = "/elsewhere" },
        new("killed before the write, then changed by hand", new Past { Wrote = "one", KilledWriting = "two", Hand = "hand" }, "two", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "two")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "hand" },
        new("put back by hand to what the image had, plan changed", new Past { Image = "image", Wrote = "one", Hand = "image" }, "two", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "two")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "image" },

        // Never ours.
        new("of the image, differs", new Past { Image = "image" }, "new", ChangeAction.Update, Verdict.NeverOurs, Ownership.NotOurs, "new")
            { Says = DiagnosticCatalogue.TakenOver, Original = "image" },
        new("of the image, differs in mode", new Past { Image = "new", ImageMode = 0x1B6 }, "new", ChangeAction.Update, Verdict.NeverOurs, Ownership.NotOurs, "new")
            { Says = DiagnosticCatalogue.TakenOver, Original = "new" },
        new("of the image, equal", new Past { Image = "new" }, "new", ChangeAction.None, Verdict.Adopted, Ownership.NotOurs, "new")
            { Original = "new" },
        new("of the image, a link", new Past { ImageLink = "/usr/share/config" }, "new", ChangeAction.Update, Verdict.NeverOurs, Ownership.NotOurs, "new")
            { Says = DiagnosticCatalogue.TakenOver },
        new("of the image, killed before the first write", new Past { Image = "image", KilledWriting = "new" }, "new", ChangeAction.Update, Verdict.NeverOurs, Ownership.NotOurs, "new")
            { Says = DiagnosticCatalogue.TakenOver, Original = "image" },
        new("of the image, killed before the first write, then changed by hand", new Past { Image = "image", KilledWriting = "new", Hand = "hand" }, "new", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "new")
            { Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "hand", Original = "image" },

        // Policy enforce.
        new("enforce, changed by hand, plan the same", new Past { Wrote = "one", Hand = "hand" }, "one", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "one")
            { Policy = ApplyPolicy.Enforce, Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "hand" },
        new("enforce, mode changed by hand", new Past { Wrote = "one", HandMode = 0x1B6 }, "one", ChangeAction.Update, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, "one")
            { Policy = ApplyPolicy.Enforce, Says = DiagnosticCatalogue.ChangedByHandReplaced },
        new("enforce, of the image", new Past { Image = "image" }, "new", ChangeAction.Update, Verdict.NeverOurs, Ownership.NotOurs, "new")
            { Policy = ApplyPolicy.Enforce, Says = DiagnosticCatalogue.TakenOver, Original = "image" },

        // Planned no more.
        new("ours, planned no more", new Past { Wrote = "one" }, null, ChangeAction.Delete, Verdict.Ours, Ownership.OursUnchanged, null),
        new("taken over, planned no more", new Past { Image = "image", Wrote = "one" }, null, ChangeAction.Update, Verdict.Ours, Ownership.OursUnchanged, "image"),
        new("adopted, planned no more", new Past { Image = "one", Wrote = "one" }, null, ChangeAction.None, Verdict.Ours, Ownership.OursUnchanged, "one"),
        new("changed by hand, planned no more", new Past { Wrote = "one", Hand = "hand" }, null, ChangeAction.None, Verdict.ChangedByHandKept, Ownership.OursChangedByHand, "hand")
            { Says = DiagnosticCatalogue.StaleKept },
        new("enforce, changed by hand, planned no more", new Past { Wrote = "one", Hand = "hand" }, null, ChangeAction.Delete, Verdict.ChangedByHandReplaced, Ownership.OursChangedByHand, null)
            { Policy = ApplyPolicy.Enforce, Says = DiagnosticCatalogue.ChangedByHandReplaced, Keeps = "hand" },
        new("removed by hand, planned no more", new Past { Wrote = "one", HandRemoved = true }, null, ChangeAction.None, Verdict.Missing, Ownership.Missing, null),

        // Released.
        new("ours, released", new Past { Wrote = "one" }, null, ChangeAction.Delete, Verdict.Ours, null, null) { Released = true },
        new("changed by its new owner, released", new Past { Wrote = "one", Hand = "theirs" }, null, null, null, null, "theirs") { Released = true },
        new("never ours, released", new Past { Image = "theirs" }, null, null, null, null, "theirs") { Released = true },
        new("enforce, changed by its new owner, released", new Past { Wrote = "one", Hand = "theirs" }, null, null, null, null, "theirs")
            { Released = true, Policy = ApplyPolicy.Enforce },
    ];

    public static TheoryData<string> Names => [.. rows.Select(r => r.Name)];

    [Fact]
    public void Every_row_has_a_name_of_its_own() => Assert.Equal(rows.Length, rows.DistinctBy(r => r.Name).Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void Join_leaves_what_the_table_says(string name)
    {
        var row = Find(name);
        using var host = row.Arrange();
        var report = row.Join(host);
        row.CheckChange(report.Changes);
        row.CheckResult(host);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Joining_again_writes_nothing(string name)
    {
        var row = Find(name);
        using var host = row.Arrange();
        row.Join(host);
        var before = host.TreeWithTimes();
        var again = row.Join(host);
        Assert.Empty(again.Changes.Actions);
        Assert.False(again.WroteState);
        Assert.Equal(before, host.TreeWithTimes());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Plan_says_what_join_does_and_touches_nothing(string name)
    {
        var row = Find(name);
        using var host = row.Arrange();
        var before = host.TreeWithTimes();
        var changes = host.Diff(row.Plan, policy: row.Policy);
        Assert.Equal(before, host.TreeWithTimes());
        row.CheckChange(changes);
        Assert.Equal(row.Action is not (null or ChangeAction.None), changes.Actions.Any(c => c.Path == Target));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Verify_says_whose_it_is_before_and_after(string name)
    {
        var row = Find(name);
        using var host = row.Arrange();
        Assert.Equal(row.OwnershipBefore, row.Verify(host));
        row.Join(host);
        Ownership? after = row switch
        {
            { Released: true } => null,
            { Verdict: Verdict.ChangedByHandKept } => Ownership.OursChangedByHand,
            { Verdict: Verdict.ChangedByHandTightened } => row.Past.Hand is null ? Ownership.OursUnchanged : Ownership.OursChangedByHand,
            { Planned: null } => null,
            _ => Ownership.OursUnchanged,
        };
        Assert.Equal(after, row.Verify(host));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kill_between_recording_and_writing_changes_nothing_of_it(string name)
    {
        var row = Find(name);
        using var clean = row.Arrange();
        row.Join(clean);
        using var killed = row.Arrange();
        var wasKilled = killed.KilledJoin(row.Plan, new KillBefore(Target, "rename", "remove", "permit"), policy: row.Policy);
        Assert.Equal(row.Action is not (null or ChangeAction.None), wasKilled);
        var report = row.Join(killed);
        if (wasKilled)
        {
            row.CheckChange(report.Changes);
        }

        row.CheckResult(killed);
        Assert.Equal(clean.Tree(), killed.Tree());
    }

    private static Row Find(string name) => rows.Single(r => r.Name == name);

    private sealed record Past
    {
        public string? Image { get; init; }

        public int ImageMode { get; init; } = Open;

        public string? ImageLink { get; init; }

        public string? Wrote { get; init; }

        public int WroteMode { get; init; } = Open;

        public string? KilledWriting { get; init; }

        public string? KilledAfter { get; init; }

        public string? Hand { get; init; }

        public int? HandMode { get; init; }

        public string? HandLink { get; init; }

        public bool HandRemoved { get; init; }

        public bool OnOtherInstance { get; init; }
    }

    private sealed record Row(
        string Name, Past Past, string? Planned, ChangeAction? Action, Verdict? Verdict, Ownership? OwnershipBefore, string? Leaves)
    {
        public int PlanMode { get; init; } = Open;

        public ApplyPolicy Policy { get; init; }

        public bool Released { get; init; }

        public DiagnosticDescriptor? Says { get; init; }

        public string? Keeps { get; init; }

        public string? KeepsLink { get; init; }

        public string? Original { get; init; }

        public int? LeavesMode { get; init; }

        public string? LeavesLink { get; init; }

        // Something else is always planned, so that the plan is never empty by chance.
        public Plan Plan
        {
            get
            {
                Resource[] resources = Released ? [ReleasedOf(Target), Other]
                    : Planned is null ? [Other]
                    : [FileOf(Target, Planned, PlanMode), Other];
                return new([.. resources]);
            }
        }

        private static Resource Other => FileOf("/etc/eks/other", "other");

        public TestRoot Arrange()
        {
            var host = new TestRoot();
            var instance = Past.OnOtherInstance ? OtherInstance : Instance;
            if (Past.Image is not null)
            {
                host.Write(Target, Past.Image, Past.ImageMode);
            }

            if (Past.ImageLink is not null)
            {
                host.Link(Target, Past.ImageLink);
            }

            if (Past.Wrote is not null)
            {
                host.Join(PlanOf(FileOf(Target, Past.Wrote, Past.WroteMode), Other), instance);
            }

            if (Past.KilledWriting is not null)
            {
                Assert.True(host.KilledJoin(PlanOf(FileOf(Target, Past.KilledWriting, Past.WroteMode), Other), new KillBefore(Target, "rename"), instance));
            }

            if (Past.KilledAfter is not null)
            {
                Assert.True(host.KilledJoin(PlanOf(FileOf(Target, Past.KilledAfter, Past.WroteMode), Other), new KillSecondState(), instance));
            }

            ByHand(host);
            return host;
        }

        public ApplyReport Join(TestRoot host) => host.Join(Plan, policy: Policy);

        public Ownership? Verify(TestRoot host) => host.Verify(Plan).SingleOrDefault(f => f.Path == Target)?.Ownership;

        public void CheckChange(Changes changes)
        {
            var change = changes.All.SingleOrDefault(c => c.Path == Target);
            Assert.Equal((Action, Verdict), (change?.Action, change?.Verdict));
            Assert.Equal(Says is null ? [] : [Says.Code], changes.Codes());
            Assert.Equal(Keeps is not null || KeepsLink is not null, change?.KeptAs is not null);
            Assert.All(changes.Diagnostics, d => Assert.Contains(Target, d.Message, StringComparison.Ordinal));
            if (Action is ChangeAction.Create or ChangeAction.Update)
            {
                Assert.Equal(PlanMode == Closed ? null : Leaves, change!.After!.Text);
                Assert.Equal(Leaves, System.Text.Encoding.UTF8.GetString(change.After.Content.AsSpan()));
            }
        }

        public void CheckResult(TestRoot host)
        {
            Assert.Equal(LeavesLink, new FileInfo(host.At(Target)).LinkTarget);
            if (LeavesLink is null)
            {
                Assert.Equal(Leaves is not null, host.Exists(Target));
            }

            if (Leaves is not null)
            {
                Assert.Equal(Leaves, host.Read(Target));
                Assert.Equal(LeavesMode ?? (Planned is null ? Open : PlanMode), host.Mode(Target));
            }

            var replaced = host.Exists(AppliedState.ReplacedPath) ? Directory.GetFiles(host.At(AppliedState.ReplacedPath)) : [];
            Assert.Equal(Keeps is null && KeepsLink is null ? 0 : 1, replaced.Length);
            if (Keeps is not null)
            {
                Assert.Equal((Keeps, (UnixFileMode)Closed), (File.ReadAllText(replaced[0]), File.GetUnixFileMode(replaced[0])));
                Assert.StartsWith("etc-eks-config.", Path.GetFileName(replaced[0]), StringComparison.Ordinal);
            }

            if (KeepsLink is not null)
            {
                Assert.Equal(KeepsLink, new FileInfo(replaced[0]).LinkTarget);
            }

            if (Original is not null)
            {
                var original = Assert.Single(Directory.GetFiles(host.At(AppliedState.OriginalsPath)));
                Assert.Equal((Original, (UnixFileMode)Closed), (File.ReadAllText(original), File.GetUnixFileMode(original)));
            }

            Assert.Equal((0x1C0, Closed), (host.Mode(AppliedState.DirectoryPath), host.Mode(AppliedState.FilePath)));
            Assert.DoesNotContain("intended", host.State(), StringComparison.Ordinal);
            Assert.Contains(Instance, host.State(), StringComparison.Ordinal);
        }

        private void ByHand(TestRoot host)
        {
            if (Past.HandRemoved || Past.HandLink is not null)
            {
                File.Delete(host.At(Target));
            }

            if (Past.HandLink is not null)
            {
                host.Link(Target, Past.HandLink);
            }

            if (Past.Hand is not null)
            {
                host.Write(Target, Past.Hand, Past.HandMode ?? Open);
            }
            else if (Past.HandMode is { } mode)
            {
                File.SetUnixFileMode(host.At(Target), (UnixFileMode)mode);
            }
        }
    }

    // The state is renamed twice: the intent, then the result.
    private sealed class KillSecondState : Host.Files.IStepObserver
    {
        private int states;

        public void Before(string step, string path)
        {
            if (step == "rename" && path == AppliedState.FilePath && ++states == 2)
            {
                throw new KilledException();
            }
        }
    }
}
