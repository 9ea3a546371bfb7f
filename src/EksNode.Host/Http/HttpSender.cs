using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EksNode.Host.Http;

/// <summary>How a sender connects.</summary>
public sealed record HttpSenderOptions
{
    /// <summary>The proxy; null: never one.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>How long a TCP connection (and the TLS handshake) may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the sender calls itself.</summary>
    public string UserAgent { get; init; } = "eksnode";

    /// <summary>The most connections to one server at once.</summary>
    public int ConnectionsPerServer { get; init; } = 4;

    /// <summary>The certificate authorities that servers are checked against; null: the machine's.</summary>
    public TrustStore? Trust { get; init; }

    /// <summary>The certificate that this client shows, and its key, as PEM; null: none.</summary>
    public string? ClientCertificate { get; init; }
}

/// <summary>
/// The one place that speaks HTTP. It sends what it is told: no cookies, no redirects, no proxy but the one it is given, no
/// decompression, no tracing headers.
/// </summary>
public sealed class HttpSender : IHttpStreamSender, IDisposable
{
    private const int ReadSize = 16 * 1024;
    private const int PieceSize = 64 * 1024;

    private readonly HttpSenderOptions options;
    private readonly TimeProvider clock;
    private readonly Lazy<HttpMessageInvoker> plain;
    private readonly Lazy<HttpMessageInvoker> secure;

    /// <summary>Creates a sender. Nothing connects, and no certificate is read, before the first call that needs it.</summary>
    /// <param name="options">How to connect.</param>
    /// <param name="clock">The clock of <see cref="HttpCall.Timeout"/>.</param>
    public HttpSender(HttpSenderOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        plain = new Lazy<HttpMessageInvoker>(() => Create(options, null));
        secure = new Lazy<HttpMessageInvoker>(() => Create(options, TlsOptions(options)));
    }

    /// <inheritdoc/>
    public Task<HttpOutcome> SendAsync(HttpCall call, CancellationToken cancellation) => ExchangeAsync(call, null, cancellation);

    /// <inheritdoc/>
    public Task<HttpOutcome> ReceiveAsync(HttpCall call, IHttpReceiver receiver, CancellationToken cancellation) =>
        ExchangeAsync(call, receiver, cancellation);

    private async Task<HttpOutcome> ExchangeAsync(HttpCall call, IHttpReceiver? receiver, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(call.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            using var request = Create(call);
            var invoker = call.Address.Scheme == "https" ? secure.Value : plain.Value;
            using var response = await invoker.SendAsync(request, either.Token).ConfigureAwait(false);
            if ((int)response.StatusCode == 407)
            {
                return new HttpFault(HttpFaultKind.Proxy, "the proxy does not accept the credentials in its address, or has none (407)");
            }

            return receiver is null
                ? await ReadAsync(call, response, either.Token).ConfigureAwait(false)
                : await HandOverAsync(call, response, receiver, timer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !cancellation.IsCancellationRequested)
        {
            return new HttpFault(HttpFaultKind.ConnectTimeout, "no connection in time" + Through(call));
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            var what = receiver is null ? "no answer within" : "nothing came for";
            return new HttpFault(HttpFaultKind.Timeout, string.Create(CultureInfo.InvariantCulture, $"{what} {call.Timeout.TotalSeconds:0.###} s{Through(call)}"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            var fault = Explain(e);
            return fault with { Detail = fault.Detail + Through(call) };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var invoker in (ReadOnlySpan<Lazy<HttpMessageInvoker>>)[plain, secure])
        {
            if (invoker.IsValueCreated)
            {
                invoker.Value.Dispose();
            }
        }
    }

    private static HttpMessageInvoker Create(HttpSenderOptions options, SslClientAuthenticationOptions? tls)
    {
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            // AutomaticDecompression is None unless it is set, and to set it, even to None, links the decompressors: 0.3 MiB.
            ActivityHeadersPropagator = null,
            UseProxy = options.Proxy is not null,
            Proxy = options.Proxy,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.ConnectionsPerServer,
            MaxResponseHeadersLength = 64,
        };
        if (tls is not null)
        {
            handler.SslOptions = tls;
        }

        return new HttpMessageInvoker(handler, disposeHandler: true);
    }

    private static SslClientAuthenticationOptions? TlsOptions(HttpSenderOptions options)
    {
        var tls = options.Trust?.ClientOptions();
        if (options.ClientCertificate is { } pem)
        {
            tls ??= new SslClientAuthenticationOptions();
            tls.ClientCertificates = [ClientCertificate(pem)];
        }

        return tls;
    }

    // What the kubelet has for a key. X509Certificate2.CreateFromPem(pem, pem) knows ten more kinds: 0.1 MiB.
    private static X509Certificate2 ClientCertificate(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        switch (certificate.GetKeyAlgorithm())
        {
            case "1.2.840.10045.2.1": // id-ecPublicKey, RFC 5480 §2.1.1
                using (var key = ECDsa.Create())
                {
                    key.ImportFromPem(pem);
                    return certificate.CopyWithPrivateKey(key);
                }

            case "1.2.840.113549.1.1.1": // rsaEncryption, RFC 3279 §2.3.1
                using (var key = RSA.Create())
                {
                    key.ImportFromPem(pem);
                    return certificate.CopyWithPrivateKey(key);
                }

            case var other:
                throw new CryptographicException($"The key of the client's certificate is of the kind {other}, which is neither RSA nor elliptic curves.");
        }
    }

    private HttpRequestMessage Create(HttpCall call)
    {
        var request = new HttpRequestMessage(call.Method, call.Address);
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        foreach (var header in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        if (call.Body is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = call.ContentType is null ? null : MediaTypeHeaderValue.Parse(call.ContentType);
        }

        return request;
    }

    private static async Task<HttpOutcome> ReadAsync(HttpCall call, HttpResponseMessage response, CancellationToken cancellation)
    {
        var tooLarge = new HttpFault(HttpFaultKind.TooLarge, $"the answer is longer than {call.LongestAnswer} bytes");
        if (response.Content.Headers.ContentLength > call.LongestAnswer)
        {
            return tooLarge;
        }

        var body = new ArrayBufferWriter<byte>((int)(response.Content.Headers.ContentLength ?? ReadSize) + 1);
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            int read;
            while ((read = await stream.ReadAsync(body.GetMemory(1), cancellation).ConfigureAwait(false)) > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > call.LongestAnswer)
                {
                    return tooLarge;
                }
            }
        }

        return new HttpAnswer((int)response.StatusCode, HeadersOf(response), body.WrittenMemory);
    }

    private static async Task<HttpOutcome> HandOverAsync(
        HttpCall call, HttpResponseMessage response, IHttpReceiver receiver, CancellationTokenSource silence, CancellationToken cancellation)
    {
        var head = new HttpAnswer((int)response.StatusCode, HeadersOf(response), default);
        silence.CancelAfter(Timeout.InfiniteTimeSpan);
        if (!receiver.Begin(head))
        {
            return head;
        }

        var piece = new byte[PieceSize];
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (true)
            {
                // Only the network's silence counts: what the receiver does with a piece may take its time.
                silence.CancelAfter(call.Timeout);
                var read = await stream.ReadAsync(piece, cancellation).ConfigureAwait(false);
                silence.CancelAfter(Timeout.InfiniteTimeSpan);
                if (read == 0)
                {
                    return head;
                }

                receiver.Receive(piece.AsSpan(0, read));
            }
        }
    }

