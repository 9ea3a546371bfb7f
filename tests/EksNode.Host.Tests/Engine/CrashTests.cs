using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

/// <summary>Killed at any step and run again, a join ends in the same state, byte for byte.</summary>
public sealed class CrashTests
{
    // Two plans with every kind of change between them, and a host on which hands were at work.
    private static Plan Before => PlanOf(
        DirectoryOf("/etc/kubernetes/manifests", 0x1C0),
        FileOf("/etc/kubernetes/config", "one", 0x1A4, "kubelet.service"),
        FileOf("/etc/kubernetes/secret", "one", 0x180),
        FileOf("/etc/kubernetes/kept", "one"),
        FileOf("/etc/kubernetes/opened", "one", 0x180),
        FileOf("/etc/systemd/system/a.service.d/environment.conf", "one", 0x180, "a.service"),
        FileOf("/etc/containerd/config.toml", "one"),
        FileOf("/var/lib/kubelet/kubeconfig", "one", 0x180),
        LinkOf("/etc/current", "one"),
        HostsOf("api.example", "10.0.0.1", "10.0.0.2"));

    private static Plan After => PlanOf(
        DirectoryOf("/etc/kubernetes/manifests", 0x1C0),
        FileOf("/etc/kubernetes/config", "two", 0x1A4, "kubelet.service"),
        FileOf("/etc/kubernetes/secret", "two", 0x180),
        FileOf("/etc/kubernetes/kept", "one"),
        FileOf("/etc/kubernetes/opened", "one", 0x180),
        DirectoryOf("/etc/new/closed", 0x1C0),
        FileOf("/etc/new/closed/secret", "two", 0x180),
        FileOf("/etc/new/by/the/way", "two"),
        FileOf("/etc/image", "two"),
        FileOf("/etc/equal", "equal"),
        LinkOf("/etc/current", "two"),
        LinkOf("/etc/new/link", "two"),
        ReleasedOf("/var/lib/kubelet/kubeconfig"),
        HostsOf("other.example", "10.0.0.3"));

    // A killed run is continued in a process of its own that dies by SIGKILL: see the module initializer.
    private const string ChildVariable = "EKSNODE_HOST_TESTS_KILL_AT";

    [Fact]
    public void A_kill_at_any_step_and_another_run_end_in_the_same_state() => EachStep(Host(), After);

    [Fact]
    public void A_kill_at_any_step_of_a_first_join() => EachStep(new TestRoot().Write("/etc/image", "image").Write("/etc/hosts", "127.0.0.1 localhost"), After);

    [Fact]
    public void A_kill_at_any_step_of_undoing_everything() => EachStep(Host(), PlanOf());

    [Fact]
    public void A_kill_at_any_step_on_another_instance() => EachStep(Host(), Before, OtherInstance);

    [Fact]
    public void A_kill_at_any_step_of_enforcing() => EachStep(Host(), Before, policy: ApplyPolicy.Enforce);

    [Fact]
    public void A_run_that_is_killed_again_and_again_ends_in_the_same_state()
    {
        using var template = Host();
        using var clean = Copy(template);
        clean.Join(After);
        for (var stride = 1; stride <= 7; stride += 2)
        {
            using var host = Copy(template);
            var kills = 0;
            while (host.KilledJoin(After, new KillAt(kills * stride)))
            {
                kills++;
            }

            Assert.True(kills > 3);
            Assert.Equal(clean.Tree(), host.Tree());
        }
    }

    [Fact]
    public void A_kill_changes_no_mode_whatever_the_umask()
    {
        using var template = Host();
        using var clean = Copy(template);
        clean.Join(After);
        using var host = Copy(template);
        Assert.True(host.KilledJoin(After, new KillBefore("/etc/new/closed", "own")));
        // As a umask of 077 leaves a directory between mkdir and chmod.
        File.SetUnixFileMode(host.At("/etc/new"), (UnixFileMode)0x1C0);
        host.Join(After);
        Assert.Equal(clean.Tree(), host.Tree());
    }

    [Fact]
    public async Task A_real_kill_ends_in_the_same_state()
    {
        using var template = Host();
        using var clean = Copy(template);
        clean.Join(After);
        foreach (var step in (int[])[3, 17, 25, 33, 41, 60])
        {
            using var host = Copy(template);
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                Environment = { [ChildVariable] = string.Create(CultureInfo.InvariantCulture, $"{step}:{host.Folder}") },
                RedirectStandardOutput = true,
            })!;
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(128 + 9, child.ExitCode);
            host.Join(After);
            Assert.Equal(clean.Tree(), host.Tree());
        }
    }

    [Fact]
    public void A_restart_is_not_lost_when_the_run_that_changed_the_file_was_killed()
    {
        using var host = Host();
        Assert.True(host.KilledJoin(After, new KillBefore("/etc/kubernetes/secret", "rename")));
        Assert.Equal("two", host.Read("/etc/kubernetes/config"));
        var restart = Assert.Single(host.Join(After).Changes.Restarts, r => r.Unit == "kubelet.service");
        Assert.Equal(["file:/etc/kubernetes/config"], restart.Because);
        Assert.Empty(host.Join(After).Changes.Restarts);
    }

#pragma warning disable CA2255 // The test runner has no other way to run a child of its own.
    [ModuleInitializer]
    internal static void RunAsChild()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { } text)
        {
            return;
        }

        var parts = text.Split(':', 2);
        using var root = HostRoot.Open(parts[1], resolveByHand: false, new KillForReal(int.Parse(parts[0], CultureInfo.InvariantCulture)));
        var state = AppliedState.Load(root, ApplyPolicy.Preserve, new Configuration.Text.DiagnosticBag());
        Applier.Apply(root, Differ.Diff(After, root, state, new DiffOptions(Instance)));
        Environment.Exit(0);
    }

    private static void EachStep(TestRoot template, Plan plan, string instance = Instance, ApplyPolicy policy = ApplyPolicy.Preserve)
    {
        using var _ = template;
        using var clean = Copy(template);
        var counter = new KillAt(-1);
        clean.Join(plan, instance, policy, counter);
        Assert.True(counter.Steps > 10);
        for (var step = 0; step < counter.Steps; step++)
        {
            using var host = Copy(template);
            Assert.True(host.KilledJoin(plan, new KillAt(step), instance, policy));
            host.Join(plan, instance, policy);
            if (clean.Tree() != host.Tree())
            {
                Assert.Fail($"Killed at step {step}:\n{host.Tree()}\ninstead of\n{clean.Tree()}");
            }

            Assert.Empty(host.Diff(plan, instance, policy).Actions);
        }
    }

    private static TestRoot Host()
    {
        var host = new TestRoot();
        host.Write("/etc/hosts", "127.0.0.1 localhost\n").Write("/etc/image", "image", 0x1A0).Write("/etc/equal", "equal")
            .Write("/etc/containerd/config.toml", "image");
        host.Join(Before);
        host.Write("/etc/kubernetes/secret", "hand", 0x180).Write("/etc/kubernetes/kept", "hand");
        File.SetUnixFileMode(host.At("/etc/kubernetes/opened"), (UnixFileMode)0x1A4);
        return host;
    }

    private static TestRoot Copy(TestRoot template)
    {
        var copy = new TestRoot();
        template.CopyTo(copy);
        return copy;
    }

    private sealed class KillForReal(int step) : IStepObserver
    {
        private int steps;

        public void Before(string step1, string path)
        {
            if (steps++ == step)
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }
}
