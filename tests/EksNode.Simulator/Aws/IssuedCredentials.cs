using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EksNode.Simulation.Aws;

/// <summary>One set of credentials that the simulator knows.</summary>
public sealed record AccessKey(string AccessKeyId, string SecretAccessKey, string? SessionToken, DateTimeOffset? Expiration)
{
    internal bool Revoked { get; init; }

    /// <summary>The role of an AssumeRole call and its session, as <c>ROLE/SESSION</c>; null: the role of the instance.</summary>
    internal string? AssumedRole { get; init; }
}

/// <summary>The credentials that were handed out, by IMDS or to a test; signatures are verified with these alone.</summary>
public sealed class IssuedCredentials
{
    // IMDS hands out the next set some minutes before the current one ends.
    private static readonly TimeSpan RotateBefore = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, AccessKey> keys = new(StringComparer.Ordinal);
    private readonly TimeProvider clock;
    private readonly TimeSpan lifetime;
    private readonly ConcurrentBag<string> secrets;
    private readonly Lock gate = new();
    private AccessKey? current;

    internal IssuedCredentials(TimeProvider clock, TimeSpan lifetime, ConcurrentBag<string> secrets)
    {
        this.clock = clock;
        this.lifetime = lifetime;
        this.secrets = secrets;
    }

    /// <summary>Hands out credentials with a session token, as a role gives them.</summary>
    public AccessKey IssueTemporary() => Issue("ASIA", RandomText(200), clock.GetUtcNow() + lifetime);

    /// <summary>Hands out credentials of a role that was taken on.</summary>
    internal AccessKey IssueForRole(string role)
    {
        var key = IssueTemporary() with { AssumedRole = role };
        Add(key);
        return key;
    }

    /// <summary>Hands out credentials of a user, without a session token.</summary>
    public AccessKey IssueLongTerm() => Issue("AKIA", null, null);

    /// <summary>From now on every set handed out so far counts as expired, whatever it says of itself.</summary>
    public void ExpireAll()
    {
        foreach (var key in keys.Values)
        {
            keys[key.AccessKeyId] = key with { Revoked = true };
        }

        lock (gate)
        {
            current = null;
        }
    }

    /// <summary>Makes known credentials count as handed out.</summary>
    internal void Add(AccessKey key) => keys[key.AccessKeyId] = key;

    internal AccessKey? Find(string accessKeyId) => keys.GetValueOrDefault(accessKeyId);

    /// <summary>The document of <c>iam/security-credentials/ROLE</c>, and of a container's credentials endpoint.</summary>
    internal string Document()
    {
        var key = Current();
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("Code", "Success");
            writer.WriteString("LastUpdated", Timestamp(key.Expiration!.Value - lifetime));
            writer.WriteString("Type", "AWS-HMAC");
            writer.WriteString("AccessKeyId", key.AccessKeyId);
            writer.WriteString("SecretAccessKey", key.SecretAccessKey);
            writer.WriteString("Token", key.SessionToken);
            writer.WriteString("Expiration", Timestamp(key.Expiration.Value));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private AccessKey Current()
    {
        lock (gate)
        {
            if (current?.Expiration is not { } expiration || expiration - RotateBefore <= clock.GetUtcNow())
            {
                current = IssueTemporary();
            }

            return current;
        }
    }

    private AccessKey Issue(string prefix, string? token, DateTimeOffset? expiration)
    {
        const string idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var key = new AccessKey(prefix + RandomNumberGenerator.GetString(idAlphabet, 16), RandomText(30), token, expiration);
        Add(key);
        secrets.Add(key.SecretAccessKey);
        if (token is not null)
        {
            secrets.Add(token);
        }

        return key;
    }

    // Base64, so that '+', '/' and '=' occur as in real secrets and tokens.
    private static string RandomText(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));
}
