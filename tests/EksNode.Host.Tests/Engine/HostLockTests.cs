using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Logging;
using EksNode.Host.Tests.Files;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

public sealed class HostLockTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task A_lock_that_is_held_too_long_is_an_error_that_names_its_holder()
    {
        using var root = host.Open();
        using var held = await HostLock.AcquireAsync(root, TimeSpan.Zero, NoLog.Instance, cancellation: TestContext.Current.CancellationToken);
        var log = new ListLog();
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => HostLock.AcquireAsync(root, TimeSpan.FromMilliseconds(120), log, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(DiagnosticCatalogue.LockTimeout.Code, failure.Diagnostic.Code);
        Assert.Contains($"process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}", failure.Message, StringComparison.Ordinal);
        Assert.Contains(host.Folder, failure.Message, StringComparison.Ordinal);
        Assert.Contains("0.12 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal("waiting for another eksnode to finish", Assert.Single(log.Lines));
    }

    [Fact]
    public async Task A_lock_that_is_given_back_is_taken_by_who_waits()
    {
        using var root = host.Open();
        var held = await HostLock.AcquireAsync(root, TimeSpan.Zero, NoLog.Instance, cancellation: TestContext.Current.CancellationToken);
        var log = new ListLog();
        var waiting = HostLock.AcquireAsync(root, TimeSpan.FromMinutes(1), log, cancellation: TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        Assert.Single(log.Lines);
        held.Dispose();
        using var mine = await waiting;
    }

    [Fact]
    public async Task A_lock_whose_file_a_reset_took_away_is_waited_for_anew_within_the_same_deadline()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var root = host.Open();
        using var held = await HostLock.AcquireAsync(root, TimeSpan.Zero, NoLog.Instance, cancellation: cancellation);
        var log = new ListLog();
        var waiting = HostLock.AcquireAsync(root, TimeSpan.FromMilliseconds(500), log, cancellation: cancellation);
        File.Delete(host.Folder + HostLock.FilePath);
        using var next = await HostLock.AcquireAsync(root, TimeSpan.FromSeconds(30), NoLog.Instance, cancellation: cancellation);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => waiting);
        Assert.Equal(DiagnosticCatalogue.LockTimeout.Code, failure.Diagnostic.Code);
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task Taking_it_writes_nothing_to_its_file()
    {
        using var root = host.Open();
        (await HostLock.AcquireAsync(root, TimeSpan.Zero, NoLog.Instance, cancellation: TestContext.Current.CancellationToken)).Dispose();
        var before = host.TreeWithTimes();
        (await HostLock.AcquireAsync(root, TimeSpan.Zero, NoLog.Instance, cancellation: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(before, host.TreeWithTimes());
        Assert.Equal((0x180, 0x1C0), (host.Mode(HostLock.FilePath), host.Mode(HostLock.DirectoryPath)));
    }

    [Fact]
    public async Task Roots_do_not_wait_for_each_other()
    {
        using var other = new TestRoot();
        using var root = host.Open();
        using var otherRoot = other.Open();
        using var one = await HostLock.AcquireAsync(root, TimeSpan.Zero, NoLog.Instance, cancellation: TestContext.Current.CancellationToken);
        using var two = await HostLock.AcquireAsync(otherRoot, TimeSpan.Zero, NoLog.Instance, cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Many_runs_at_once_end_like_one_of_them()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var runs = Enumerable.Range(0, 12).Select(i => Task.Run(
            async () =>
            {
                using var root = host.Open();
                using var mine = await HostLock.AcquireAsync(root, TimeSpan.FromMinutes(1), NoLog.Instance, cancellation: cancellation);
                host.Join(PlanOf(FileOf("/etc/a", $"{i % 3}"), FileOf("/etc/b/c", $"{i % 3}", 0x180)));
            },
            cancellation));
        await Task.WhenAll(runs);
        Assert.Equal(host.Read("/etc/a"), host.Read("/etc/b/c"));
        Assert.Empty(host.Join(PlanOf(FileOf("/etc/a", host.Read("/etc/a")), FileOf("/etc/b/c", host.Read("/etc/a"), 0x180))).Changes.Actions);
        Assert.Empty(host.Diff(PlanOf(FileOf("/etc/a", "0"), FileOf("/etc/b/c", "0", 0x180))).Diagnostics);
    }

    private sealed class ListLog : ILog
    {
        public List<string> Lines { get; } = [];

        public bool Writes(LogLevel level) => true;

        public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields) => Lines.Add(message);
    }
}
