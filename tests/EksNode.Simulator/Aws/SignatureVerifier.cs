using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Aws;

/// <summary>Why a request is not authentic.</summary>
public enum SignatureFault
{
    /// <summary>It carries no signature.</summary>
    Missing,

    /// <summary>Its Authorization header or query lacks a part or cannot be read.</summary>
    Incomplete,

    /// <summary>The access key was never handed out, or its session token is another.</summary>
    UnknownKey,

    /// <summary>The credentials are expired.</summary>
    ExpiredCredentials,

    /// <summary>The time of the signature is too far from now.</summary>
    Skewed,

    /// <summary>The signature is for another region, service or day.</summary>
    WrongScope,

    /// <summary>The signature is not what the secret gives.</summary>
    Mismatch,
}

/// <summary>The verdict on a request.</summary>
/// <param name="Fault">Null when the request is authentic.</param>
/// <param name="Message">What AWS says of the fault.</param>
/// <param name="SignedHeaders">The headers under the signature, lower case.</param>
public sealed record SignatureVerdict(SignatureFault? Fault, string Message, IReadOnlyList<string> SignedHeaders)
{
    /// <summary>The access key that signed; null unless the request is authentic.</summary>
    public AccessKey? Key { get; init; }

    /// <summary>The region of the signature; empty unless the request is authentic.</summary>
    public string Region { get; init; } = "";
}

