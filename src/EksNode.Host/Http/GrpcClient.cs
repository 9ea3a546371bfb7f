using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace EksNode.Host.Http;

/// <summary>Why a call to a local service has no answer.</summary>
public enum GrpcFault
{
    /// <summary>Nothing listens on the socket, or it cannot be reached.</summary>
    NotConnected,

    /// <summary>No answer before the deadline.</summary>
    Timeout,

    /// <summary>The service answered with an error.</summary>
    Refused,

    /// <summary>What came is no answer: the connection ended, or something else than gRPC listens.</summary>
    Broken,
}

/// <summary>What a call gave: a message, or why there is none.</summary>
/// <param name="Message">The answer's message; empty with a fault.</param>
/// <param name="Fault">Why there is none.</param>
/// <param name="Status">The status of gRPC, when the service answered: 5 is <c>NOT_FOUND</c>, 12 <c>UNIMPLEMENTED</c>, 14 <c>UNAVAILABLE</c>.</param>
/// <param name="Detail">What happened, as a clause for a message.</param>
public readonly record struct GrpcAnswer(ReadOnlyMemory<byte> Message, GrpcFault? Fault, int? Status, string Detail);

/// <summary>
/// Unary calls of gRPC to a service on a Unix socket: HTTP/2 without TLS, one message there, one message back, the status in the
/// trailers (grpc.io: "gRPC over HTTP2"). The connection is kept between calls.
/// </summary>
public sealed class GrpcClient : IDisposable
{
    // Compressed flag, then the length in four bytes, most significant first.
    private const int PrefixBytes = 5;

    private readonly string socketPath;
    private readonly TimeProvider clock;
    private readonly int mostBytes;
    private readonly HttpMessageInvoker invoker;
    private readonly HttpHeader? metadata;

    /// <summary>Creates a client. Nothing connects before the first call.</summary>
    /// <param name="socketPath">The absolute path of the socket.</param>
    /// <param name="clock">The clock of deadlines.</param>
    /// <param name="mostBytes">The longest answer that is taken: 16 MiB, as containerd's own limit, unless told otherwise.</param>
    /// <param name="metadata">A header that every call has, as a service asks for it; null: none.</param>
    public GrpcClient(string socketPath, TimeProvider clock, int mostBytes = 16 * 1024 * 1024, HttpHeader? metadata = null)
    {
        this.metadata = metadata;
        this.socketPath = socketPath;
        this.clock = clock;
        this.mostBytes = mostBytes;
        invoker = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                UseCookies = false,
                AllowAutoRedirect = false,
                ActivityHeadersPropagator = null,
                UseProxy = false,
                ConnectCallback = ConnectAsync,
            },
            disposeHandler: true);
    }

    /// <summary>Calls a method.</summary>
    /// <param name="method">Service and method: <c>runtime.v1.RuntimeService/Version</c>.</param>
    /// <param name="message">The request's message.</param>
    /// <param name="deadline">How long it may take, the connection included; the service is told, too.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<GrpcAnswer> CallAsync(string method, ReadOnlyMemory<byte> message, TimeSpan deadline, CancellationToken cancellation)
    {
        using CancellationTokenSource timer = new(deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            using var request = Request(method, message.Span, deadline);
            using var response = await invoker.SendAsync(request, either.Token).ConfigureAwait(false);
            var body = await ReadAsync(response, either.Token).ConfigureAwait(false);
            return Answer(response, body);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(GrpcFault.Timeout, string.Create(CultureInfo.InvariantCulture, $"{socketPath} gave no answer within {deadline.TotalSeconds:0.###} s"));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or HttpProtocolException)
        {
            // Whoever ends a connection was reached: whether the end is met while writing or while reading is chance.
            return exception.GetBaseException() is SocketException
            {
                SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown),
            } socket
                && exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.Unknown }
                    // What .NET says of a file that is not there would send people to their addresses.
                    ? Failed(GrpcFault.NotConnected, socket.SocketErrorCode == SocketError.AddressNotAvailable ? $"there is no {socketPath}" : $"{socketPath} cannot be reached: {socket.Message}")
                    : Failed(GrpcFault.Broken, $"the connection to {socketPath} failed: {exception.GetBaseException().Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => invoker.Dispose();

    private HttpRequestMessage Request(string method, ReadOnlySpan<byte> message, TimeSpan deadline)
    {
        var body = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        message.CopyTo(body.AsSpan(PrefixBytes));
        HttpRequestMessage request = new(HttpMethod.Post, "http://localhost/" + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.UserAgent.ParseAdd("eksnode");
        if (metadata is { } header)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        request.Headers.Add("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)deadline.TotalMilliseconds)}m"));
        return request;
    }

    // An answer without a message has its status in the headers.
    private GrpcAnswer Answer(HttpResponseMessage response, ReadOnlyMemory<byte>? body)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Failed(GrpcFault.Broken, string.Create(CultureInfo.InvariantCulture, $"{socketPath} answers HTTP {(int)response.StatusCode}"));
        }

        if (Header(response, "grpc-status") is not { } text || !int.TryParse(text, CultureInfo.InvariantCulture, out var status))
        {
            return Failed(GrpcFault.Broken, $"what {socketPath} answers is not gRPC");
        }

        if (status != 0)
        {
            var detail = Uri.UnescapeDataString(Header(response, "grpc-message") ?? "");
            return new GrpcAnswer(default, GrpcFault.Refused, status, detail.Length > 0 ? detail : string.Create(CultureInfo.InvariantCulture, $"status {status}"));
        }

        if (body is null)
        {
            return Failed(GrpcFault.Broken, string.Create(CultureInfo.InvariantCulture, $"the answer of {socketPath} is longer than {mostBytes} bytes"));
        }

        var span = body.Value.Span;
        return span.Length >= PrefixBytes && span[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(span[1..]) == (uint)(span.Length - PrefixBytes)
            ? new GrpcAnswer(body.Value[PrefixBytes..], null, status, "")
            : Failed(GrpcFault.Broken, $"the answer of {socketPath} is not one message");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values)
            ? values.FirstOrDefault()
            : null;

    private static GrpcAnswer Failed(GrpcFault fault, string detail) => new(default, fault, null, detail);

    // Null: too long.
    private async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using MemoryStream body = new();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            body.Write(buffer, 0, count);
            if (body.Length > mostBytes + PrefixBytes)
            {
                return null;
            }
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
