using System.Text.Json;
using System.Text.Json.Nodes;
using EksNode.NodeTests.Scenarios;

namespace EksNode.NodeTests.Checks;

/// <summary><c>eksnode verify</c> and <c>eksnode explain</c> on the machine itself: nothing is found, and then what a hand changed is.</summary>
internal static class NodeDrift
{
    private const string File = "/etc/kubernetes/kubelet/config.json";
    private const string Roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    private const string Bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

    /// <summary>Fails unless a node that was joined has no drift, and a change by hand is named, and gone when it is undone.</summary>
    /// <returns>What was compared, in a line.</returns>
    public static async Task<string> CheckAsync(ScenarioContext context, CancellationToken cancellation)
    {
        if (context.IsReal)
        {
            await GrantAsync(context, cancellation);
        }

        var joined = await VerifyAsync(context, 0, cancellation);
        var compared = joined["comparedWith"]!.ToJsonString();
        if (compared != """["applied","plan"]""" || Drifting(joined).Length > 0)
        {
            throw new NodeTestException($"`eksnode verify` compared with {compared}: {joined.ToJsonString()}");
        }

        // A real kubelet may tell its configuration, and runs exactly what is planned; a stand-in wants a client certificate, and verify says that it was not asked.
        var codes = joined["diagnostics"]!.AsArray().Select(d => d!["code"]!.GetValue<string>()).ToArray();
        if (context.IsReal ? joined["kubelet"] is not JsonArray { Count: 0 } : joined["kubelet"] is not null || !codes.Contains("EKN0931"))
        {
            throw new NodeTestException($"`eksnode verify` says of the running kubelet {joined["kubelet"]?.ToJsonString() ?? "nothing"}, with {string.Join(", ", codes)}.");
        }

        await WantAsync(context, "eksnode explain kubelet.maxPods", 0, "29", cancellation);
        var shell = context.Machine.Shell;
        await shell.ReadAsync($"cp -p {File} /run/kept && echo >> {File}", cancellation);
        var changed = await VerifyAsync(context, 3, cancellation);
        if (!Drifting(changed).SequenceEqual([File]))
        {
            throw new NodeTestException($"After a change of {File}, `eksnode verify` names {string.Join(", ", Drifting(changed))}.");
        }

        await WantAsync(context, "eksnode verify", 3, File, cancellation);
        await shell.ReadAsync($"cp -p /run/kept {File}", cancellation);
        // The kubelet runs since before the file was touched, so that it may want a restart; the file itself is as it was.
        var restored = await VerifyAsync(context, 3, cancellation);
        return Drifting(restored).Length == 0
            ? $"verify: {joined["summary"]!["unchanged"]} things as they should be, {(context.IsReal ? "the running kubelet's configuration too" : "the stand-in tells no configuration")}; a change by hand is named"
            : throw new NodeTestException($"{File} is as it was, and `eksnode verify` names {string.Join(", ", Drifting(restored))}.");
    }

    // Nodes may read their kubelets' configuration, as docs/drift.md shows it.
    private static async Task GrantAsync(ScenarioContext context, CancellationToken cancellation)
    {
        var resource = int.Parse(context.KubernetesMinor.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture) >= 33 ? "nodes/configz" : "nodes/proxy";
        await context.ControlPlane.Api.CreateAsync(
            Roles,
            JsonNode.Parse($$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"kubelet-configz"},"rules":[{"apiGroups":[""],"resources":["{{resource}}"],"verbs":["get"]}]}""")!,
            cancellation);
        await context.ControlPlane.Api.CreateAsync(
            Bindings,
            JsonNode.Parse("""
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"kubelet-configz"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"kubelet-configz"},
                 "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"system:nodes"}]}
                """)!,
            cancellation);
    }

    private static string[] Drifting(JsonNode report) =>
    [
        .. report["findings"]!.AsArray().Where(f => f!["drift"]!.GetValue<bool>()).Select(f => f!["path"]!.GetValue<string>()),
        .. report["image"]!.AsArray().Where(i => i!["drift"]!.GetValue<bool>()).Select(i => i!["name"]!.GetValue<string>()),
    ];

    private static async Task<JsonNode> VerifyAsync(ScenarioContext context, int status, CancellationToken cancellation)
    {
        var answer = await context.Machine.Shell.AskAsync("eksnode verify --output json 2>/dev/null", 120, cancellation);
        try
        {
            return answer.Status == status && JsonNode.Parse(answer.Output) is { } report
                ? report
                : throw new NodeTestException($"`eksnode verify` ended with {answer.Status} and not {status}:\n{answer.Output}");
        }
        catch (JsonException)
        {
            throw new NodeTestException($"`eksnode verify --output json` printed no JSON:\n{answer.Output}");
        }
    }

    private static async Task WantAsync(ScenarioContext context, string command, int status, string text, CancellationToken cancellation)
    {
        var answer = await context.Machine.Shell.AskAsync(command, 120, cancellation);
        if (answer.Status != status || !answer.Output.Contains(text, StringComparison.Ordinal))
        {
            throw new NodeTestException($"`{command}` ended with {answer.Status} and not {status}, or does not say `{text}`:\n{answer.Output}");
        }
    }
}
