using System.Collections.Concurrent;
using System.Net.Sockets;

namespace EksNode.Simulation.Systemd;

/// <summary>How the simulated systemd misbehaves.</summary>
public enum SimulatedSystemdFault
{
    /// <summary>It never answers.</summary>
    NoReply,

    /// <summary>It closes the connection instead.</summary>
    Close,

    /// <summary>It closes the connection in the middle of its answer.</summary>
    CloseInside,

    /// <summary>It sends its answer in pieces of a few bytes.</summary>
    Pieces,

    /// <summary>It sends bytes that are no D-Bus.</summary>
    Garbage,

    /// <summary>It says that its answer has 2 GiB.</summary>
    Huge,

    /// <summary>It answers with another type than the method has.</summary>
    OtherType,

    /// <summary>It answers with texts whose length is beyond the message's end.</summary>
    LongText,

    /// <summary>It answers with an error: <c>org.freedesktop.DBus.Error.Failed</c>.</summary>
    Error,
}

/// <summary>
/// A systemd behind D-Bus on a Unix socket, for tests that kill, time out or fail what a real one does not. It holds its state over
/// connections, sends <c>JobRemoved</c> only to who asked for it before, and is strict about what it is sent.
/// </summary>
public sealed class SimulatedSystemd : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-dbus-").FullName;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource ended = new();
    private readonly ConcurrentBag<Task> connections = [];
    private readonly ConcurrentDictionary<string, SimulatedUnit> units = new(StringComparer.Ordinal);
    private readonly Task accepting;

    /// <summary>Starts it.</summary>
    /// <param name="isBus">Whether it is a system bus with a systemd, or systemd's private socket.</param>
    public SimulatedSystemd(bool isBus = true)
    {
        IsBus = isBus;
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        accepting = AcceptAsync();
    }

    /// <summary>Whether it is a system bus.</summary>
    public bool IsBus { get; }

    /// <summary>The socket.</summary>
    public string SocketPath => Path.Combine(folder, "socket");

    /// <summary>For <c>DBUS_SYSTEM_BUS_ADDRESS</c>.</summary>
    public string Address => "unix:path=" + SocketPath;

    /// <summary>Every call so far, with its unit: <c>StartUnit kubelet.service</c>. Hello, AddMatch and Subscribe included.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What was wrong with what it was sent; a test expects none.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Faults by method.</summary>
    public ConcurrentDictionary<string, SimulatedSystemdFault> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it speaks big endian.</summary>
    public bool BigEndian { get; set; }

    /// <summary>Whether the signal of a job's end comes before the answer that names the job, when the job ends at once.</summary>
    public bool SignalFirst { get; set; }

    /// <summary>Whether it forgets to send the signal.</summary>
    public bool LosesSignals { get; set; }

    /// <summary>Whether another peer of the bus claims, before systemd does, that every job has failed.</summary>
    public bool Impostor { get; set; }

    /// <summary>How long a Reload takes.</summary>
    public TimeSpan ReloadTime { get; set; }

    /// <summary>What Reload does besides, given all units: reads drop-ins from a root folder, say.</summary>
    public Action<IEnumerable<SimulatedUnit>>? Reloaded { get; set; }

    internal ConcurrentDictionary<uint, (string Unit, string Type)> Jobs { get; } = new();

    internal ConcurrentDictionary<SimulatedSystemdConnection, bool> Listeners { get; } = new();

    private uint lastJob;

    /// <summary>A unit; made when it is not there.</summary>
    public SimulatedUnit Unit(string name) => units.GetOrAdd(name, static n => new SimulatedUnit(n));

    /// <summary>A unit that was loaded before, or one that does not exist.</summary>
    internal SimulatedUnit Find(string name) => units.TryGetValue(name, out var unit) ? unit : new SimulatedUnit(name) { LoadState = "not-found" };

    internal uint NextJob() => Interlocked.Increment(ref lastJob);

    internal void Reload()
    {
        Reloaded?.Invoke(units.Values);
        foreach (var unit in units.Values)
        {
            unit.NeedDaemonReload = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(connections);
        ended.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(ended.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            connections.Add(new SimulatedSystemdConnection(this, socket).RunAsync(ended.Token));
        }
    }
}
