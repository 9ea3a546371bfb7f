using System.Collections.Immutable;
using EksNode.Simulation.Aws;

namespace EksNode.Simulation.Kubernetes;

/// <summary>Who a token is, as the API server of an EKS cluster sees a node.</summary>
internal sealed record TokenIdentity(string User, ImmutableArray<string> Groups, string Arn);

/// <summary>The verdict on a token: an identity, or why there is none.</summary>
internal sealed record TokenVerdict(TokenIdentity? Identity, string Reason);

/// <summary>
/// Verifies the tokens of nodes as the control plane of EKS does: <see cref="EksTokenVerifier"/> has the rules, the simulator's STS
/// checks the signature with the key that it handed out, and whom STS names becomes a user, as an access entry of type EC2 Linux says.
/// </summary>
internal sealed class TokenVerifier : IDisposable
{
    private readonly SimulatorOptions options;
    private readonly EksTokenVerifier verifier;
    private readonly HttpClient http;

    /// <param name="options">Region, cluster and role.</param>
    /// <param name="aws">Where the simulator's STS answers under the name of the real one.</param>
    /// <param name="clock">The clock of the API server.</param>
    public TokenVerifier(SimulatorOptions options, Uri aws, TimeProvider clock)
    {
        this.options = options;
        verifier = new EksTokenVerifier(new Uri($"https://sts.{options.Region}.{options.ServicesDomain}"), options.Cluster?.Name ?? "", clock);
        http = new HttpClient(new ToSimulator(aws));
    }

    /// <summary>The verdict. It waits for STS.</summary>
    public TokenVerdict Verify(string token)
    {
        var verdict = verifier.VerifyAsync(token, http, CancellationToken.None).GetAwaiter().GetResult();
        if (verdict.Arn is not { } arn)
        {
            return new TokenVerdict(null, verdict.Refusal);
        }

        // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION; the session of an instance is its id.
        if (arn.Split(':') is not ["arn", _, "sts", _, _, var resource] || resource.Split('/') is not ["assumed-role", var role, var session])
        {
            return new TokenVerdict(null, $"STS named no assumed role: {arn}");
        }

        return role == options.RoleName
            ? new TokenVerdict(new TokenIdentity($"system:node:{session}", ["system:bootstrappers", "system:nodes"], arn), "")
            : new TokenVerdict(null, $"The role {role} has no access entry.");
    }

    public void Dispose() => http.Dispose();

    /// <summary>Brings what is for AWS to the simulator, under the name that was signed.</summary>
    private sealed class ToSimulator(Uri aws) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var address = request.RequestUri!;
            request.Headers.Host = address.Authority;
            request.RequestUri = new Uri(aws, address.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
