using System.Text.Json.Nodes;
using EksNode.NodeTests.ControlPlanes;
using EksNode.NodeTests.Machines;
using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.Checks;

/// <summary>The kubelet's own port, with the serving certificate that the cluster signed.</summary>
internal static class KubeletPort
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>The kubelet's running configuration. Only a certificate of the cluster's authority for the machine's address is accepted.</summary>
    public static async Task<JsonNode> ConfigurationAsync(ClusterAuthority authority, CancellationToken cancellation)
    {
        using var client = authority.IssueClient("kube-apiserver-kubelet-client", "system:masters");
        using var http = new HttpClient(ApiClient.Trusting(authority, client)) { Timeout = TimeSpan.FromSeconds(20) };
        var failure = "";
        var text = await Waiting.ForAsync(
            "the kubelet's configuration over TLS", Deadline,
            async token =>
            {
                try
                {
                    return await http.GetStringAsync($"https://{PrivateNetwork.Machine}:10250/configz", token);
                }
                catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                {
                    failure = exception.InnerException?.Message ?? exception.Message;
                    return null;
                }
            },
            () => failure, cancellation);
        return JsonNode.Parse(text)?["kubeletconfig"] ?? throw new NodeTestException($"/configz gave no kubeletconfig: {text}");
    }

    /// <summary>Fails when the kubelet runs with something else than what was planned for it, or without what the image's profile hardens.</summary>
    public static void Check(JsonNode configuration, string instanceId)
    {
        void Want(string name, string wanted)
        {
            var found = name.Split('.').Aggregate((JsonNode?)configuration, (node, key) => node?[key])?.ToJsonString().Trim('"') ?? "nothing";
            if (found != wanted)
            {
                throw new NodeTestException($"The running kubelet has {name} {found} and not {wanted}.");
            }
        }

        Want("maxPods", "29");
        Want("serverTLSBootstrap", "true");
        Want("cgroupDriver", "systemd");
        Want("providerID", $"aws:///us-west-2a/{instanceId}");

        // What the image's profile asks of a kubelet; it has started, so that the kernel's settings are what it insists on.
        Want("protectKernelDefaults", "true");
        Want("makeIPTablesUtilChains", "true");
        Want("streamingConnectionIdleTimeout", "4h0m0s");
        Want("authentication.anonymous.enabled", "false");
        Want("authorization.mode", "Webhook");
        if (configuration["tlsCipherSuites"] is not JsonArray { Count: > 0 })
        {
            throw new NodeTestException("The running kubelet has no tlsCipherSuites: the profile of the image is not on it.");
        }
    }
}
