using System.Collections.Immutable;
using CsCheck;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

/// <summary>What was applied is verified, found when it changes, and undone byte for byte.</summary>
public sealed class ResetTests
{
    private static readonly string[] paths =
        ["/etc/one", "/etc/a/two", "/etc/a/b/three.conf", "/var/lib/kubelet/kubeconfig", "/opt/new/deep/file", "/usr/here"];

    private static readonly Gen<Resource> resource = Gen.OneOf(
        from p in Of(paths)
        from content in Of("", "x", "image", "long\nlines\n")
        from mode in Of(0x1A4, 0x180, 0x1ED)
        select (Resource)FileOf(p, content, mode, "kubelet.service"),
        from p in Of(paths)
        from target in Of("x", "/etc")
        select (Resource)LinkOf(p, target),
        from p in Of("/etc/d", "/new/d", "/etc/a/d")
        from mode in Of(0x1C0, 0x1ED)
        select (Resource)DirectoryOf(p, mode),
        from name in Of("h", "i")
        from count in Gen.Int[1, 2]
        select (Resource)HostsOf(name, [.. Enumerable.Range(0, count).Select(i => $"10.0.0.{i}")]));

    private static readonly Gen<Plan> plan = resource.Array[0, 8]
        .Select(rs => new Plan([.. rs.DistinctBy(r => r.Id).DistinctBy(r => r is HostsEntryResource ? r.Id : r.Path)]));

    // What was there before: files with modes and owners of their own, and links.
    private static readonly Gen<(string Path, string Content, int Kind)[]> image =
        Gen.Select(Of(paths), Of("image", "x", "", "no end"), Gen.Int[0, 3]).Array[0, 5];

    private static readonly Gen<string?> hosts = Of(null, "", "127.0.0.1 localhost\n", "127.0.0.1 localhost", "link");

    [Fact]
    public void Verify_finds_nothing_then_the_one_change_and_reset_leaves_what_was_there() =>
        Gen.Select(image, hosts, plan, plan, Gen.Int[0, 7], Gen.Int[0, 5]).Sample(
            (image, hosts, first, second, which, how) =>
            {
                using var host = Host(image, hosts);
                var before = Files(host);
                host.Join(first);
                host.Join(second);
                Assert.All(host.Verify(second), f => Assert.False(f.IsDrift, $"{f.ResourceId} is {f.Status}"));
                using (var untouched = new TestRoot())
                {
                    host.CopyTo(untouched);
                    Reset(untouched);
                    Assert.Equal(before, Files(untouched));
                }

                var files = second.Resources.Where(r => r is FileResource or SymlinkResource).ToArray();
                if (files.Length == 0)
                {
                    return;
                }

                var victim = files[which % files.Length];
                if (!ByHand(host, victim.Path, how))
                {
                    return;
                }

                var changed = host.TreeWithTimes();
                var drift = host.Verify(second).Where(f => f.IsDrift).ToArray();
                Assert.Contains(drift, f => f.Path == victim.Path);
                Assert.Equal(changed, host.TreeWithTimes());
                // The way back: a change, or words about it.
                var back = host.Diff(second);
                Assert.True(
                    back.Actions.Any(c => c.Path == victim.Path) || back.Diagnostics.Any(d => d.Path == victim.Path),
                    $"plan says nothing of {victim.Path}");
                Assert.Contains(host.Diff(second, policy: ApplyPolicy.Enforce).All.Select(c => c.Path).Concat(back.Diagnostics.Select(d => d.Path)), p => p == victim.Path);

                var hand = Line(Files(host), victim.Path);
                var reported = Reset(host);
                var after = Files(host);
                // Removed: what was there before is back. Anything else stays as the hand left it, and is named.
                if (hand is null)
                {
                    Assert.Equal(before, after);
                }
                else
                {
                    Assert.Contains(reported, d => d.Code == DiagnosticCatalogue.ResetKept.Code && d.Path == victim.Path);
                    Assert.Equal(hand, Line(after, victim.Path));
                }

                Assert.Equal(after, FilesAfterReset(host));
            },
            iter: 300,
            threads: 2);

