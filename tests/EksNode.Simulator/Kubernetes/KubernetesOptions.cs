using System.Net;

namespace EksNode.Simulation.Kubernetes;

/// <summary>What of the API server side is simulated.</summary>
public sealed record KubernetesOptions
{
    /// <summary>The certificate authority of the cluster: kubelets trust it, and it signs their serving certificates.</summary>
    public required ClusterAuthority Authority { get; init; }

    /// <summary>Where the API endpoint listens; null for none: then there is only the token webhook, for a real API server.</summary>
    public IPEndPoint? Endpoint { get; init; }

    /// <summary>The bearer token that the endpoint takes as its administrator's.</summary>
    public string AdministratorToken { get; init; } = Guid.NewGuid().ToString("N");
}
