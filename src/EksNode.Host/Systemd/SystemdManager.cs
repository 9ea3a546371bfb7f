using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Tasks;

namespace EksNode.Host.Systemd;

/// <summary>
/// systemd over D-Bus (org.freedesktop.systemd1(5)): through the system bus, or its private socket, where there is no bus and no
/// destination, and where every signal comes without being asked for.
/// </summary>
public sealed class SystemdManager : IServiceManager
{
    private const string ManagerPath = "/org/freedesktop/systemd1";
    private const string ManagerInterface = "org.freedesktop.systemd1.Manager";
    private const string SystemdName = "org.freedesktop.systemd1";
    private const string PropertiesInterface = "org.freedesktop.DBus.Properties";

    // Replaces jobs in the queue that contradict this one, as systemctl does.
    private const string ReplaceJobs = "replace";

    private const string StopUnit = "StopUnit";
    private const string StartTransientUnit = "StartTransientUnit";
    private const int MaxJobsDescribed = 10;

    private readonly DBusConnection connection;
    private readonly ConnectOptions options;

    // systemd's unique name on the bus: whoever is on the bus can send us a signal, and only systemd's count.
    private string? sender;

    private SystemdManager(DBusConnection connection, ConnectOptions options)
    {
        this.connection = connection;
        this.options = options;
    }

    /// <summary>The connection, for other services of the bus (org.freedesktop.network1).</summary>
    public DBusConnection Connection => connection;

