using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Journal;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;

namespace EksNode.Host.Services;

/// <summary>A hook to run.</summary>
public sealed class HookCall
{
    /// <summary>Its setting, for messages: <c>spec.hooks.preStart[0]</c>.</summary>
    public required string Setting { get; init; }

    /// <summary>Where it stands.</summary>
    public required Origin Origin { get; init; }

    /// <summary>The service that it runs as.</summary>
    public required TransientService Service { get; init; }

    /// <summary>Whether a failure is a warning.</summary>
    public bool ContinuesOnFailure { get; init; }
}

/// <summary>
/// Runs hooks: each as a transient service of systemd, whose control group is killed when its time is over. Its output comes through a named
/// pipe, so that every line passes the redactor before it is written to the journal, under the name of the service.
/// </summary>
/// <param name="systemd">The service manager.</param>
/// <param name="root">The root of the machine.</param>
/// <param name="redactor">Takes secrets out of the output.</param>
/// <param name="log">Where the output is told, at debug level.</param>
/// <param name="journal">The journal.</param>
/// <param name="folder">Where the pipes are; systemd sees the same folder.</param>
public sealed class HookRunner(
    IServiceManager systemd, HostRoot root, Redactor redactor, ILog log, JournalWriter journal, string folder = HookRunner.DefaultFolder)
{
    /// <summary>Where the pipes are, 0700.</summary>
    public const string DefaultFolder = "/run/eksnode/hooks";

    private const int PrivateFolder = 0x1C0; // 0700
    private const uint PrivatePipe = 0x1000 | 0x180; // S_IFIFO, 0600
    private const int AnyExecute = 0x49; // 0111

    // What is left of the group has been told to end; what it still writes is read for so long.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    // The group is killed when its own time to stop is over; systemd needs a moment more to say so.
    private static readonly TimeSpan StopLimit = TransientService.StopTimeout + TimeSpan.FromSeconds(10);

    /// <summary>Runs a hook to its end.</summary>
    /// <param name="call">The hook.</param>
    /// <param name="diagnostics">Takes why it failed.</param>
    /// <param name="cancellation">The caller gave up; the hook is stopped.</param>
    /// <returns>Whether the join may go on.</returns>
    public async Task<bool> RunAsync(HookCall call, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(diagnostics);
        try
        {
            return await RunToEndAsync(call, diagnostics, cancellation).ConfigureAwait(false);
        }
        catch (DiagnosticException exception)
        {
            // What systemd refused, or did not do in time, is a failure of this hook: the hook says whether the join goes on.
            return Report(call, DiagnosticCatalogue.HookFailed, $"{Named(call)} failed: {exception.Diagnostic.Message}", exception.Diagnostic.Help, diagnostics);
        }
    }

    private static string Named(HookCall call) => $"The hook `{call.Setting}` ({call.Service.Command[0]})";

    private async Task<bool> RunToEndAsync(HookCall call, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Unusable(call.Service.Command[0]) is { } why)
        {
            return Report(call, DiagnosticCatalogue.HookProgramUnusable, $"The program {call.Service.Command[0]} of `{call.Setting}` cannot be run: {why}.", "Correct the path or the permissions: only root may be able to write the program and the folders that it is in.", diagnostics);
        }

        var unit = call.Service.Unit;
        await ClearAsync(unit, cancellation).ConfigureAwait(false);
        var path = $"{folder}/{unit}";
        var pipe = MakePipe(unit);
        var output = new HookOutput(call, Identifier(call), redactor, log, journal);
        JobResult result;
        try
        {
            // Open for both, a pipe neither blocks nor ends: it ends when this one is closed and the hook is gone.
            using var reading = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            using var source = new FileStream(pipe, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var reader = Task.Run(() => output.ReadAsync(source), CancellationToken.None);
            try
            {
                result = await systemd.RunTransientAsync(
                    new TransientService
                    {
                        Unit = unit,
                        Description = call.Service.Description,
                        Command = call.Service.Command,
                        Environment = call.Service.Environment,
                        Timeout = call.Service.Timeout,
                        Output = path,
                    },
                    cancellation).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or DiagnosticException)
            {
                await EndAsync(call).ConfigureAwait(false);
                throw;
            }
            finally
            {
                reading.Dispose();
                await Task.WhenAny(reader, Task.Delay(Drain, CancellationToken.None)).ConfigureAwait(false);
                if (reader.Exception is { } died)
                {
                    output.TellLost(died.GetBaseException().Message);
                }
            }
        }
        finally
        {
            File.Delete(pipe);
        }

        if (result.Result == "done")
        {
            log.Write(LogLevel.Info, "a hook ran", ("hook", call.Setting), ("program", call.Service.Command[0]));
            return true;
        }

        var status = await systemd.StatusAsync(unit, cancellation).ConfigureAwait(false);
        await ClearAsync(unit, cancellation).ConfigureAwait(false);
        return Failed(call, status, result, output.Last, diagnostics);
    }

    private static bool Failed(HookCall call, UnitStatus status, JobResult result, string[] lines, DiagnosticBag diagnostics)
    {
        var last = lines.Length == 0 ? "" : " Its last lines:\n    " + string.Join("\n    ", lines);
        var program = Named(call);
        var help = $"Look at `journalctl -t {Identifier(call)}`; with `onFailure: Continue` the join goes on without it.";
        if (status.Result == "timeout")
        {
            var seconds = FormattableString.Invariant($"{call.Service.Timeout.TotalSeconds:0.###} s");
            return Report(call, DiagnosticCatalogue.HookTimedOut, $"{program} did not end within {seconds}, and was killed with all that it had started.{last}", help, diagnostics);
        }

        var how = status is { Result: "success" or "", ExecMainCode: 0 } ? $"systemd says {result.Result}" : ServiceFailure.HowItEnded(status);
        return Report(call, DiagnosticCatalogue.HookFailed, $"{program} failed: {how}.{last}", help, diagnostics);
    }

    private static bool Report(HookCall call, DiagnosticDescriptor descriptor, string message, string help, DiagnosticBag diagnostics)
    {
        diagnostics.Report(descriptor, message, help, call.Origin, call.Setting, call.ContinuesOnFailure ? Severity.Warning : null);
        return call.ContinuesOnFailure;
    }

    // Whoever can write the program, or put another in its place, would be root. Links count: once nobody else can change anything on the way,
    // the path as it is written leads to the program that was looked at.
    private string? Unusable(string path)
    {
        if (root.Status(path, followLink: true) is not { } status)
        {
            return "it does not exist";
        }

        if (status.Kind != FileKind.File)
        {
            return "it is no regular file";
        }

        if ((status.Mode & AnyExecute) == 0)
        {
            return "it is not executable";
        }

        return root.Resolver.OpenToOthers(path) is { } open ? "others than root can write " + (open == path ? "it" : open) : null;
    }

    // Its run is given up, with an exception on its way that says more than a failure to stop it would.
    private async Task EndAsync(HookCall call)
    {
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await ClearAsync(call.Service.Unit, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or DiagnosticException)
        {
            log.Write(LogLevel.Warn, "a hook could not be stopped", ("hook", call.Setting), ("unit", call.Service.Unit), ("why", exception.Message));
        }
    }

    // One of its name is there after a failure, or when a join was killed while it ran.
    private async Task ClearAsync(string unit, CancellationToken cancellation)
    {
        var status = await systemd.StatusAsync(unit, cancellation).ConfigureAwait(false);
        if (status.ActiveState is "active" or "activating" or "deactivating" or "reloading")
        {
            await systemd.StopAsync(unit, cancellation).ConfigureAwait(false);
            status = await systemd.StatusAsync(unit, cancellation).ConfigureAwait(false);
        }

        if (status.ActiveState == "failed")
        {
            await systemd.ResetFailedAsync(unit, cancellation).ConfigureAwait(false);
        }
    }

    private string MakePipe(string unit)
    {
        root.MakeDirectory(folder, PrivateFolder);
        using var directory = root.OpenOrNull(folder, Libc.PathOnly | Libc.DirectoryOnly, follow: false, "open")
            ?? throw Errno.Failure(Errno.NoEntry, "open", folder);
        var name = Encoding.UTF8.GetBytes(unit + "\0");
        if (Libc.UnlinkAt(directory, unit, 0) != 0 && Libc.LastError != Errno.NoEntry)
        {
            throw Errno.Failure(Libc.LastError, "remove", $"{folder}/{unit}");
        }

        return Libc.MakeNode(directory, name, PrivatePipe, 0, 0)
            ? Path.Join(root.Path, folder, unit)
            : throw Errno.Failure(Libc.LastError, "create", $"{folder}/{unit}");
    }

    private static string Identifier(HookCall call) => call.Service.Unit[..^".service".Length];
}
