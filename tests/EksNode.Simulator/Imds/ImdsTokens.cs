using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

namespace EksNode.Simulation.Imds;

/// <summary>The session tokens of IMDSv2, each with its own expiry.</summary>
internal sealed class ImdsTokens(TimeProvider clock, ConcurrentBag<string> secrets)
{
    // The limits that IMDS documents for X-aws-ec2-metadata-token-ttl-seconds.
    private const int ShortestSeconds = 1;
    private const int LongestSeconds = 21600;

    private readonly ConcurrentDictionary<string, DateTimeOffset> expiries = new(StringComparer.Ordinal);

    /// <summary>Whether a header asks for a time to live that IMDS grants.</summary>
    public static bool TryReadTtl(string? header, out int seconds) =>
        int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds is >= ShortestSeconds and <= LongestSeconds;

    public string Issue(int seconds)
    {
        // A real token is 56 characters of URL-safe base64.
        var token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(42)).Replace('+', '-').Replace('/', '_') + "==";
        expiries[token] = clock.GetUtcNow().AddSeconds(seconds);
        secrets.Add(token);
        return token;
    }

    /// <summary>The seconds that a token has left; null when it is unknown or expired.</summary>
    public int? SecondsLeft(string? token)
    {
        if (token is null || !expiries.TryGetValue(token, out var expiry))
        {
            return null;
        }

        var left = expiry - clock.GetUtcNow();
        return left > TimeSpan.Zero ? (int)Math.Ceiling(left.TotalSeconds) : null;
    }

    /// <summary>Makes every token invalid, as when the metadata service moves.</summary>
    public void RevokeAll() => expiries.Clear();
}
