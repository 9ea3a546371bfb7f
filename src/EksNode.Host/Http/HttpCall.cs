using System.Collections.Immutable;

namespace EksNode.Host.Http;

/// <summary>A header of a call or an answer.</summary>
/// <param name="Name">The name, in any case.</param>
/// <param name="Value">The value.</param>
public readonly record struct HttpHeader(string Name, string Value)
{
    /// <summary>The name alone: the value may be a credential.</summary>
    public override string ToString() => Name;
}

/// <summary>One HTTP request.</summary>
public sealed class HttpCall
{
    /// <summary>The method: <c>GET</c>, <c>PUT</c>, <c>POST</c>.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>The absolute address, <c>http</c> or <c>https</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>The headers, in order. <c>Content-Type</c> is <see cref="ContentType"/>; <c>Host</c> follows from the address.</summary>
    public ImmutableArray<HttpHeader> Headers { get; init; } = [];

    /// <summary>The body; null: none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The type of the body, as it is sent.</summary>
    public string? ContentType { get; init; }

    /// <summary>The longest body of an answer that is read, in bytes; a longer one is <see cref="HttpFaultKind.TooLarge"/>.</summary>
    public int LongestAnswer { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long the whole exchange may take: connect, send, and the last byte of the answer. An answer that is received in pieces
    /// (<see cref="IHttpStreamSender"/>) may take any time: for it, how long there may be silence.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Method and address without the query, which may hold a signature.</summary>
    public override string ToString() => $"{Method.Method} {Address.GetLeftPart(UriPartial.Path)}";
}

/// <summary>How a call ended: an <see cref="HttpAnswer"/> or an <see cref="HttpFault"/>.</summary>
public abstract record HttpOutcome;

/// <summary>A whole answer, whatever its status.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers, in order.</param>
/// <param name="Body">The body.</param>
public sealed record HttpAnswer(int Status, ImmutableArray<HttpHeader> Headers, ReadOnlyMemory<byte> Body) : HttpOutcome
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>The first value of a header, or null.</summary>
    public string? Header(string name)
    {
        foreach (var header in Headers)
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return header.Value;
            }
        }

        return null;
    }

    /// <summary>The status alone: the body may be a credential.</summary>
    public override string ToString() => $"HTTP {Status}";
}

/// <summary>Why there is no answer.</summary>
public enum HttpFaultKind
{
    /// <summary>Nothing listens at the address.</summary>
    Refused,

    /// <summary>There is no route to the address.</summary>
    Unreachable,

    /// <summary>No TCP connection within the time for it.</summary>
    ConnectTimeout,

    /// <summary>Connected, but no complete answer within the time for it.</summary>
    Timeout,

    /// <summary>The connection ended before the answer was complete.</summary>
    Reset,

    /// <summary>The host name does not resolve.</summary>
    NameNotFound,

    /// <summary>The TLS handshake failed: certificate, name or protocol.</summary>
    Tls,

    /// <summary>The proxy refused, or wants other credentials.</summary>
    Proxy,

    /// <summary>The answer is longer than the call allows.</summary>
    TooLarge,

    /// <summary>What came is not HTTP.</summary>
    Garbage,

    /// <summary>The server leads on, to where a caller that follows redirects does not go.</summary>
    Redirect,
}

/// <summary>No usable answer.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Detail">A clause for people, without a full stop: <c>connection refused</c>.</param>
public sealed record HttpFault(HttpFaultKind Kind, string Detail) : HttpOutcome;

/// <summary>Sends calls. The one implementation that speaks HTTP is <see cref="HttpSender"/>.</summary>
public interface IHttpSender
{
    /// <summary>Sends one call, once. It ends in an outcome, or is cancelled.</summary>
    /// <exception cref="EksNode.Configuration.Text.DiagnosticException">The certificate authorities cannot be read.</exception>
    Task<HttpOutcome> SendAsync(HttpCall call, CancellationToken cancellation);
}

/// <summary>Takes an answer while it comes.</summary>
public interface IHttpReceiver
{
    /// <summary>Told of an answer before its body.</summary>
    /// <param name="head">Status and headers; the body is empty.</param>
    /// <returns>Whether the body is wanted. Without, the answer ends here.</returns>
    bool Begin(HttpAnswer head);

    /// <summary>The next bytes of the body, which are valid during the call.</summary>
    void Receive(ReadOnlySpan<byte> bytes);
}

/// <summary>Sends calls whose answers are too large for memory.</summary>
public interface IHttpStreamSender : IHttpSender
{
    /// <summary>
    /// Sends one call, once, and hands the answer to a receiver, piece by piece. <see cref="HttpCall.LongestAnswer"/> does not count, and
    /// <see cref="HttpCall.Timeout"/> is the longest silence.
    /// </summary>
    /// <returns>The answer without its body, when all of that was received or the receiver did not want it; otherwise a fault.</returns>
    /// <exception cref="EksNode.Configuration.Text.DiagnosticException">The certificate authorities cannot be read, or the receiver threw it.</exception>
    Task<HttpOutcome> ReceiveAsync(HttpCall call, IHttpReceiver receiver, CancellationToken cancellation);
}