/// <summary>
/// Verifies AWS Signature Version 4, in headers or pre-signed in the query, from its specification and with the credentials
/// that the simulator handed out. It shares no code with what it tests.
/// </summary>
internal sealed class SignatureVerifier(IssuedCredentials credentials, TimeProvider clock, string region)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    // AWS accepts signatures up to five minutes old or early. STS takes a pre-signed GetCallerIdentity for fifteen minutes
    // whatever its X-Amz-Expires says; the EKS token relies on that.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PreSignedLifetime = TimeSpan.FromMinutes(15);

    public SignatureVerdict Verify(SimulatedRequest request, string service)
    {
        var parts = Parse(request, out var failure);
        if (parts is null)
        {
            return failure;
        }

        SignatureVerdict Refuse(SignatureFault fault, string message) => new(fault, message, parts.SignedHeaders);

        if (UnsignedHeader(request, parts) is { } unsigned)
        {
            return Refuse(SignatureFault.Mismatch, $"There were headers present in the request which were not signed: {unsigned}");
        }

        if (credentials.Find(parts.AccessKeyId) is not { } key || key.SessionToken != parts.SessionToken)
        {
            return Refuse(SignatureFault.UnknownKey, "The security token included in the request is invalid.");
        }

        if (!DateTimeOffset.TryParseExact(parts.Time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return Refuse(SignatureFault.Incomplete, "Date must be in ISO-8601 'basic format'.");
        }

        var now = clock.GetUtcNow();
        var lifetime = parts.PreSigned ? PreSignedLifetime : Tolerance;
        if (time + lifetime < now)
        {
            return Refuse(SignatureFault.Skewed, $"Signature expired: {parts.Time} is now earlier than {Text(now - lifetime)} ({Text(now)} - {(int)lifetime.TotalMinutes} min.)");
        }

        if (time - Tolerance > now)
        {
            return Refuse(SignatureFault.Skewed, $"Signature not yet current: {parts.Time} is still later than {Text(now + Tolerance)} ({Text(now)} + 5 min.)");
        }

        if (key.Revoked || key.Expiration <= now)
        {
            return Refuse(SignatureFault.ExpiredCredentials, "The security token included in the request is expired");
        }

        if (!IsRegionOf(service, parts.Region))
        {
            return Refuse(SignatureFault.WrongScope, $"Credential should be scoped to a valid region, not '{parts.Region}'.");
        }

        if (parts.Service != service)
        {
            return Refuse(SignatureFault.WrongScope, $"Credential should be scoped to correct service: '{service}'.");
        }

        if (parts.Date != parts.Time[..8])
        {
            return Refuse(SignatureFault.WrongScope, $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{parts.Date}' != '{parts.Time[..8]}'.");
        }

        var wanted = Sign(request, parts, key.SecretAccessKey);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(wanted), Encoding.UTF8.GetBytes(parts.Signature))
            ? new SignatureVerdict(null, "", parts.SignedHeaders) { Key = key, Region = parts.Region }
            : Refuse(SignatureFault.Mismatch, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
    }

    // A node calls ECR where its images are; the public registry is in one region alone.
    private bool IsRegionOf(string service, string signed) => service switch
    {
        "ecr" => signed.Split('-').Length >= 3,
        "ecr-public" => signed == "us-east-1",
        _ => signed == region,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static Parts? Parse(SimulatedRequest request, out SignatureVerdict failure)
    {
        failure = new SignatureVerdict(SignatureFault.Missing, "Request is missing Authentication Token", []);
        if (request.Header("Authorization") is { } authorization)
        {
            failure = new SignatureVerdict(SignatureFault.Incomplete, "Authorization header requires 'Credential', 'SignedHeaders', 'Signature' and either a 'X-Amz-Date' or a 'Date' header.", []);
            if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            {
                return null;
            }

            var fields = authorization[(Algorithm.Length + 1)..]
                .Split(',', StringSplitOptions.TrimEntries)
                .Select(field => field.Split('=', 2))
                .Where(field => field.Length == 2)
                .GroupBy(field => field[0], StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);
            return Build(
                fields.GetValueOrDefault("Credential"), fields.GetValueOrDefault("SignedHeaders"), fields.GetValueOrDefault("Signature"),
                request.Header("X-Amz-Date"), request.Header("X-Amz-Security-Token"), preSigned: false);
        }

        if (request.Parameter("X-Amz-Signature") is null)
        {
            return null;
        }

        failure = new SignatureVerdict(SignatureFault.Incomplete, "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders' and 'X-Amz-Date'.", []);
        if (request.Parameter("X-Amz-Algorithm") != Algorithm || !int.TryParse(request.Parameter("X-Amz-Expires"), out var seconds) || seconds is < 0 or > 604800)
        {
            return null;
        }

        return Build(
            request.Parameter("X-Amz-Credential"), request.Parameter("X-Amz-SignedHeaders"), request.Parameter("X-Amz-Signature"),
            request.Parameter("X-Amz-Date"), request.Parameter("X-Amz-Security-Token"), preSigned: true);
    }

    private static Parts? Build(string? credential, string? signedHeaders, string? signature, string? time, string? token, bool preSigned)
    {
        if (credential?.Split('/') is not [var id, var date, var region, var service, "aws4_request"] || signedHeaders is null || signature is null || time is null)
        {
            return null;
        }

        return new Parts(id, date, region, service, signedHeaders.Split(';'), signature, time, token, preSigned);
    }

    /// <summary>A header that must be under the signature and is not; null when all are.</summary>
    private static string? UnsignedHeader(SimulatedRequest request, Parts parts)
    {
        var names = request.Headers.Select(header => header.Key.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        return names
            .Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal) || name == "x-k8s-aws-id")
            .FirstOrDefault(name => !parts.SignedHeaders.Contains(name));
    }

    private static string Sign(SimulatedRequest request, Parts parts, string secret)
    {
        var canonical = string.Join(
            '\n',
            request.Method,
            CanonicalPath(request.RawPath),
            CanonicalQuery(request.RawQuery),
            string.Concat(parts.SignedHeaders.Select(name => $"{name}:{CanonicalValue(request, name)}\n")),
            string.Join(';', parts.SignedHeaders),
            PayloadHash(request));
        var scope = $"{parts.Date}/{parts.Region}/{parts.Service}/aws4_request";
        var text = $"{Algorithm}\n{parts.Time}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var step in new[] { parts.Date, parts.Region, parts.Service, "aws4_request" })
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }

    // The hash of the bytes that came, so that a wrong x-amz-content-sha256 cannot pass.
    private static string PayloadHash(SimulatedRequest request) => Hash(request.Body);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // Every service but S3 normalises the path and encodes each segment of the path as sent once more.
    private static string CanonicalPath(string rawPath)
    {
        var segments = new List<string>();
        foreach (var segment in rawPath.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment is not ("." or ".."))
            {
                segments.Add(Encode(segment));
            }
        }

        var path = "/" + string.Join('/', segments);
        return rawPath.EndsWith('/') && segments.Count > 0 ? path + "/" : path;
    }

    private static string CanonicalQuery(string rawQuery)
    {
        var pairs = rawQuery
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Encode(Uri.UnescapeDataString(pair[0])), Value: Encode(pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "")))
            .Where(pair => pair.Name != "X-Amz-Signature")
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal);
        return string.Join('&', pairs.Select(pair => $"{pair.Name}={pair.Value}"));
    }

    private static string CanonicalValue(SimulatedRequest request, string name) =>
        string.Join(' ', (request.Header(name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return encoded.ToString();
    }

    private sealed record Parts(
        string AccessKeyId, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, string Signature, string Time,
        string? SessionToken, bool PreSigned);
}
