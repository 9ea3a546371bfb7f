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
