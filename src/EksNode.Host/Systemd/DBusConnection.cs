using System.Net.Sockets;
using EksNode.Configuration.Text;
using EksNode.Host.Tasks;

namespace EksNode.Host.Systemd;

/// <summary>
/// A connection to a D-Bus server over a Unix socket: the system bus, or a program that speaks D-Bus without one. Calls can be
/// made at the same time. Every call ends: with its answer, with an error of the peer, at its deadline, or when the connection ends.
/// </summary>
public sealed partial class DBusConnection : IAsyncDisposable
{
    /// <summary>The usual socket of the system bus.</summary>
    public const string SystemBusSocket = "/run/dbus/system_bus_socket";

    /// <summary>The variable that names another (D-Bus specification, "Well-known Message Bus Instances").</summary>
    public const string SystemBusVariable = "DBUS_SYSTEM_BUS_ADDRESS";

    private const string BusName = "org.freedesktop.DBus";
    private const string BusPath = "/org/freedesktop/DBus";

    private readonly Socket socket;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource ended = new();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly object gate = new();
    private readonly Dictionary<uint, Pending> pending = [];
    private Action<DBusMessage>[] listeners = [];
    private Func<string, Diagnostic>? failure;
    private Task reading = Task.CompletedTask;
    private uint lastSerial;

    private DBusConnection(Socket socket, string server, bool isBus, TimeProvider clock)
    {
        this.socket = socket;
        this.clock = clock;
        Server = server;
        IsBus = isBus;
    }

    /// <summary>Who is at the other end, for messages: <c>the system bus</c>.</summary>
    public string Server { get; }

    /// <summary>Whether there is a bus between us and the peers, so that calls name a destination.</summary>
    public bool IsBus { get; }

    /// <summary>Our name on the bus; null without one.</summary>
    public string? UniqueName { get; private set; }

    /// <summary>Connects to the system bus: <c>$DBUS_SYSTEM_BUS_ADDRESS</c>, or the usual socket.</summary>
    /// <param name="timeout">How long it may take to be connected and named.</param>
    /// <param name="cancellation">The caller gave up.</param>
    /// <param name="clock">The clock of all deadlines; the system's unless told otherwise.</param>
    /// <exception cref="DiagnosticException">It cannot be reached.</exception>
    public static Task<DBusConnection> ConnectSystemBusAsync(TimeSpan timeout, CancellationToken cancellation, TimeProvider? clock = null)
    {
        var address = Environment.GetEnvironmentVariable(SystemBusVariable);
        return ConnectAsync(
            string.IsNullOrEmpty(address) ? DBusAddress.OfPath(SystemBusSocket) : address, "the system bus", isBus: true, timeout, cancellation, clock);
    }

