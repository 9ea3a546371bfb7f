using EksNode.Simulation.Http;

namespace EksNode.Simulation.Kubernetes;

/// <summary>Who sends a request to the endpoint: the administrator by a token, or a node by a token that STS confirms.</summary>
internal sealed class Authenticator(TokenVerifier verifier, KubernetesOptions options)
{
    public const string Administrator = "kubernetes-admin";

    private const string Bearer = "Bearer ";

    /// <summary>The user; null, with the reason, when the request is not authenticated.</summary>
    public string? UserOf(SimulatedRequest request, out string reason)
    {
        reason = "The request has no bearer token.";
        if (request.Header("Authorization") is not { } header || !header.StartsWith(Bearer, StringComparison.Ordinal))
        {
            return null;
        }

        if (header[Bearer.Length..] == options.AdministratorToken)
        {
            return Administrator;
        }

        var verdict = verifier.Verify(header[Bearer.Length..]);
        reason = verdict.Reason;
        return verdict.Identity?.User;
    }
}
