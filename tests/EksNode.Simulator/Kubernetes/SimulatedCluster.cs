using System.Collections.Concurrent;
using System.Net;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Kubernetes;

/// <summary>
/// The API server side of the simulated cluster: a token webhook that a real API server asks, and, where there is none, an
/// endpoint that does for a node what an API server does.
/// </summary>
public sealed class SimulatedCluster : IAsyncDisposable
{
    private readonly LoopbackServer webhook;
    private readonly LoopbackServer? endpoint;
    private readonly TokenVerifier verifier;

    private SimulatedCluster(TokenVerifier verifier, LoopbackServer webhook, LoopbackServer? endpoint)
    {
        this.verifier = verifier;
        this.webhook = webhook;
        this.endpoint = endpoint;
    }

    /// <summary>For the kubeconfig of <c>--authentication-token-webhook-config-file</c>.</summary>
    public Uri WebhookUrl => webhook.Addresses[0];

    /// <summary>The API endpoint; needs <see cref="KubernetesOptions.Endpoint"/>.</summary>
    public Uri EndpointUrl => endpoint?.Addresses[0] ?? throw new InvalidOperationException("The simulator was started without an API endpoint.");

    internal static async Task<SimulatedCluster> StartAsync(
        SimulatorOptions options, KubernetesOptions kubernetes, TokenVerifier verifier, FaultScript faults, CallLog calls, TimeProvider clock)
    {
        var none = new ConcurrentDictionary<int, byte>();
        var webhook = await LoopbackServer.StartAsync(new TokenReviewService(verifier), faults, calls, none, new IPEndPoint(IPAddress.Loopback, 0), ipv6: false);
        if (kubernetes.Endpoint is not { } at)
        {
            return new SimulatedCluster(verifier, webhook, null);
        }

        var tls = kubernetes.Authority.IssueServer("kube-apiserver", ["kubernetes.default.svc"], [at.Address]);
        var api = new KubernetesApi(new Authenticator(verifier, kubernetes), new ObjectStore(clock), options.Cluster?.KubernetesVersion ?? "");
        return new SimulatedCluster(verifier, webhook, await LoopbackServer.StartAsync(api, faults, calls, none, at, ipv6: false, tls));
    }

    public async ValueTask DisposeAsync()
    {
        await webhook.DisposeAsync();
        if (endpoint is not null)
        {
            await endpoint.DisposeAsync();
        }

        verifier.Dispose();
    }
}