    [Fact]
    public void A_kill_at_any_step_and_another_reset_end_in_the_same()
    {
        using var template = new TestRoot();
        template.Write("/etc/image", "image", 0x1A0).Write("/etc/hosts", "127.0.0.1 localhost").Link("/etc/link", "elsewhere").Write("/etc/kept", "before");
        var before = Files(template);
        var all = PlanOf(
            DirectoryOf("/etc/d", 0x1C0),
            FileOf("/etc/image", "new", 0x180, "kubelet.service"),
            FileOf("/etc/link", "file"),
            FileOf("/etc/new/deep/file", "new"),
            FileOf("/etc/kept", "ours"),
            FileOf("/etc/gone", "ours"),
            LinkOf("/etc/new/link", "x"),
            HostsOf("api.example", "10.0.0.1"));
        template.Join(all);
        File.Delete(template.At("/etc/gone"));
        template.Write("/run/nodeadm/init", "");
        foreach (var byHand in (bool[])[false, true])
        {
            using var host = new TestRoot();
            template.CopyTo(host);
            if (byHand)
            {
                host.Write("/etc/kept", "hand");
            }

            using var clean = new TestRoot();
            host.CopyTo(clean);
            var counter = new KillAt(-1);
            Reset(clean, counter);
            Assert.True(counter.Steps > 15);
            if (!byHand)
            {
                Assert.Equal(before, Files(clean));
                Assert.False(clean.Exists(AppliedState.DirectoryPath));
                Assert.False(clean.Exists(HostLock.DirectoryPath));
            }
            else
            {
                Assert.Equal("hand", clean.Read("/etc/kept"));
                Assert.True(clean.Exists(AppliedState.FilePath));
            }

            for (var step = 0; step < counter.Steps; step++)
            {
                using var killed = new TestRoot();
                host.CopyTo(killed);
                Assert.Throws<KilledException>(() => Reset(killed, new KillAt(step)));
                Reset(killed);
                if (clean.Tree() != killed.Tree())
                {
                    Assert.Fail($"Killed at step {step}:\n{killed.Tree()}\ninstead of\n{clean.Tree()}");
                }
            }
        }
    }

