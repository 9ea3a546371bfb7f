using System.Text.Json.Nodes;
using EksNode.NodeTests.ControlPlanes;
using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>A pod on the node, of an image that the node carries: no registry is asked. The node forwards its traffic.</summary>
internal static class OfflinePod
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Words = "node-test-pod-runs";

    private static readonly string Outside = $"tcp:{PrivateNetwork.ApiServer}:443";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Makes the pod and waits until it runs, has reached an address outside of its node, and says so in its log, which the API server reads from the kubelet.
    /// </summary>
    public static async Task RunAsync(ApiClient api, string name, string node, CachedImage image, CancellationToken cancellation)
    {
        await WaitForAccountAsync(api, cancellation);
        await api.CreateAsync(Pods, Pod(name, node, image), cancellation);
        var last = "";
        await Waiting.UntilAsync(
            $"pod {name} Running", Deadline,
            async token =>
            {
                var status = (await api.GetAsync($"{Pods}/{name}", token))?["status"];
                last = status?.ToJsonString() ?? "no pod";
                return status?["phase"]?.GetValue<string>() == "Running" && status["podIP"] is not null;
            },
            () => last, cancellation);
        await Waiting.UntilAsync(
            $"log of pod {name}", TimeSpan.FromMinutes(1),
            async token => (last = await api.TryGetTextAsync($"{Pods}/{name}/log", token) ?? "none")
                .Split('\n') is [Words, var connection, ..] && connection == $"{Outside} connected",
            () => last, cancellation);
    }

    // A pod needs its namespace's account; without a controller manager nobody else makes it.
    private static async Task WaitForAccountAsync(ApiClient api, CancellationToken cancellation)
    {
        const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
        await Waiting.UntilAsync(
            "the namespace default", TimeSpan.FromMinutes(1),
            async token => await api.GetAsync("/api/v1/namespaces/default", token) is not null, null, cancellation);
        if (await api.GetAsync($"{Accounts}/default", cancellation) is null)
        {
            try
            {
                await api.CreateAsync(Accounts, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } }, cancellation);
            }
            catch (NodeTestException) when (!cancellation.IsCancellationRequested)
            {
                // The controller manager was faster, or the next step fails with the same reason.
            }
        }
    }

    private static JsonObject Pod(string name, string node, CachedImage image) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["automountServiceAccountToken"] = false,
            ["terminationGracePeriodSeconds"] = 2,
            ["tolerations"] = new JsonArray(new JsonObject { ["operator"] = "Exists" }),
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "main",
                ["image"] = image.Name,
                ["imagePullPolicy"] = "IfNotPresent",
                ["args"] = new JsonArray(Words, Outside),
                ["resources"] = new JsonObject { ["limits"] = new JsonObject { ["memory"] = "32Mi", ["cpu"] = "100m" } },
            }),
        },
    };
}
