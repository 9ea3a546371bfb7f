using System.Globalization;
using System.Text.Json.Nodes;
using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>One node as the cluster sees it, and what a cluster does for it: certificates are approved, and the cloud's taint is taken off.</summary>
internal sealed class ClusterNode(IControlPlane plane, ClusterAuthority authority, string name)
{
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private const string ServingSigner = "kubernetes.io/kubelet-serving";

    private JsonNode? last;

    private string Path => $"/api/v1/nodes/{name}";

    /// <summary>What was last seen, in a line.</summary>
    public string State => last is null
        ? $"there is no Node {name}"
        : string.Join("; ", Conditions(last).Select(condition => $"{Text(condition, "type")}={Text(condition, "status")} ({Text(condition, "message")})"));

    /// <summary>Waits until the Node is Ready, approving its certificates meanwhile.</summary>
    /// <param name="deadline">How long.</param>
    /// <param name="otherThan">A boot id that is over: a Node that still shows it is not back.</param>
    /// <param name="watch">Called at each look; it throws when waiting is of no use.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<JsonNode> WaitReadyAsync(TimeSpan deadline, string? otherThan, Action watch, CancellationToken cancellation) => Waiting.ForAsync(
        $"Node {name} Ready", deadline,
        async token =>
        {
            watch();
            await ApproveAsync(token);
            last = await plane.Api.GetAsync(Path, token);
            return last is not null && Text(last["status"]?["nodeInfo"], "bootID") != otherThan && IsReady(last) ? last : null;
        },
        () => State, cancellation);

    /// <summary>Waits until a serving certificate was asked for, approved and issued after the time.</summary>
    public Task<JsonNode> WaitCertificateAsync(TimeSpan deadline, CancellationToken cancellation) => Waiting.ForAsync(
        $"a serving certificate for {name}", deadline,
        async token =>
        {
            await ApproveAsync(token);
            return (await RequestsAsync(token)).LastOrDefault(request => request["status"]?["certificate"] is not null);
        },
        null, cancellation);

    /// <summary>What the cloud's controller does in a cluster: it knows the instance, and the taint of a fresh node goes.</summary>
    public async Task InitializeAsync(CancellationToken cancellation)
    {
        var node = await plane.Api.GetAsync(Path, cancellation) ?? throw new NodeTestException($"There is no Node {name}.");
        if (node["spec"]?["taints"] is JsonArray taints && taints.Any(taint => Text(taint, "key") == "node.cloudprovider.kubernetes.io/uninitialized"))
        {
            var rest = new JsonArray([.. taints.Where(taint => Text(taint, "key") != "node.cloudprovider.kubernetes.io/uninitialized").Select(taint => taint!.DeepClone())]);
            await plane.Api.PatchAsync(Path, new JsonObject { ["spec"] = new JsonObject { ["taints"] = rest } }, cancellation);
        }
    }

    private static IEnumerable<JsonNode> Conditions(JsonNode node) => (node["status"]?["conditions"] as JsonArray ?? []).OfType<JsonNode>();

    private static bool IsReady(JsonNode node) => Conditions(node).Any(condition => Text(condition, "type") == "Ready" && Text(condition, "status") == "True");

    private static string? Text(JsonNode? node, string key) => node?[key]?.GetValue<string>();

    private async Task<List<JsonNode>> RequestsAsync(CancellationToken cancellation)
    {
        var list = await plane.Api.GetAsync(Requests, cancellation);
        return [.. (list?["items"] as JsonArray ?? []).OfType<JsonNode>()
            .Where(request => Text(request["spec"], "signerName") == ServingSigner && Text(request["spec"], "username") == $"system:node:{name}")];
    }

    /// <summary>Approves what waits, as the controller of EKS does for a node's own names; signs it where nobody else does.</summary>
    private async Task ApproveAsync(CancellationToken cancellation)
    {
        foreach (var request in await RequestsAsync(cancellation))
        {
            var path = $"{Requests}/{Text(request["metadata"], "name")}";
            var current = request;
            if ((current["status"]?["conditions"] as JsonArray ?? []).Count == 0)
            {
                // Lists leave out what kind of object an item is; a write needs it.
                current["apiVersion"] = "certificates.k8s.io/v1";
                current["kind"] = "CertificateSigningRequest";
                current["status"] = new JsonObject
                {
                    ["conditions"] = new JsonArray(new JsonObject
                    {
                        ["type"] = "Approved",
                        ["status"] = "True",
                        ["reason"] = "NodeTest",
                        ["message"] = "a node's own serving certificate",
                        ["lastUpdateTime"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    }),
                };
                current = await plane.Api.ReplaceAsync(path + "/approval", current, cancellation);
            }

            if (!plane.SignsCertificates && current["status"]?["certificate"] is null)
            {
                var pem = authority.SignServing(System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(Text(current["spec"], "request")!)));
                current["apiVersion"] = "certificates.k8s.io/v1";
                current["kind"] = "CertificateSigningRequest";
                current["status"]!["certificate"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem));
                await plane.Api.ReplaceAsync(path + "/status", current, cancellation);
            }
        }
    }
}