    private static ImmutableArray<HttpHeader> HeadersOf(HttpResponseMessage response)
    {
        var headers = ImmutableArray.CreateBuilder<HttpHeader>();
        AddHeaders(headers, response.Headers);
        AddHeaders(headers, response.Content.Headers);
        return headers.ToImmutable();
    }

    private static void AddHeaders(ImmutableArray<HttpHeader>.Builder all, HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                all.Add(new HttpHeader(name, value));
            }
        }
    }

    private string Through(HttpCall call) =>
        options.Proxy is { } proxy && !proxy.IsBypassed(call.Address) && proxy.GetProxy(call.Address) is { } address
            ? $" through the proxy {address.Authority}"
            : "";

    private static HttpFault Explain(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return Explain(socket);
            }

            if (inner is System.Security.Authentication.AuthenticationException)
            {
                return new HttpFault(HttpFaultKind.Tls, "the TLS handshake failed: " + Clause(inner.InnerException ?? inner));
            }
        }

        var error = e is HttpRequestException request ? request.HttpRequestError : (e as HttpIOException)?.HttpRequestError;
        return error switch
        {
            HttpRequestError.ProxyTunnelError => new HttpFault(HttpFaultKind.Proxy, "the proxy refused: " + Clause(e)),
            HttpRequestError.NameResolutionError => new HttpFault(HttpFaultKind.NameNotFound, "the host name does not resolve"),
            HttpRequestError.SecureConnectionError => new HttpFault(HttpFaultKind.Tls, "the TLS handshake failed: " + Clause(e)),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError =>
                new HttpFault(HttpFaultKind.Garbage, "what came is not an HTTP answer"),
            HttpRequestError.ConfigurationLimitExceeded => new HttpFault(HttpFaultKind.TooLarge, "the headers of the answer are too long"),
            _ => new HttpFault(HttpFaultKind.Reset, "the connection ended before the answer was complete"),
        };
    }

    private static HttpFault Explain(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new HttpFault(HttpFaultKind.Refused, "connection refused"),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.AddressNotAvailable
            or SocketError.AddressFamilyNotSupported or SocketError.AccessDenied or SocketError.HostDown =>
            new HttpFault(HttpFaultKind.Unreachable, "no route to it"),
        SocketError.TimedOut => new HttpFault(HttpFaultKind.ConnectTimeout, "no connection in time"),
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery =>
            new HttpFault(HttpFaultKind.NameNotFound, "the host name does not resolve"),
        _ => new HttpFault(HttpFaultKind.Reset, "the connection ended before the answer was complete"),
    };

    private static string Clause(Exception e) => e.Message.TrimEnd('.');
}
