using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

// Compiled into each test project that needs it.
#pragma warning disable IDE0130

/// <summary>A DNS server on loopback, over UDP and TCP, that knows a few names.</summary>
internal sealed class FakeDns : IAsyncDisposable
{
    private const int PortsToTry = 100;

    private readonly UdpClient udp;
    private readonly TcpListener tcp;
    private readonly CancellationTokenSource stopping = new();
    private readonly (string Name, IPAddress Address)[] records;
    private readonly Task serving;
    private int questions;

    private FakeDns((string Name, IPAddress Address)[] records)
    {
        this.records = records;
        (udp, tcp) = Listen();
        serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public int Port => ((IPEndPoint)udp.Client.LocalEndPoint!).Port;

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    /// <summary>Questions over UDP so far.</summary>
    public int Questions => Volatile.Read(ref questions);

    /// <summary>Answers nothing to the first so many questions over UDP.</summary>
    public int Silent { get; init; }

    /// <summary>The response code instead of 0.</summary>
    public int Failure { get; init; }

    /// <summary>Tells over UDP to ask over TCP.</summary>
    public bool Truncates { get; init; }

    /// <summary>Puts an alias between the question and the addresses.</summary>
    public bool UsesAlias { get; init; }

    /// <summary>Sends this before the answer.</summary>
    public byte[]? Garbage { get; init; }

    public static FakeDns Start(params (string Name, IPAddress Address)[] records) => new(records);

    public static FakeDns Start(int silent = 0, int failure = 0, bool truncates = false, bool alias = false, byte[]? garbage = null, params (string, IPAddress)[] records) =>
        new(records) { Silent = silent, Failure = failure, Truncates = truncates, UsesAlias = alias, Garbage = garbage };

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await serving;
        tcp.Dispose();
        udp.Dispose();
        stopping.Dispose();
    }

    // One port for both: a port that is free for UDP may be taken for TCP.
    private static (UdpClient Udp, TcpListener Tcp) Listen()
    {
        for (var attempt = 1; ; attempt++)
        {
            var tcp = new TcpListener(IPAddress.Loopback, 0);
            tcp.Start();
            try
            {
                return (new UdpClient((IPEndPoint)tcp.LocalEndpoint), tcp);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < PortsToTry)
            {
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var received = await udp.ReceiveAsync(stopping.Token);
                if (Interlocked.Increment(ref questions) <= Silent)
                {
                    continue;
                }

                if (Garbage is not null)
                {
                    await udp.SendAsync(Garbage, received.RemoteEndPoint, stopping.Token);
                }

                await udp.SendAsync(Answer(received.Buffer, Truncates), received.RemoteEndPoint, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await tcp.AcceptTcpClientAsync(stopping.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, stopping.Token);
                var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(question, stopping.Token);
                var answer = Answer(question, truncate: false);
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await stream.WriteAsync((byte[])[.. length, .. answer], stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private byte[] Answer(byte[] question, bool truncate)
    {
        var name = new StringBuilder();
        var at = 12;
        while (question[at] != 0)
        {
            name.Append(Encoding.ASCII.GetString(question, at + 1, question[at])).Append('.');
            at += question[at] + 1;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(at + 1));
        var family = type == 1 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var known = records.Where(r => r.Name == name.ToString()).ToList();
        var found = truncate ? [] : known.Where(r => r.Address.AddressFamily == family).ToList();
        var code = Failure != 0 ? Failure : known.Count == 0 ? 3 : 0;
        List<byte> answer = [question[0], question[1], (byte)(truncate ? 0x83 : 0x81), (byte)(0x80 | code), 0, 1, 0, 0, 0, 0, 0, 0];
        answer.AddRange(question[12..(at + 5)]);
        byte[] owner = [0xC0, 12];
        var count = 0;
        if (UsesAlias && found.Count > 0)
        {
            byte[] alias = [5, .. "alias"u8, 0];
            answer.AddRange([.. owner, 0, 5, 0, 1, 0, 0, 0, 60, 0, (byte)alias.Length]);
            owner = [0xC0, (byte)answer.Count];
            answer.AddRange(alias);
            count++;
        }

        foreach (var (_, address) in found)
        {
            var bytes = address.GetAddressBytes();
            answer.AddRange([.. owner, (byte)(type >> 8), (byte)type, 0, 1, 0, 0, 0, 60, 0, (byte)bytes.Length, .. bytes]);
            count++;
        }

        answer[7] = (byte)count;
        return [.. answer];
    }
}
