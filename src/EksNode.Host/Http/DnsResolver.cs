using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EksNode.Host.Http;

/// <summary>How addresses are looked up.</summary>
public sealed record DnsOptions
{
    /// <summary>The servers, in the order of trial.</summary>
    public required ImmutableArray<IPEndPoint> Servers { get; init; }

    /// <summary>The most attempts, each asking one server after the other.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The wait before the first retry; each following one is twice as long. All have up to a tenth of jitter added.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one server may take for one answer.</summary>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>What a look-up found.</summary>
/// <param name="Addresses">The addresses, IPv4 before IPv6, each sorted; empty on failure.</param>
/// <param name="Failure">Why there are none, as a clause; null when there are.</param>
public sealed record DnsResult(ImmutableArray<string> Addresses, string? Failure);

/// <summary>
/// Looks up the addresses of a name by asking DNS servers, never <c>/etc/hosts</c>: the C library and systemd-resolved both read
/// that file, and would confirm an entry that eksnode itself wrote at an earlier boot.
/// </summary>
/// <param name="options">Whom to ask and how often.</param>
/// <param name="clock">The clock.</param>
/// <param name="random">The source of randomness; may be used by several callers at once.</param>
public sealed class DnsResolver(DnsOptions options, TimeProvider clock, Random random)
{
    private const int Port = 53;
    private const int LongestDatagram = 4096;

    /// <summary>
    /// The servers in the text of a <c>resolv.conf</c>: <c>nameserver ADDRESS</c>, or <c>nameserver [ADDRESS]:PORT</c> as in
    /// OpenBSD's.
    /// </summary>
    public static ImmutableArray<IPEndPoint> ServersOf(string resolvConf)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in resolvConf.Split('\n'))
        {
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0] != "nameserver")
            {
                continue;
            }

            var end = words[1].IndexOf("]:", StringComparison.Ordinal);
            if (words[1].StartsWith('[') && end > 0)
            {
                if (IPAddress.TryParse(words[1].AsSpan(1, end - 1), out var withPort)
                    && ushort.TryParse(words[1].AsSpan(end + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                {
                    servers.Add(new IPEndPoint(withPort, port));
                }
            }
            else if (IPAddress.TryParse(words[1], out var address))
            {
                servers.Add(new IPEndPoint(address, Port));
            }
        }

        return servers.ToImmutable();
    }

    /// <summary>Looks up a host. An address is its own answer.</summary>
    /// <param name="host">The host alone, without a port.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<DnsResult> ResolveAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return new DnsResult([literal.ToString()], null);
        }

        if (options.Servers.IsEmpty)
        {
            return new DnsResult([], "no DNS server is configured");
        }

        for (var attempt = 1; ; attempt++)
        {
            var (addresses, failure) = await AskAllAsync(host, cancellation).ConfigureAwait(false);
            if (addresses.Count > 0)
            {
                return new DnsResult([.. new Ordered<IPAddress>(addresses, Compare).Select(a => a.ToString()).Distinct()], null);
            }

            if (attempt >= options.Attempts)
            {
                return new DnsResult([], $"{failure} after {attempt} attempts");
            }

            await Task.Delay(Wait(attempt), clock, cancellation).ConfigureAwait(false);
        }
    }

    private static int Compare(IPAddress a, IPAddress b) =>
        a.AddressFamily != b.AddressFamily
            ? a.AddressFamily.CompareTo(b.AddressFamily)
            : a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes());

    private TimeSpan Wait(int attempt)
    {
        lock (random)
        {
            return options.FirstWait * Math.Pow(2, attempt - 1) * (1 + (random.NextDouble() / 10));
        }
    }

    private async Task<(List<IPAddress> Addresses, string Failure)> AskAllAsync(string host, CancellationToken cancellation)
    {
        var failures = new List<string>();
        foreach (var server in options.Servers)
        {
            var v4 = AskAsync(server, host, DnsMessage.TypeA, cancellation);
            var v6 = AskAsync(server, host, DnsMessage.TypeAaaa, cancellation);
            var answers = await Task.WhenAll(v4, v6).ConfigureAwait(false);
            List<IPAddress> addresses = [.. answers[0].Addresses, .. answers[1].Addresses];
            if (addresses.Count > 0)
            {
                return (addresses, "");
            }

            failures.Add($"{server}: {answers[0].Failure ?? answers[1].Failure ?? "the name has no address"}");
        }

        return ([], string.Join("; ", failures));
    }

    private async Task<(IReadOnlyList<IPAddress> Addresses, string? Failure)> AskAsync(
        IPEndPoint server, string host, ushort type, CancellationToken cancellation)
    {
        if (DnsMessage.Ask(NextId(), host, type) is not { } question)
        {
            return ([], "this is no host name");
        }

        using var timer = new CancellationTokenSource(options.ServerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            var answer = await AskDatagramAsync(server, question, either.Token).ConfigureAwait(false);
            if (answer.IsTruncated)
            {
                answer = await AskStreamAsync(server, question, either.Token).ConfigureAwait(false) ?? answer;
            }

            return answer.Code switch
            {
                0 => (answer.Addresses, null),
                3 => ([], "no such name"),
                _ => ([], $"server failure ({answer.Code})"),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ([], "no answer in time");
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            var isRefused = e is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            return ([], isRefused ? "connection refused" : "cannot be reached");
        }
    }

    private ushort NextId()
    {
        lock (random)
        {
            return (ushort)random.Next(ushort.MaxValue + 1);
        }
    }

    private static async Task<DnsMessage.Answer> AskDatagramAsync(IPEndPoint server, byte[] question, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
        await socket.SendAsync(question, SocketFlags.None, cancellation).ConfigureAwait(false);
        var buffer = new byte[LongestDatagram];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellation).ConfigureAwait(false);
            if (DnsMessage.Read(buffer.AsSpan(0, length), question) is { } answer)
            {
                return answer;
            }
        }
    }

    private static async Task<DnsMessage.Answer?> AskStreamAsync(IPEndPoint server, byte[] question, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        var framed = new byte[question.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellation).ConfigureAwait(false);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellation).ConfigureAwait(false);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancellation).ConfigureAwait(false);
        return DnsMessage.Read(message, question);
    }
}
