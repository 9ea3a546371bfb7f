using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Aws.Credentials;
using EksNode.Host.Hashing;
using EksNode.Host.Http;

namespace EksNode.Aws.Signing;

/// <summary>A request before it is signed.</summary>
public sealed record UnsignedRequest
{
    /// <summary>The method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>The endpoint, with a path of its own when a gateway has one. It has no query.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The path below the endpoint, not encoded, with its leading slash.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The query, not encoded.</summary>
    public ImmutableArray<(string Name, string Value)> Query { get; init; } = [];

    /// <summary>Headers to send and to sign, besides <c>Host</c> and those of the signature.</summary>
    public ImmutableArray<HttpHeader> Headers { get; init; } = [];

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>A signed request: where to send it and with which headers.</summary>
/// <param name="Address">The address with its query.</param>
/// <param name="Headers">The headers to send; <c>Host</c> follows from the address.</param>
public sealed record SignedRequest(Uri Address, ImmutableArray<HttpHeader> Headers)
{
    /// <summary>The address without its query: that of a pre-signed request is a credential.</summary>
    public override string ToString() => Address.GetLeftPart(UriPartial.Path);
}

/// <summary>AWS Signature Version 4, in headers or in the query (pre-signed).</summary>
/// <param name="region">The region of the credential scope.</param>
/// <param name="service">The service of the credential scope: <c>ec2</c>.</param>
/// <remarks>IAM user guide, "AWS Signature Version 4 for API requests".</remarks>
public sealed class SigV4(string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const string DateFormat = "yyyyMMdd";

    /// <summary>Signs in headers: <c>Authorization</c>, <c>X-Amz-Date</c>, <c>X-Amz-Security-Token</c> for temporary credentials.</summary>
    /// <param name="request">The request.</param>
    /// <param name="credentials">The credentials.</param>
    /// <param name="time">The time of the signature; AWS accepts five minutes of difference.</param>
    public SignedRequest Sign(UnsignedRequest request, AwsCredentials credentials, DateTimeOffset time)
    {
        var headers = (ImmutableArray<HttpHeader>)[.. request.Headers, new HttpHeader("X-Amz-Date", Format(time, TimeFormat))];
        if (credentials.SessionToken is { } token)
        {
            headers = [.. headers, new HttpHeader("X-Amz-Security-Token", token.Reveal())];
        }

        var query = CanonicalQuery(request.Query);
        var (signedNames, canonicalHeaders) = CanonicalHeaders(request.Endpoint, headers);
        var signature = Signature(request, query, canonicalHeaders, signedNames, HexHash(request.Body.Span), credentials, time);
        var authorization =
            $"{Algorithm} Credential={credentials.AccessKeyId.Reveal()}/{Scope(time)}, SignedHeaders={signedNames}, Signature={signature}";
        return new SignedRequest(Address(request, query), [.. headers, new HttpHeader("Authorization", authorization)]);
    }

    /// <summary>Signs in the query, so that the address alone is the request.</summary>
    /// <param name="request">The request; its headers must be sent by whoever uses the address.</param>
    /// <param name="credentials">The credentials.</param>
    /// <param name="time">The time of the signature.</param>
    /// <param name="validFor">How long the address can be used.</param>
    /// <param name="payloadHash">The hash of the body in hexadecimal, or <c>UNSIGNED-PAYLOAD</c>; null: that of the request's body.</param>
    public SignedRequest Presign(
        UnsignedRequest request, AwsCredentials credentials, DateTimeOffset time, TimeSpan validFor, string? payloadHash = null)
    {
        var (signedNames, canonicalHeaders) = CanonicalHeaders(request.Endpoint, request.Headers);
        ImmutableArray<(string Name, string Value)> parameters =
        [
            .. request.Query,
            ("X-Amz-Algorithm", Algorithm),
            ("X-Amz-Credential", $"{credentials.AccessKeyId.Reveal()}/{Scope(time)}"),
            ("X-Amz-Date", Format(time, TimeFormat)),
            ("X-Amz-Expires", ((long)validFor.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("X-Amz-SignedHeaders", signedNames),
        ];
        if (credentials.SessionToken is { } token)
        {
            parameters = [.. parameters, ("X-Amz-Security-Token", token.Reveal())];
        }

        var query = CanonicalQuery(parameters);
        var signature = Signature(
            request, query, canonicalHeaders, signedNames, payloadHash ?? HexHash(request.Body.Span), credentials, time);
        return new SignedRequest(Address(request, $"{query}&X-Amz-Signature={signature}"), request.Headers);
    }

    private string Signature(
        UnsignedRequest request,
        string query,
        string headers,
        string signedNames,
        string payloadHash,
        AwsCredentials credentials,
        DateTimeOffset time)
    {
        var path = Encode(WirePath(request), keepSlash: true);
        var canonical = $"{request.Method.Method}\n{path}\n{query}\n{headers}\n{signedNames}\n{payloadHash}";
        var toSign = $"{Algorithm}\n{Format(time, TimeFormat)}\n{Scope(time)}\n{HexHash(Encoding.UTF8.GetBytes(canonical))}";
        var key = Mac(Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey.Reveal()), Format(time, DateFormat));
        key = Mac(Mac(Mac(key, region), service), "aws4_request");
        return Convert.ToHexStringLower(Mac(key, toSign));
    }

    private string Scope(DateTimeOffset time) => $"{Format(time, DateFormat)}/{region}/{service}/aws4_request";

    private static string Format(DateTimeOffset time, string format) => time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private static byte[] Mac(byte[] key, string text) => SigningHash.Mac(key, Encoding.UTF8.GetBytes(text));

    private static string HexHash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SigningHash.Hash(bytes));

    private static Uri Address(UnsignedRequest request, string query) =>
        new(request.Endpoint.GetLeftPart(UriPartial.Authority) + WirePath(request) + (query.Length > 0 ? "?" + query : ""));

    // The path as it is sent. The canonical form encodes it once more (all services but S3).
    private static string WirePath(UnsignedRequest request) =>
        request.Endpoint.AbsolutePath.TrimEnd('/') + Encode(request.Path, keepSlash: true);

    private static string CanonicalQuery(ImmutableArray<(string Name, string Value)> query)
    {
        var parts = query.Select(p => (Name: Encode(p.Name), Value: Encode(p.Value)))
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal);
        return string.Join('&', parts.Select(p => $"{p.Name}={p.Value}"));
    }

    private static (string Names, string Lines) CanonicalHeaders(Uri endpoint, ImmutableArray<HttpHeader> headers)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = endpoint.Authority };
        foreach (var header in headers)
        {
            var name = header.Name.ToLowerInvariant();
            var value = OneSpace(header.Value);
            all[name] = all.TryGetValue(name, out var before) && name != "host" ? $"{before},{value}" : value;
        }

        return (string.Join(';', all.Keys), string.Concat(all.Select(h => $"{h.Key}:{h.Value}\n")));
    }

    private static string OneSpace(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();

    // RFC 3986: everything but letters, digits, - . _ ~ as %XY of its UTF-8 bytes, upper case.
    private static string Encode(string text, bool keepSlash = false)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' || (keepSlash && c == '/'))
            {
                encoded.Append(c);
            }
            else
            {
                encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}