    /// <summary>Connects to a server.</summary>
    /// <param name="address">Where: <c>unix:path=…</c>.</param>
    /// <param name="server">Who it is, for messages.</param>
    /// <param name="isBus">Whether it is a bus: then we say Hello and get a name.</param>
    /// <param name="timeout">How long it may take to be connected and named.</param>
    /// <param name="cancellation">The caller gave up.</param>
    /// <param name="clock">The clock of all deadlines; the system's unless told otherwise.</param>
    /// <exception cref="DiagnosticException">It cannot be reached.</exception>
    public static async Task<DBusConnection> ConnectAsync(
        string address, string server, bool isBus, TimeSpan timeout, CancellationToken cancellation, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        if (DBusAddress.EndPoint(address) is not { } endPoint)
        {
            throw new DiagnosticException(DBusFailures.Unreachable(server, $"'{address}' names no Unix socket"));
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var connection = new DBusConnection(socket, server, isBus, clock);
        try
        {
            using var timer = new CancellationTokenSource(timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
            try
            {
                await socket.ConnectAsync(endPoint, either.Token).ConfigureAwait(false);
                await DBusAuthentication.RunAsync(socket, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new DiagnosticException(DBusFailures.Timeout(server, "connecting", timeout));
            }

            connection.reading = connection.ReadAllAsync();
            if (isBus)
            {
                var reply = await connection.CallAsync(new DBusCall(BusName, BusPath, BusName, "Hello"), timeout, cancellation).ConfigureAwait(false);
                connection.UniqueName = connection.Read(reply, "Hello", "s", static (ref DBusReader r) => r.String());
            }

            return connection;
        }
        catch (Exception exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (exception is SocketException or DBusFormatException or DBusErrorException)
            {
                throw new DiagnosticException(DBusFailures.Unreachable($"{server} ({address})", exception.Message), exception);
            }

            throw;
        }
    }

    /// <summary>Calls a method and waits for its answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="cancellation">The caller gave up; what the peer does about the call is unknown.</param>
    /// <exception cref="DBusErrorException">The peer answered with an error.</exception>
    /// <exception cref="DiagnosticException">No answer in time, or the connection ended; it names the call.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<DBusMessage> CallAsync(DBusCall call, TimeSpan timeout, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiting = new Pending(call.ToString());
        uint serial;
        lock (gate)
        {
            if (failure is { } failed)
            {
                throw new DiagnosticException(failed(waiting.Name));
            }

            serial = ++lastSerial == 0 ? ++lastSerial : lastSerial;
            pending.Add(serial, waiting);
        }

        try
        {
            using var timer = new CancellationTokenSource(timeout, clock);
            using var any = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
            try
            {
                await SendAsync(DBusMessage.Write(serial, call), any.Token).ConfigureAwait(false);
                return await waiting.Answer.Task.WithinAsync(any.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && timer.IsCancellationRequested)
            {
                throw new DiagnosticException(DBusFailures.Timeout(Server, waiting.Name, timeout));
            }
        }
        finally
        {
            lock (gate)
            {
                pending.Remove(serial);
            }
        }
    }

    /// <summary>Makes the bus send signals to us. Without a bus, the peer sends all it has to everybody.</summary>
    /// <param name="rule">The rule: <c>type='signal',sender='…',member='…'</c>.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="cancellation">The caller gave up.</param>
    public async Task AddMatchAsync(string rule, TimeSpan timeout, CancellationToken cancellation)
    {
        if (IsBus)
        {
            await CallAsync(
                new DBusCall(BusName, BusPath, BusName, "AddMatch", new DBusBody().String(rule)), timeout, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Hears every signal from now on, in the order in which they and all answers come: a listener has heard all that was sent before
    /// an answer by the time the answer is handed out. It must return at once; what it throws ends the connection.
    /// </summary>
    /// <param name="listener">Called on the thread that reads.</param>
    /// <returns>Disposing it ends the listening.</returns>
    public IDisposable Listen(Action<DBusMessage> listener)
    {
        lock (gate)
        {
            listeners = [.. listeners, listener];
        }

        return new Listening(this, listener);
    }

    /// <summary>Reads an answer; what is wrong with it is a diagnostic that names the call.</summary>
    /// <param name="message">The answer.</param>
    /// <param name="call">The call, for messages.</param>
    /// <param name="signature">The types that it must have.</param>
    /// <param name="read">Reads it.</param>
    public T Read<T>(DBusMessage message, string call, string signature, DBusRead<T> read)
    {
        try
        {
            var reader = message.Reader(signature);
            return read(ref reader);
        }
        catch (DBusFormatException exception)
        {
            throw new DiagnosticException(DBusFailures.Unreadable(Server, call, exception.Message), exception);
        }
    }

    /// <summary>Throws what ended the connection, if it has.</summary>
    /// <param name="call">What needs it, for the message.</param>
    /// <exception cref="DiagnosticException">It has ended.</exception>
    public void ThrowIfEnded(string call)
    {
        lock (gate)
        {
            if (failure is { } failed)
            {
                throw new DiagnosticException(failed(call));
            }
        }
    }

    /// <summary>Ends when the connection does, for a wait that is not for an answer.</summary>
    public CancellationToken Ended => ended.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Fail(call => DBusFailures.Lost(Server, call, "it was closed here"));
        await reading.ConfigureAwait(false);
        socket.Dispose();
    }

    private sealed record Pending(string Name)
    {
        public TaskCompletionSource<DBusMessage> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Listening(DBusConnection connection, Action<DBusMessage> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (connection.gate)
            {
                connection.listeners = [.. connection.listeners.Where(l => l != listener)];
            }
        }
    }
}

/// <summary>Reads a value of some kind.</summary>
/// <param name="reader">The reader, at the start of the message's body.</param>
public delegate T DBusRead<out T>(ref DBusReader reader);
