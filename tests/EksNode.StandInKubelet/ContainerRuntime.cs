using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace EksNode.StandInKubelet;

/// <summary>What the runtime says of itself.</summary>
internal sealed record RuntimeStatus(string Version, bool IsReady, string Message);

/// <summary>The container runtime over CRI v1: gRPC on a Unix socket, the two calls that a node's readiness hangs on.</summary>
internal sealed class ContainerRuntime : IDisposable
{
    // A runtime may have conditions of its own, which say nothing of readiness.
    private static readonly string[] Needed = ["RuntimeReady", "NetworkReady"];

    private readonly HttpClient http;

    public ContainerRuntime(string endpoint)
    {
        const string Scheme = "unix://";
        if (!endpoint.StartsWith(Scheme, StringComparison.Ordinal))
        {
            throw new KubeletException($"the runtime's endpoint {endpoint} is no unix socket");
        }

        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint[Scheme.Length..]), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { Timeout = TimeSpan.FromSeconds(20) };
    }

    /// <summary>Whether runtime and pod network are ready.</summary>
    /// <exception cref="HttpRequestException">The runtime cannot be reached, or refuses the call.</exception>
    public async Task<RuntimeStatus> StatusAsync(CancellationToken cancellation)
    {
        // VersionResponse: 1 version, 2 runtime_name, 3 runtime_version, 4 runtime_api_version.
        var version = Fields(await CallAsync("Version", cancellation));
        if (Text(version, 4) != "v1")
        {
            throw new KubeletException($"validate CRI v1 runtime API: the runtime has {Text(version, 4)}");
        }

        // StatusResponse: 1 status, whose 1 are conditions: 1 type, 2 status, 3 reason, 4 message.
        var status = Fields(await CallAsync("Status", cancellation)).Where(field => field.Number == 1).SelectMany(field => Fields(field.Bytes));
        var conditions = status.Where(field => field.Number == 1).Select(field => Fields(field.Bytes)).ToList();
        var problems = new List<string>();
        foreach (var name in Needed)
        {
            if (conditions.Find(condition => Text(condition, 1) == name) is not { } condition)
            {
                problems.Add($"{name} is not among the runtime's conditions");
            }
            else if (!condition.Any(field => field.Number == 2 && field.Value == 1))
            {
                problems.Add($"{name}=false reason:{Text(condition, 3)} message:{Text(condition, 4)}");
            }
        }

        return new RuntimeStatus($"{Text(version, 2)}://{Text(version, 3)}", problems.Count == 0, string.Join(", ", problems));
    }

    public void Dispose() => http.Dispose();

    // An empty message: a flag byte and four bytes of length, all 0.
    private async Task<byte[]> CallAsync(string method, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://localhost/runtime.v1.RuntimeService/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await http.SendAsync(request, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        var code = (response.TrailingHeaders.TryGetValues("grpc-status", out var trailing) ? trailing : response.Headers.TryGetValues("grpc-status", out var leading) ? leading : []).FirstOrDefault();
        if (code != "0" || body.Length < 5)
        {
            throw new HttpRequestException($"CRI {method}: grpc-status {code}");
        }

        return body[5..(5 + (int)BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)))];
    }

    private readonly record struct Field(int Number, ulong Value, byte[] Bytes);

    private static string Text(IEnumerable<Field> fields, int number) =>
        Encoding.UTF8.GetString(fields.FirstOrDefault(field => field.Number == number).Bytes ?? []);

    private static List<Field> Fields(byte[] message)
    {
        var fields = new List<Field>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add(new Field(number, Varint(message, ref at), []));
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    fields.Add(new Field(number, 0, message[at..(at + length)]));
                    at += length;
                    break;
                default:
                    throw new HttpRequestException("CRI: an answer has a field of a type that none of its messages has");
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var octet = message[at++];
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }
    }
}
