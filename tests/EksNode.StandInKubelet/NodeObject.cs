using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>The Node of this machine: registered once, its status and lease renewed.</summary>
internal sealed class NodeObject(string name, CommandLine command, KubeletConfiguration configuration, ContainerRuntime runtime, ApiServer api)
{
    private const string Nodes = "/api/v1/nodes";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

    /// <summary>Registers the Node where it is not there yet.</summary>
    public async Task RegisterAsync(CancellationToken cancellation)
    {
        var labels = new JsonObject
        {
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/arch"] = "amd64",
            ["kubernetes.io/os"] = "linux",
        };
        foreach (var (label, value) in command.Map("--node-labels"))
        {
            labels[label] = value;
        }

        var taints = new JsonArray([.. (configuration.Merged["registerWithTaints"] as JsonArray ?? []).Select(taint => taint!.DeepClone())]);
        if (command.Optional("--cloud-provider") == "external")
        {
            taints.Add((JsonNode)new JsonObject { ["key"] = "node.cloudprovider.kubernetes.io/uninitialized", ["value"] = "true", ["effect"] = "NoSchedule" });
        }

        var node = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
            ["spec"] = new JsonObject { ["providerID"] = configuration.Text("providerID"), ["taints"] = taints },
            ["status"] = await StatusAsync(cancellation),
        };
        var (status, body) = await api.PostAsync(Nodes, node, cancellation);
        if (status is not (HttpStatusCode.Created or HttpStatusCode.Conflict))
        {
            throw new HttpRequestException($"Unable to register node with API server: {(int)status} {body?["message"]}");
        }
    }

    /// <summary>Renews status and lease.</summary>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        var (status, body) = await api.PatchAsync($"{Nodes}/{name}/status", new JsonObject { ["status"] = await StatusAsync(cancellation) }, cancellation);
        if (status != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"Error updating node status: {(int)status} {body?["message"]}");
        }

        var lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["holderIdentity"] = name, ["leaseDurationSeconds"] = 40, ["renewTime"] = Now(".ffffff") },
        };
        (status, body) = await api.PutAsync($"{Leases}/{name}", lease, cancellation);
        if (status == HttpStatusCode.NotFound)
        {
            (status, body) = await api.PostAsync(Leases, lease, cancellation);
        }

        if (status is not (HttpStatusCode.OK or HttpStatusCode.Created))
        {
            throw new HttpRequestException($"Failed to ensure lease exists: {(int)status} {body?["message"]}");
        }
    }

    private async Task<JsonObject> StatusAsync(CancellationToken cancellation)
    {
        var state = await runtime.StatusAsync(cancellation);
        return new JsonObject
        {
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = command.Required("--node-ip") },
                new JsonObject { ["type"] = "Hostname", ["address"] = name }),
            ["capacity"] = new JsonObject
            {
                ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
                ["pods"] = configuration.Number("maxPods", 110).ToString(CultureInfo.InvariantCulture),
            },
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = state.IsReady ? "True" : "False",
                ["reason"] = state.IsReady ? "KubeletReady" : "KubeletNotReady",
                ["message"] = state.IsReady ? "kubelet is posting ready status (stand-in)" : $"container runtime network not ready: {state.Message}",
                ["lastHeartbeatTime"] = Now(""),
            }),
            ["nodeInfo"] = new JsonObject
            {
                ["machineID"] = File.ReadAllText("/etc/machine-id").Trim(),
                ["bootID"] = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(),
                ["kernelVersion"] = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
                ["osImage"] = RuntimeInformation.OSDescription,
                ["containerRuntimeVersion"] = state.Version,
                ["kubeletVersion"] = Tables.Version,
                ["operatingSystem"] = "linux",
                ["architecture"] = "amd64",
            },
        };
    }

    private static string Now(string fraction) => DateTime.UtcNow.ToString($"yyyy-MM-dd'T'HH:mm:ss{fraction}'Z'", CultureInfo.InvariantCulture);
}
