using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Journal;
using EksNode.Host.Logging;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Services;

/// <summary>Hooks whose program, systemd or output is not as it should be.</summary>
public sealed class HookFailureTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData("/opt/hook", "the folder /home/user")]
    [InlineData("/opt/folder/program", "the folder /home/user")]
    [InlineData("/opt/good", null)]
    public async Task A_link_into_a_folder_of_a_users_is_not_run(string program, string? why)
    {
        Program("/home/user/program");
        Program("/usr/good");
        File.SetUnixFileMode(host.Folder + "/home/user", Executable | UnixFileMode.OtherWrite);
        Directory.CreateDirectory(host.Folder + "/opt");
        File.CreateSymbolicLink(host.Folder + "/opt/hook", "/home/user/program");
        File.CreateSymbolicLink(host.Folder + "/opt/folder", "/home/user");
        File.CreateSymbolicLink(host.Folder + "/opt/good", "../usr/good");
        var bag = new DiagnosticBag();
        Assert.Equal(why is null, await RunAsync(bag, new Manager(), program));
        if (why is not null)
        {
            var diagnostic = Assert.Single(bag.Items);
            Assert.Equal(DiagnosticCatalogue.HookProgramUnusable.Code, diagnostic.Code);
            Assert.Contains(why, diagnostic.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_systemd_does_not_end_is_stopped_and_fails_as_the_hook_says(bool continues)
    {
        Program("/opt/program");
        var manager = new Manager { Failure = new DiagnosticException(DiagnosticCatalogue.SystemdTimeout, "The job did not end.", "Look at the queue.") };
        var bag = new DiagnosticBag();
        Assert.Equal(continues, await RunAsync(bag, manager, "/opt/program", continues));
        Assert.True(manager.Stopped);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal((DiagnosticCatalogue.HookFailed.Code, continues ? Severity.Warning : Severity.Error), (diagnostic.Code, diagnostic.Severity));
        Assert.Contains("The job did not end.", diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal("Look at the queue.", diagnostic.Help);
    }

    [Fact]
    public async Task A_secret_that_crosses_the_end_of_what_is_shown_of_a_line_is_not_shown()
    {
        Program("/opt/program");
        foreach (var before in (int[])[2040, 65_530])
        {
            var log = new ListLog();
            Assert.True(await RunAsync(new DiagnosticBag(), new Manager { Output = new string('x', before) + "hunter2-hunter2\nnext\n" }, "/opt/program", log: log));
            Assert.DoesNotContain(log.Lines, l => l.Contains("hunt", StringComparison.Ordinal) || l.Contains("ter2", StringComparison.Ordinal));
            Assert.Contains(log.Lines, l => l.StartsWith("xxx", StringComparison.Ordinal));
            Assert.Contains("next", log.Lines);
        }
    }

    [Fact]
    public async Task A_long_line_that_is_nearly_all_secrets_is_left_out()
    {
        Program("/opt/program");
        var log = new ListLog();
        var text = string.Concat(Enumerable.Repeat("hunter2-hunter2", 5000));
        Assert.True(await RunAsync(new DiagnosticBag(), new Manager { Output = new string(' ', 3) + text + "\n" }, "/opt/program", log: log));
        Assert.DoesNotContain(log.Lines, l => l.Contains("hunt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Output_that_cannot_be_passed_on_is_said_once_and_still_read(bool broken)
    {
        Program("/opt/program");
        var log = new ListLog { Broken = broken };
        var text = string.Concat(Enumerable.Repeat("a line of output\n", 20_000)); // more than a pipe holds
        Assert.True(await RunAsync(new DiagnosticBag(), new Manager { Output = text }, "/opt/program", log: log));
        Assert.Single(log.Lines, "the output of a hook is not passed on");
    }

    [Fact]
    public async Task A_reader_that_fails_does_not_hold_the_hook()
    {
        Program("/opt/program");
        var log = new ListLog { Fault = new InvalidOperationException("a fault") };
        var text = string.Concat(Enumerable.Repeat("a line of output\n", 20_000)); // more than a pipe holds
        Assert.True(await RunAsync(new DiagnosticBag(), new Manager { Output = text }, "/opt/program", log: log));
        Assert.Single(log.Lines, "the output of a hook is not passed on");
    }

    private void Program(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(host.Folder + path)!);
        File.WriteAllText(host.Folder + path, "#!/bin/sh\n");
        File.SetUnixFileMode(host.Folder + path, Executable);
    }

    private async Task<bool> RunAsync(DiagnosticBag bag, Manager manager, string program, bool continues = false, ILog? log = null)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a program of another user's than root is no hook");
        using var root = host.Open();
        manager.Root = root;
        var redactor = new Redactor();
        redactor.Add(new Secret("hunter2-hunter2"));
        var call = new HookCall
        {
            Setting = "spec.hooks.preStart[0]",
            Origin = Origin.At("user-data", 1, 1),
            ContinuesOnFailure = continues,
            Service = new TransientService { Unit = "eksnode-hook-preStart-0.service", Description = "a hook", Command = [program], Timeout = TimeSpan.FromMinutes(1) },
        };
        return await new HookRunner(manager, root, redactor, log ?? NoLog.Instance, new JournalWriter(host.Folder + "/none"))
            .RunAsync(call, bag, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private sealed class ListLog : ILog
    {
        public List<string> Lines { get; } = [];

        /// <summary>Whether output cannot be written.</summary>
        public bool Broken { get; init; }

        /// <summary>What a fault of the program itself throws.</summary>
        public Exception? Fault { get; init; }

        public bool Writes(LogLevel level) => true;

        public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields)
        {
            if (Broken && level == LogLevel.Debug)
            {
                throw new IOException("no space");
            }

            if (Fault is not null && level == LogLevel.Debug)
            {
                throw Fault;
            }

            lock (Lines)
            {
                Lines.Add(message);
            }
        }
    }

    // What a test wants of systemd: what the hook writes, what becomes of the job, and what is left of the unit.
    private sealed class Manager : IServiceManager
    {
        public HostRoot? Root { get; set; }

        public string Output { get; init; } = "";

        public DiagnosticException? Failure { get; init; }

        public string State { get; set; } = "inactive";

        public string Result { get; init; } = "done";

        public bool Stopped { get; private set; }

        public Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation) => Task.FromResult(new UnitStatus(unit) { ActiveState = State });

        public Task ReloadAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public Task<JobResult> StartAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<JobResult> RestartAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<JobResult> StopAsync(string unit, CancellationToken cancellation)
        {
            Stopped = true;
            State = "inactive";
            return Task.FromResult(new JobResult(unit, "done"));
        }

        public async Task<JobResult> RunTransientAsync(TransientService service, CancellationToken cancellation)
        {
            await Task.Run(
                () =>
                {
                    using var pipe = new FileStream(Root!.Path + service.Output, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                    pipe.Write(Encoding.UTF8.GetBytes(Output));
                },
                cancellation);
            if (Failure is not null)
            {
                State = "activating";
                throw Failure;
            }

            return new JobResult(service.Unit, Result);
        }

        public Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