    /// <summary>Connects to systemd: through the system bus, else through its private socket, or the other way round.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellation">The caller gave up.</param>
    /// <exception cref="DiagnosticException">Neither can be reached; it says why for both.</exception>
    public static async Task<SystemdManager> ConnectAsync(ConnectOptions options, CancellationToken cancellation)
    {
        var address = options.BusAddress ?? Environment.GetEnvironmentVariable(DBusConnection.SystemBusVariable);
        if (!string.IsNullOrEmpty(address))
        {
            return await ConnectToAsync(address, isBus: true, options, cancellation).ConfigureAwait(false);
        }

        (string Path, bool IsBus) bus = (options.SystemBusSocket, true), own = (options.PrivateSocket, false);
        var (first, second) = options.PreferPrivate ? (own, bus) : (bus, own);
        try
        {
            return await ConnectToAsync(DBusAddress.OfPath(first.Path), first.IsBus, options, cancellation).ConfigureAwait(false);
        }
        catch (DiagnosticException before)
        {
            try
            {
                return await ConnectToAsync(DBusAddress.OfPath(second.Path), second.IsBus, options, cancellation).ConfigureAwait(false);
            }
            catch (DiagnosticException after)
            {
                throw new DiagnosticException(DBusFailures.Unreachable("systemd", $"{before.Message} {after.Message}".TrimEnd('.')), after);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation)
    {
        var load = Call("LoadUnit", new DBusBody().String(unit), unit);
        var path = Read(await CallAsync(load, options.CallTimeout, cancellation).ConfigureAwait(false), load, "o", static (ref DBusReader r) => r.String());

        // Without an interface: those of all interfaces of the unit, in one answer.
        var all = load with { Path = path, Interface = PropertiesInterface, Member = "GetAll", Body = new DBusBody().String("") };
        var reply = await CallAsync(all, options.CallTimeout, cancellation).ConfigureAwait(false);
        return Read(reply, all, UnitProperties.Signature, (ref DBusReader r) => UnitProperties.Read(ref r, unit));
    }

    /// <inheritdoc/>
    public async Task ReloadAsync(CancellationToken cancellation) =>
        _ = await CallAsync(Call("Reload"), options.ReloadTimeout, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task ResetFailedAsync(string unit, CancellationToken cancellation) =>
        _ = await CallAsync(Call("ResetFailedUnit", new DBusBody().String(unit), unit), options.CallTimeout, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<JobResult> StartAsync(string unit, CancellationToken cancellation) => RunJobAsync("StartUnit", unit, cancellation);

    /// <inheritdoc/>
    public Task<JobResult> RestartAsync(string unit, CancellationToken cancellation) => RunJobAsync("RestartUnit", unit, cancellation);

    /// <inheritdoc/>
    public Task<JobResult> StopAsync(string unit, CancellationToken cancellation) => RunJobAsync(StopUnit, unit, cancellation);

    /// <inheritdoc/>
    public Task<JobResult> RunTransientAsync(TransientService service, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(service);
        var body = new DBusBody().String(service.Unit).String(ReplaceJobs).Array("(sv)", service.WriteProperties).Array("(sa(sv))", _ => { });
        return RunJobAsync(Call(StartTransientUnit, body, service.Unit), service.Timeout + TransientService.StopTimeout + options.CallTimeout, cancellation);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation)
    {
        var call = Call("ListJobs");
        var reply = await CallAsync(call, options.CallTimeout, cancellation).ConfigureAwait(false);
        return Read(reply, call, "a(usssoo)", static (ref DBusReader r) =>
        {
            var jobs = new List<UnitJob>();
            var end = r.ArrayEnd(8);
            while (r.Position < end)
            {
                r.Align(8);
                jobs.Add(new UnitJob(r.UInt32(), r.String(), r.String(), r.String()));
                r.Skip("oo"u8);
            }

            r.EndArray(end);
            return jobs.ToImmutable();
        });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task<SystemdManager> ConnectToAsync(string address, bool isBus, ConnectOptions options, CancellationToken cancellation)
    {
        var server = isBus ? "the system bus" : "systemd";
        var connection = await DBusConnection.ConnectAsync(address, server, isBus, options.ConnectTimeout, cancellation, options.Clock).ConfigureAwait(false);
        var manager = new SystemdManager(connection, options);
        try
        {
            // Before any job is queued, so that no end of a job is missed: first the bus, then systemd, which sends nothing on the
            // bus to nobody.
            await connection.AddMatchAsync(
                $"type='signal',sender='{SystemdName}',path='{ManagerPath}',interface='{ManagerInterface}',member='{JobSignal.Member}'",
                options.ConnectTimeout,
                cancellation).ConfigureAwait(false);
            var subscribed = await manager.CallAsync(manager.Call("Subscribe"), options.ConnectTimeout, cancellation).ConfigureAwait(false);
            manager.sender = subscribed.Sender;
            return manager;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Task<JobResult> RunJobAsync(string method, string unit, CancellationToken cancellation) =>
        RunJobAsync(Call(method, new DBusBody().String(unit).String(ReplaceJobs), unit), options.JobTimeout, cancellation);

    private async Task<JobResult> RunJobAsync(DBusCall call, TimeSpan timeout, CancellationToken cancellation)
    {
        var wait = new JobWait(sender);
        using (connection.Listen(wait.Hear))
        {
            var reply = await CallAsync(call, options.CallTimeout, cancellation).ConfigureAwait(false);
            var ended = wait.For(Read(reply, call, "o", static (ref DBusReader r) => r.String()));
            using var timer = new CancellationTokenSource(timeout, options.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, connection.Ended, cancellation);
            try
            {
                return new JobResult(call.Subject ?? "", await WaitAsync(ended, wait, call, either.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                connection.ThrowIfEnded(call.ToString());
                throw new DiagnosticException(
                    DiagnosticCatalogue.SystemdTimeout,
                    FormattableString.Invariant($"{call}: the job did not end within {timeout.TotalSeconds:0.###} s; in the queue: ")
                        + await DescribeQueueAsync(cancellation).ConfigureAwait(false) + ".",
                    "Look at `systemctl list-jobs` and `systemctl status` of the unit that the others wait for.");
            }
        }
    }

    // The signal ends the wait. Now and then the queue is looked at: should systemd have been executed again meanwhile, the signal is
    // lost, and what became of the unit says how the job ended.
    private async Task<string> WaitAsync(Task<string> ended, JobWait wait, DBusCall call, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await ended.WithinAsync(options.JobPoll, options.Clock, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                if (await EndedUnheardAsync(ended, wait, call, cancellation).ConfigureAwait(false) is { } result)
                {
                    return result;
                }
            }
        }
    }

    private async Task<string?> EndedUnheardAsync(Task<string> ended, JobWait wait, DBusCall call, CancellationToken cancellation)
    {
        try
        {
            var jobs = await JobsAsync(cancellation).ConfigureAwait(false);
            if (ended.IsCompleted || jobs.Any(j => j.Id == wait.Id))
            {
                return null;
            }

            var status = await StatusAsync(call.Subject ?? "", cancellation).ConfigureAwait(false);
            var wanted = call.Member switch
            {
                StopUnit => status.ActiveState is "inactive" or "failed",
                StartTransientUnit => status.ActiveState != "failed", // one that did its work is inactive, or gone
                _ => status.IsActive,
            };
            return wanted ? "done" : "failed";
        }
        catch (DiagnosticException exception) when (exception.Diagnostic.Code == DiagnosticCatalogue.SystemdRefused.Code)
        {
            // While it is executed again, systemd has no name on the bus. The deadline of the job bounds this.
            return null;
        }
    }

    private async Task<string> DescribeQueueAsync(CancellationToken cancellation)
    {
        try
        {
            var jobs = await JobsAsync(cancellation).ConfigureAwait(false);
            return jobs.IsEmpty ? "nothing" : string.Join(", ", jobs.Take(MaxJobsDescribed).Select(j => $"{j.Unit} ({j.Type}, {j.State})"));
        }
        catch (DiagnosticException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    private DBusCall Call(string member, DBusBody? body = null, string? unit = null) =>
        new(connection.IsBus ? SystemdName : null, ManagerPath, ManagerInterface, member, body, unit);

    private async Task<DBusMessage> CallAsync(DBusCall call, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            return await connection.CallAsync(call, timeout, cancellation).ConfigureAwait(false);
        }
        catch (DBusErrorException exception)
        {
            throw new DiagnosticException(DBusFailures.Refused(call, exception), exception);
        }
    }

    private T Read<T>(DBusMessage reply, DBusCall call, string signature, DBusRead<T> read) => connection.Read(reply, call.ToString(), signature, read);
}