    [Fact]
    public void What_was_there_before_comes_back_when_the_file_that_somebody_changed_is_moved_away()
    {
        using var host = new TestRoot();
        host.Write("/etc/file", "before");
        host.Join(PlanOf(FileOf("/etc/file", "ours")));
        host.Write("/etc/file", "hand");
        Assert.Contains(Reset(host), d => d.Code == DiagnosticCatalogue.ResetKept.Code);
        Assert.Equal("hand", host.Read("/etc/file"));
        File.Delete(host.At("/etc/file"));
        Reset(host);
        Assert.Equal("before", host.Read("/etc/file"));
        Assert.False(host.Exists(AppliedState.DirectoryPath));
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_stays_and_stops_nothing()
    {
        using var host = new TestRoot();
        host.Join(PlanOf(FileOf("/etc/file", "ours"), FileOf("/etc/other", "ours")));
        File.Delete(host.At("/etc/file"));
        host.Write("/etc/file/inside", "hand");
        Assert.Contains(host.Verify(PlanOf(FileOf("/etc/file", "ours"))), f => f is { Path: "/etc/file", Status: FindingStatus.Changed } && f.Differences is ["kind"]);
        Assert.Contains(Reset(host), d => d.Path == "/etc/file");
        Assert.Equal("hand", host.Read("/etc/file/inside"));
        Assert.False(host.Exists("/etc/other"));
    }

    [Fact]
    public void Versions_that_were_kept_for_people_stay()
    {
        using var host = new TestRoot();
        host.Join(PlanOf(FileOf("/etc/file", "one")));
        host.Write("/etc/file", "hand");
        host.Join(PlanOf(FileOf("/etc/file", "two")));
        Reset(host);
        Assert.False(host.Exists("/etc/file"));
        Assert.Equal("hand", File.ReadAllText(Assert.Single(Directory.GetFiles(host.At(AppliedState.ReplacedPath)))));
        Assert.False(host.Exists(AppliedState.FilePath));
        using var root = host.Open();
        Assert.False(StateRemoval.IsNeeded(root));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Folders_of_hooks_and_volumes_go_and_what_is_on_a_volume_stays(bool holdsFile)
    {
        using var host = new TestRoot();
        host.Join(PlanOf(FileOf("/etc/file", "ours")));
        host.Write("/run/eksnode/hooks/eksnode-hook-preStart-0.service", "");
        Directory.CreateDirectory(host.At("/run/eksnode/volumes/x"));
        if (holdsFile)
        {
            host.Write("/run/eksnode/volumes/x/theirs", "theirs");
        }

        Reset(host);
        Assert.False(host.Exists("/run/eksnode/hooks"));
        Assert.False(host.Exists(HostLock.FilePath));
        Assert.False(host.Exists(AppliedState.DirectoryPath));
        Assert.Equal(holdsFile, host.Exists("/run/eksnode/volumes/x/theirs"));
        Assert.Equal(holdsFile, host.Exists(HostLock.DirectoryPath));
    }

    [Fact]
    public async Task Who_waits_for_the_lock_of_a_reset_gets_another_one()
    {
        using var host = new TestRoot();
        using var root = host.Open();
        var clock = TimeSpan.FromSeconds(20);
        var first = await HostLock.AcquireAsync(root, clock, Logging.NoLog.Instance, cancellation: TestContext.Current.CancellationToken);
        var waiting = HostLock.AcquireAsync(root, clock, Logging.NoLog.Instance, cancellation: TestContext.Current.CancellationToken);
        StateRemoval.Run(root, AppliedState.Empty, []);
        first.Dispose();
        using var second = await waiting;
        Assert.True(host.Exists(HostLock.FilePath));
        await Assert.ThrowsAsync<DiagnosticException>(
            () => HostLock.AcquireAsync(root, TimeSpan.FromMilliseconds(100), Logging.NoLog.Instance, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Without_a_plan_the_state_alone_tells_what_changed()
    {
        using var host = new TestRoot();
        host.Join(PlanOf(FileOf("/etc/file", "ours"), FileOf("/etc/gone", "ours"), LinkOf("/etc/link", "x"), HostsOf("api.example", "10.0.0.1")));
        Assert.All(VerifyAlone(host), f => Assert.False(f.IsDrift));
        File.SetUnixFileMode(host.At("/etc/file"), (UnixFileMode)0x1B6);
        File.Delete(host.At("/etc/gone"));
        host.Write("/etc/hosts", "");
        Assert.Equal(
            [("file:/etc/file", FindingStatus.Changed), ("file:/etc/gone", FindingStatus.Missing), ("hosts:api.example", FindingStatus.Missing)],
            VerifyAlone(host).Where(f => f.IsDrift).Select(f => (f.ResourceId, f.Status)));
        Assert.Equal(["mode"], VerifyAlone(host)[0].Differences);
    }

    [Fact]
    public void What_is_planned_otherwise_now_is_outdated_and_what_is_planned_no_more_is_named()
    {
        using var host = new TestRoot();
        host.Write("/etc/theirs", "theirs");
        host.Join(PlanOf(FileOf("/etc/file", "ours"), FileOf("/etc/stale", "ours")));
        Assert.Equal(
            [("file:/etc/file", FindingStatus.Outdated), ("file:/etc/theirs", FindingStatus.NotOurs), ("file:/etc/stale", FindingStatus.NotPlanned)],
            host.Verify(PlanOf(FileOf("/etc/file", "new"), FileOf("/etc/theirs", "ours"))).Select(f => (f.ResourceId, f.Status)));
    }

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Finding[] VerifyAlone(TestRoot host)
    {
        using var root = host.Open();
        return [.. Verifier.Verify(null, root, AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag()))];
    }

    // As the executable does on a folder.
    private static ImmutableArray<Diagnostic> Reset(TestRoot host, IStepObserver? steps = null)
    {
        using var root = host.Open(steps);
        using var hostLock = HostLock.AcquireAsync(root, TimeSpan.FromSeconds(10), Logging.NoLog.Instance).GetAwaiter().GetResult();
        var state = AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag());
        var changes = Differ.Diff(new Plan([]), root, state, new DiffOptions(state.InstanceId) { Resets = true });
        var report = Applier.Apply(root, changes);
        StateRemoval.Run(root, report.State, []);
        return changes.Diagnostics;
    }

    private static string FilesAfterReset(TestRoot host)
    {
        Reset(host);
        return Files(host);
    }

    private static TestRoot Host((string Path, string Content, int Kind)[] image, string? hosts)
    {
        var host = new TestRoot();
        foreach (var (path, content, kind) in image.DistinctBy(f => f.Path))
        {
            if (kind == 3)
            {
                host.Link(path, content + "target");
                continue;
            }

            host.Write(path, content, kind == 0 ? 0x1A4 : 0x1C0);
            if (kind == 2 && Environment.IsPrivilegedProcess)
            {
                Native.Own(host.At(path), 12, 34);
            }
        }

        if (hosts == "link")
        {
            host.Write("/usr/hosts", "shared").Link("/etc/hosts", "../usr/hosts");
        }
        else if (hosts is not null)
        {
            host.Write("/etc/hosts", hosts, 0x1B4);
        }

        return host;
    }

    // Everything but the folders in which eksnode keeps its own, and the folders that these are in.
    private static string Files(TestRoot host) => string.Join('\n', host.Tree().Split('\n')
        .Where(l => !l.Contains(" /var/lib/eksnode", StringComparison.Ordinal) && !l.Contains(" /run", StringComparison.Ordinal)
            && !l.EndsWith(" /var ", StringComparison.Ordinal) && !l.EndsWith(" /var/lib ", StringComparison.Ordinal)));

    private static string? Line(string files, string path)
    {
        var lines = files.Split('\n');
        var at = Array.FindIndex(lines, l => l.Contains($" {path} ", StringComparison.Ordinal));
        return at < 0 ? null : lines[at];
    }

    // False: it would be no change.
    private static bool ByHand(TestRoot host, string path, int how)
    {
        var at = host.At(path);
        var isLink = new FileInfo(at).LinkTarget is not null;
        switch (how)
        {
            case 0:
                File.Delete(at);
                host.Write(path, "by hand, as nobody else");
                return true;
            case 1 when !isLink:
                File.SetUnixFileMode(at, (UnixFileMode)0x1B6);
                return true;
            case 2:
                File.Delete(at);
                return true;
            case 3:
                File.Delete(at);
                host.Link(path, "/by/hand");
                return true;
            case 4:
                File.Delete(at);
                Directory.CreateDirectory(at);
                return true;
            case 5 when !isLink && Environment.IsPrivilegedProcess:
                Native.Own(at, 77, 88);
                return true;
            default:
                return false;
        }
    }
}
