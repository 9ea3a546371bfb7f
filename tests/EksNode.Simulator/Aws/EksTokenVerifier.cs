using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EksNode.Simulation.Aws;

/// <summary>What a token came to.</summary>
/// <param name="Arn">Whose it is; null when it is refused.</param>
/// <param name="Refusal">Why it is refused.</param>
public sealed record EksTokenVerdict(string? Arn, string Refusal);

/// <summary>
/// Verifies a bearer token as the API server of an EKS cluster does: the address in it may hold nothing but a pre-signed
/// GetCallerIdentity at an STS host, the cluster's id must be under the signature, and STS itself says whose it is.
/// </summary>
/// <param name="sts">Where STS is: the only host that a token may name.</param>
/// <param name="clusterId">The id of the cluster that verifies.</param>
/// <param name="clock">The clock of the API server.</param>
/// <remarks>Rules: the API server authentication of EKS, as the documentation of aws-iam-authenticator describes it.</remarks>
public sealed class EksTokenVerifier(Uri sts, string clusterId, TimeProvider clock)
{
    private const string Prefix = "k8s-aws-v1.";
    private const int LongestToken = 4 * 1024;
    private const int LongestExpiry = 900;

    private static readonly string[] AllowedParameters =
    [
        "action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-security-token", "x-amz-signature",
        "x-amz-signedheaders",
    ];

    /// <summary>Verifies a token; STS is asked.</summary>
    public async Task<EksTokenVerdict> VerifyAsync(string token, HttpClient client, CancellationToken cancellation)
    {
        if (Mistake(token, out var address) is { } mistake)
        {
            return new EksTokenVerdict(null, mistake);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("x-k8s-aws-id", clusterId);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using var response = await client.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            return new EksTokenVerdict(null, $"STS: {(int)response.StatusCode} {text}");
        }

        using var document = JsonDocument.Parse(text);
        var arn = document.RootElement.GetProperty("GetCallerIdentityResponse").GetProperty("GetCallerIdentityResult").GetProperty("Arn").GetString();
        return new EksTokenVerdict(arn, "");
    }

    // Padding, other alphabets and line breaks are refused, as the API server refuses them.
    private static string? Decode(string text)
    {
        if (text.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) || text.Length % 4 == 1)
        {
            return null;
        }

        var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
        return Encoding.UTF8.GetString(Convert.FromBase64String(padded));
    }

    private string? Mistake(string token, out Uri? address)
    {
        address = null;
        if (token.Length > LongestToken)
        {
            return $"the token is longer than {LongestToken} bytes";
        }

        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || Decode(token[Prefix.Length..]) is not { } text || !Uri.TryCreate(text, UriKind.Absolute, out address))
        {
            return "the token is no k8s-aws-v1 token";
        }

        if (address.GetLeftPart(UriPartial.Authority) != sts.GetLeftPart(UriPartial.Authority) || address.AbsolutePath != "/")
        {
            return $"unexpected host or path {address.GetLeftPart(UriPartial.Path)}";
        }

        var parameters = address.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2))
            .GroupBy(p => p[0].ToLowerInvariant(), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(p => p.Length > 1 ? Uri.UnescapeDataString(p[1]) : "").ToList(), StringComparer.Ordinal);
        if (parameters.FirstOrDefault(p => !AllowedParameters.Contains(p.Key) || p.Value.Count != 1).Key is { } unknown)
        {
            return $"parameter {unknown} is not allowed, or stands there twice";
        }

        string Value(string name) => parameters.TryGetValue(name, out var values) ? values[0] : "";
        if (Value("action") != "GetCallerIdentity")
        {
            return "the action is not GetCallerIdentity";
        }

        if (!Value("x-amz-signedheaders").Split(';').Contains("x-k8s-aws-id"))
        {
            return "x-k8s-aws-id is not under the signature";
        }

        if (!int.TryParse(Value("x-amz-expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var expires) || expires > LongestExpiry)
        {
            return $"X-Amz-Expires is not 0 to {LongestExpiry}";
        }

        return DateTimeOffset.TryParseExact(
                Value("x-amz-date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            && clock.GetUtcNow() <= date + TimeSpan.FromMinutes(15)
            ? null
            : "the token is expired";
    }
}
