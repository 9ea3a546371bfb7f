using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

public sealed class ApplierTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_plan_is_applied_with_its_modes_and_the_second_run_writes_nothing()
    {
        var plan = PlanOf(
            DirectoryOf("/etc/kubernetes/manifests", 0x1C0),
            FileOf("/etc/kubernetes/pki/ca.crt", "ca"),
            FileOf("/etc/eks/kubelet/environment", "A=b", 0x180),
            LinkOf("/etc/current", "/etc/eks"));
        var first = host.Join(plan);
        Assert.Equal((4, 0, true), (first.Changes.Actions.Count(), first.Changes.Unchanged, first.WroteState));
        Assert.Equal((0x1C0, 0x1A4, 0x180), (host.Mode("/etc/kubernetes/manifests"), host.Mode("/etc/kubernetes/pki/ca.crt"), host.Mode("/etc/eks/kubelet/environment")));
        Assert.Equal("/etc/eks", new FileInfo(host.At("/etc/current")).LinkTarget);
        Assert.True(first.Durations.Total > TimeSpan.Zero);

        var before = host.TreeWithTimes();
        var second = host.Join(plan);
        Assert.Equal((0, 4, false), (second.Changes.Actions.Count(), second.Changes.Unchanged, second.WroteState));
        Assert.Equal(before, host.TreeWithTimes());
    }

    [Fact]
    public void A_host_on_which_nothing_is_planned_is_not_touched()
    {
        Assert.False(host.Join(PlanOf()).WroteState);
        Assert.Empty(host.Tree());
    }

    [Fact]
    public void A_change_has_what_a_diff_needs()
    {
        host.Write("/etc/a", "old\n", 0x1B4);
        var change = Assert.Single(host.Diff(PlanOf(FileOf("/etc/a", "new\n", 0x1A4, "a.service", "b.service"))).All);
        Assert.Equal(("file:/etc/a", "0664", "root:root", "old\n"), (change.ResourceId, change.Before!.Mode, change.Before.Owner, change.Before.Text));
        Assert.Equal(("0644", "root:root", "new\n"), (change.After!.Mode, change.After.Owner, change.After.Text));
        Assert.Equal("7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c", change.After.Identity.Sha256);
        Assert.Equal(["a.service", "b.service"], change.Restarts);
    }

    [Fact]
    public void Secret_and_binary_content_is_no_text()
    {
        host.Write("/etc/secret", "old secret");
        var changes = host.Diff(PlanOf(FileOf("/etc/secret", "new secret", 0x180), FileOf("/etc/binary", "a\0b")));
        Assert.All(changes.All, c => Assert.Null(c.After!.Text));
        Assert.Null(changes.All[0].Before!.Text);
        Assert.All(changes.All, c => Assert.NotNull(c.After!.Identity.Sha256));
    }

    [Fact]
    public void A_unit_restarts_once_for_all_its_reasons()
    {
        var changes = host.Diff(PlanOf(
            FileOf("/etc/a", "1", 0x1A4, "kubelet.service"),
            FileOf("/etc/b", "1", 0x1A4, "containerd.service", "kubelet.service"),
            FileOf("/etc/c", "1")));
        Assert.Equal(["containerd.service", "kubelet.service"], changes.Restarts.Select(r => r.Unit));
        Assert.Equal(["file:/etc/a", "file:/etc/b"], changes.Restarts[1].Because);
    }

    [Fact]
    public void A_unit_restarts_when_its_file_is_planned_no_more()
    {
        host.Join(PlanOf(FileOf("/etc/systemd/system/containerd.service.d/proxy.conf", "x", 0x180, "containerd.service"), FileOf("/etc/b", "1")));
        var report = host.Join(PlanOf(FileOf("/etc/b", "1")));
        Assert.Equal("containerd.service", Assert.Single(report.Changes.Restarts).Unit);
        Assert.False(host.Exists("/etc/systemd"));
        Assert.True(host.Exists("/etc/b"));
    }

    [Fact]
    public void A_secret_that_is_planned_no_more_is_still_no_text()
    {
        host.Join(PlanOf(FileOf("/etc/secret", "s", 0x180)));
        Assert.Null(Assert.Single(host.Diff(PlanOf()).All, c => c.Path == "/etc/secret").Before!.Text);
    }

    [Fact]
    public void An_empty_plan_puts_everything_back()
    {
        host.Write("/etc/image", "image", 0x1B4).Write("/etc/equal", "x").Link("/etc/link", "somewhere").Write("/etc/hosts", "127.0.0.1 localhost\n");
        TestRoot.RequireRoot();
        Native.Own(host.At("/etc/image"), 7, 8);
        var before = host.Tree();
        host.Join(PlanOf(
            FileOf("/etc/image", "mine", 0x180),
            FileOf("/etc/equal", "x"),
            FileOf("/etc/link", "mine"),
            FileOf("/etc/new/deep/file", "mine"),
            DirectoryOf("/etc/made", 0x1C0),
            LinkOf("/etc/new/link", "mine"),
            HostsOf("api.example", "10.0.0.1")));
        host.Join(PlanOf(FileOf("/etc/image", "mine again", 0x180)));
        host.Join(PlanOf());
        Directory.Delete(host.At("/var"), recursive: true);
        // A directory that was planned for itself, and in which nothing was planned, is not ours to judge empty.
        Directory.Delete(host.At("/etc/made"));
        Assert.Equal(before, host.Tree());
    }

    [Fact]
    public void Originals_that_nobody_needs_any_more_are_removed()
    {
        host.Write("/etc/a", "one").Write("/etc/b", "two");
        host.Join(PlanOf(FileOf("/etc/a", "mine"), FileOf("/etc/b", "mine")));
        Assert.Equal(2, Directory.GetFiles(host.At(AppliedState.OriginalsPath)).Length);
        host.Join(PlanOf(FileOf("/etc/b", "mine")));
        Assert.Single(Directory.GetFiles(host.At(AppliedState.OriginalsPath)));
        Assert.Equal("one", host.Read("/etc/a"));
    }

    [Fact]
    public void An_original_that_is_gone_is_told_and_the_file_stays()
    {
        host.Write("/etc/a", "one");
        host.Join(PlanOf(FileOf("/etc/a", "mine")));
        Directory.Delete(host.At(AppliedState.OriginalsPath), recursive: true);
        var report = host.Join(PlanOf());
        Assert.Equal([DiagnosticCatalogue.OriginalLost.Code], report.Changes.Codes());
        Assert.Equal("mine", host.Read("/etc/a"));
    }

    [Fact]
    public void Large_files_are_kept_too()
    {
        var large = new string('x', (2 * HostRoot.DefaultReadLimit) + 3);
        host.Write("/etc/large", large, 0x180);
        var report = host.Join(PlanOf(FileOf("/etc/large", "small")));
        Assert.True(report.Changes.All[0].Before!.Content.IsDefault);
        Assert.Equal("small", host.Read("/etc/large"));
        host.Join(PlanOf());
        Assert.Equal((large, 0x180), (host.Read("/etc/large"), host.Mode("/etc/large")));
    }

    [Fact]
    public void A_path_that_turns_from_file_to_link_is_one_path()
    {
        host.Join(PlanOf(FileOf("/etc/a", "one")));
        Assert.Equal(Verdict.Ours, Assert.Single(host.Join(PlanOf(LinkOf("/etc/a", "/b"))).Changes.Actions).Verdict);
        Assert.Equal("/b", new FileInfo(host.At("/etc/a")).LinkTarget);
        host.Join(PlanOf(FileOf("/etc/a", "two")));
        Assert.Equal("two", host.Read("/etc/a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_that_was_changed_by_hand_stays_while_its_plan_does(bool planChanges)
    {
        host.Join(PlanOf(LinkOf("/etc/a", "one")));
        File.Delete(host.At("/etc/a"));
        host.Link("/etc/a", "hand");
        var report = host.Join(PlanOf(LinkOf("/etc/a", planChanges ? "two" : "one")));
        Assert.Equal(planChanges ? "two" : "hand", new FileInfo(host.At("/etc/a")).LinkTarget);
        Assert.Equal(planChanges ? Verdict.ChangedByHandReplaced : Verdict.ChangedByHandKept, report.Changes.All[0].Verdict);
    }

    [Fact]
    public void Something_that_is_no_file_is_an_error_of_plan_and_join()
    {
        Directory.CreateDirectory(host.At("/etc/a"));
        host.Write("/etc/b", "");
        var plan = PlanOf(FileOf("/etc/a", "x"), DirectoryOf("/etc/b"), FileOf("/etc/c", "x"));
        var changes = host.Diff(plan);
        Assert.Equal([DiagnosticCatalogue.WrongKind.Code, DiagnosticCatalogue.WrongKind.Code], changes.Codes());
        Assert.True(changes.HasErrors);
        Assert.Throws<DiagnosticException>(() => host.Join(plan));
        Assert.False(host.Exists("/etc/c"));
    }

    [Fact]
    public void Resources_of_the_image_are_neither_written_nor_undone()
    {
        host.Join(PlanOf(FileOf("/etc/a", "x")));
        var report = host.Join(PlanOf(FileOf("/etc/a", "y") with { Phase = Phase.Image }, FileOf("/etc/b", "y") with { Phase = Phase.Image }));
        Assert.Empty(report.Changes.All);
        Assert.Equal("x", host.Read("/etc/a"));
        Assert.False(host.Exists("/etc/b"));
    }

    [Fact]
    public void Leftovers_of_killed_runs_are_removed_even_when_nothing_changes()
    {
        var plan = PlanOf(FileOf("/etc/kubernetes/pki/ca.crt", "x"));
        host.Join(plan);
        foreach (var directory in (string[])["/etc/kubernetes/pki", "/etc", "", "/var/lib/eksnode"])
        {
            host.Write($"{directory}/{TemporaryFiles.NameFor("ca.crt", 7)}", "left");
        }

        var report = host.Join(plan);
        Assert.Equal(4, report.Swept.Length);
        Assert.DoesNotContain("left", host.Tree(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_there_keeps_its_mode_and_one_that_holds_something_stays()
    {
        Directory.CreateDirectory(host.At("/etc/closed"));
        File.SetUnixFileMode(host.At("/etc/closed"), (UnixFileMode)0x1C0);
        host.Join(PlanOf(DirectoryOf("/etc/closed"), FileOf("/etc/closed/a", "x"), FileOf("/etc/mine/a", "x")));
        Assert.Equal(0x1C0, host.Mode("/etc/closed"));
        host.Write("/etc/mine/somebody's", "x");
        host.Join(PlanOf());
        Assert.True(host.Exists("/etc/closed"));
        Assert.True(host.Exists("/etc/mine/somebody's"));
        Assert.False(host.Exists("/etc/mine/a"));
    }

    [Fact]
    public void A_state_directory_that_was_opened_is_closed_again()
    {
        host.Join(PlanOf(FileOf("/etc/a", "x")));
        File.SetUnixFileMode(host.At(AppliedState.DirectoryPath), (UnixFileMode)0x1ED);
        host.Join(PlanOf(FileOf("/etc/a", "y")));
        Assert.Equal(0x1C0, host.Mode(AppliedState.DirectoryPath));
    }

    [Fact]
    public void A_state_without_an_instance_is_of_no_instance()
    {
        host.Join(PlanOf(FileOf("/etc/a", "x")), instance: null);
        host.Write("/etc/a", "hand");
        Assert.Equal(Verdict.ChangedByHandKept, host.Diff(PlanOf(FileOf("/etc/a", "x")), instance: null).All[0].Verdict);
        Assert.Equal(Verdict.ChangedByHandReplaced, host.Diff(PlanOf(FileOf("/etc/a", "x"))).All[0].Verdict);
    }

    [Fact]
    public void Different_versions_that_were_replaced_are_kept_side_by_side()
    {
        for (var i = 0; i < 3; i++)
        {
            host.Join(PlanOf(FileOf("/etc/a/b", i.ToString(CultureInfo.InvariantCulture))));
            host.Write("/etc/a/b", $"hand {i % 2}");
        }

        host.Join(PlanOf(FileOf("/etc/a/b", "end")));
        var names = Directory.GetFiles(host.At(AppliedState.ReplacedPath)).Select(Path.GetFileName).ToArray();
        Assert.Equal(2, names.Length);
        Assert.All(names, n => Assert.StartsWith("etc-a-b.", n, StringComparison.Ordinal));
    }
}
