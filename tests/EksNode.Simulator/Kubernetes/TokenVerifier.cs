using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EksNode.Simulation.Aws;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Kubernetes;

/// <summary>Who a token is, as the API server of an EKS cluster sees a node.</summary>
public sealed record TokenIdentity(string User, ImmutableArray<string> Groups, string Arn);

/// <summary>The verdict on a token: an identity, or why there is none.</summary>
public sealed record TokenVerdict(TokenIdentity? Identity, string Reason);

/// <summary>
/// Verifies <c>k8s-aws-v1.</c> tokens as the control plane of EKS does: the text is a pre-signed GetCallerIdentity, which must be for
/// STS, hold nothing else, be signed with the name of this cluster, be younger than fifteen minutes, and be accepted by STS. Who STS says
/// it is, is mapped to a user. The simulator's STS checks the signature with the key that it handed out.
/// </summary>
internal sealed class TokenVerifier(SimulatorOptions options, AwsService sts, CallLog calls, TimeProvider clock)
{
    private const string Prefix = "k8s-aws-v1.";
    private const string ClusterHeader = "x-k8s-aws-id";
    private const int MaximumLength = 4 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private static readonly ImmutableHashSet<string> Parameters = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders");

    public TokenVerdict Verify(string token)
    {
        if (Decode(token, out var reason) is not { } url)
        {
            return new TokenVerdict(null, reason);
        }

        if (Check(url) is { } wrong)
        {
            return new TokenVerdict(null, wrong);
        }

        var request = new SimulatedRequest(
            "GET",
            url.PathAndQuery,
            [
                new("Host", url.Authority),
                new(ClusterHeader, options.Cluster?.Name ?? ""),
                new("Accept", "application/json"),
            ],
            []);
        var call = calls.Begin(request, "sts:GetCallerIdentity", null);
        var answer = sts.Answer(request, "sts:GetCallerIdentity", null);
        calls.End(call, answer.Status);
        var text = Encoding.UTF8.GetString(answer.Body);
        return answer.Status == 200
            ? Map(JsonNode.Parse(text)?["GetCallerIdentityResponse"]?["GetCallerIdentityResult"]?["Arn"]?.GetValue<string>())
            : new TokenVerdict(null, $"STS answered {answer.Status.ToString(CultureInfo.InvariantCulture)}: {text}");
    }

    private static Uri? Decode(string token, out string reason)
    {
        reason = "";
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Length > MaximumLength)
        {
            reason = $"A token begins with {Prefix} and has at most {MaximumLength} characters.";
            return null;
        }

        var encoded = token[Prefix.Length..];
        if (encoded.AsSpan().ContainsAny("+/="))
        {
            reason = "The token is not in base64url without padding.";
            return null;
        }

        var padded = encoded.Replace('-', '+').Replace('_', '/').PadRight((encoded.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length) || !Uri.TryCreate(Encoding.UTF8.GetString(bytes, 0, length), UriKind.Absolute, out var url))
        {
            reason = "The token is no URL in base64url.";
            return null;
        }

        return url;
    }

    /// <summary>What is wrong with the URL; null when STS may be asked.</summary>
    private string? Check(Uri url)
    {
        if (url.Scheme != "https" || url.AbsolutePath != "/" || !IsSts(url.Host) || !url.IsDefaultPort)
        {
            return $"{url.GetLeftPart(UriPartial.Path)} is not the address of STS in {options.Region}.";
        }

        var pairs = new SimulatedRequest("GET", url.PathAndQuery, [], []).Parameters();
        if (pairs.FirstOrDefault(pair => !Parameters.Contains(pair.Key)).Key is { } unknown)
        {
            return $"The parameter {unknown} has no place in a token.";
        }

        if (pairs.GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            return $"The parameter {twice.Key} is there twice.";
        }

        string Value(string name) => pairs.FirstOrDefault(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";
        if (Value("Action") != "GetCallerIdentity")
        {
            return "The token's action is not GetCallerIdentity.";
        }

        if (!Value("X-Amz-SignedHeaders").Split(';').Contains(ClusterHeader, StringComparer.OrdinalIgnoreCase))
        {
            return $"{ClusterHeader} is not under the signature.";
        }

        if (!int.TryParse(Value("X-Amz-Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 0 or > 900)
        {
            return "X-Amz-Expires is not between 0 and 900.";
        }

        if (!DateTimeOffset.TryParseExact(Value("X-Amz-Date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signed))
        {
            return "X-Amz-Date is missing or not a time.";
        }

        return signed + Lifetime < clock.GetUtcNow() ? "The token is expired." : null;
    }

    private bool IsSts(string host) => host.ToLowerInvariant() is var name
        && (name == $"sts.{options.Region}.{options.ServicesDomain}" || name == $"sts-fips.{options.Region}.{options.ServicesDomain}" || name == $"sts.{options.ServicesDomain}");

    // The access entry of type EC2 Linux gives nodes system:node:<session name> or the private DNS name; an instance's session name is its id.
    private TokenVerdict Map(string? arn)
    {
        if (arn?.Split(':') is not ["arn", _, "sts", _, _, var resource] || resource.Split('/') is not ["assumed-role", var role, var session])
        {
            return new TokenVerdict(null, $"STS named no assumed role: {arn}");
        }

        return role == options.RoleName
            ? new TokenVerdict(new TokenIdentity($"system:node:{session}", ["system:bootstrappers", "system:nodes"], arn), "")
            : new TokenVerdict(null, $"The role {role} has no access entry.");
    }
}
