using System.Text;
using System.Text.Json;
using EksNode.Aws.Services;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Identity;

/// <summary>A password for a registry.</summary>
/// <param name="User">The user's name: <c>AWS</c>.</param>
/// <param name="Password">The password.</param>
/// <param name="Expires">When it ends; null: ECR did not tell.</param>
public sealed record EcrPassword(string User, Secret Password, DateTimeOffset? Expires)
{
    private const string PrivateTarget = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
    private const string PublicTarget = "SpencerFrontendService.GetAuthorizationToken";

    /// <summary>Asks ECR for one. It is good for every registry of that region that the role may read.</summary>
    /// <exception cref="DiagnosticException">ECR does not give it.</exception>
    public static Task<EcrPassword> GetAsync(IdentitySession session, EcrRegistry registry, CancellationToken cancellation)
    {
        var caller = session.Caller(registry.Region, registry.Endpoints(session.Environment));
        var operation = new AwsOperation
        {
            Service = registry.Service,
            Name = "GetAuthorizationToken",
            Method = HttpMethod.Post,
            Headers =
            [
                new HttpHeader("Content-Type", "application/x-amz-json-1.1"),
                new HttpHeader("X-Amz-Target", registry.IsPublic ? PublicTarget : PrivateTarget),
            ],
            Body = "{}"u8.ToArray(),
        };
        return caller.CallAsync(operation, Read, caller.NewDeadline(), cancellation);
    }

    // authorizationData is a list in ECR, an object in ECR Public.
    private static EcrPassword? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("authorizationData", out var data))
            {
                return null;
            }

            if (data.ValueKind == JsonValueKind.Array)
            {
                data = data.EnumerateArray().FirstOrDefault();
            }

            if (data.ValueKind != JsonValueKind.Object
                || !data.TryGetProperty("authorizationToken", out var token)
                || token.ValueKind != JsonValueKind.String
                || !token.TryGetBytesFromBase64(out var decoded))
            {
                return null;
            }

            var text = Encoding.UTF8.GetString(decoded);
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon == text.Length - 1)
            {
                return null;
            }

            var expires = data.TryGetProperty("expiresAt", out var at) && at.ValueKind == JsonValueKind.Number && at.TryGetDouble(out var seconds)
                ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)
                : (DateTimeOffset?)null;
            return new EcrPassword(text[..colon], new Secret(text[(colon + 1)..]), expires);
        }
        catch (Exception e) when (e is JsonException or OverflowException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
