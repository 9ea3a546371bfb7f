using System.Text.Json.Nodes;
using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>A container image that the image of the machine carries, as script/node-test-image makes it.</summary>
/// <param name="Name">Its name in containerd's store.</param>
/// <param name="Program">Its one program.</param>
internal sealed record CachedImage(string Name, string Program)
{
    private const string Words = "node-test-container-runs";
    private const string Pinned = "io.cri-containerd.pinned=pinned";

    /// <summary>The sandbox image of every pod.</summary>
    public static readonly CachedImage Pause = new("localhost/kubernetes/pause:latest", "/pause");

    /// <summary>An image of an application, of a registry that nobody can reach.</summary>
    public static readonly CachedImage Application = new("registry.node-test.internal/demo/cached:1.0", "/cached");

    private string Registry => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>Fails unless containerd has it pinned, with the digest that the image manifest names, and has run nothing yet.</summary>
    public async Task CheckStoreAsync(GuestShell shell, CancellationToken cancellation)
    {
        var manifest = JsonNode.Parse(await shell.ReadAsync("cat /etc/eksnode/image.json", cancellation))!;
        var digest = manifest["images"]!.AsArray().SingleOrDefault(image => image!["name"]!.GetValue<string>() == Name)?["digest"]?.GetValue<string>()
            ?? throw new NodeTestException($"The image manifest does not name {Name}.");
        var stored = await shell.ReadAsync("ctr --namespace k8s.io images list 2>/dev/null", cancellation);
        if (!stored.Split('\n').Any(line => line.StartsWith($"{Name} ", StringComparison.Ordinal) && line.Contains(digest, StringComparison.Ordinal) && line.Contains(Pinned, StringComparison.Ordinal)))
        {
            throw new NodeTestException($"containerd does not have {Name} pinned, with {digest}:\n{stored}");
        }

        var containers = await shell.ReadAsync("ctr --namespace k8s.io containers list --quiet 2>/dev/null", cancellation);
        if (containers.Length > 0)
        {
            throw new NodeTestException($"Before its first pod the machine has the containers {containers}");
        }
    }

    /// <summary>Fails when the machine has asked a registry for anything, or for the address of this image's.</summary>
    /// <returns>Whom it has called, in a line.</returns>
    public async Task<string> CheckCallsAsync(VirtualMachine machine, CancellationToken cancellation)
    {
        string[] known = [$"{PrivateNetwork.ApiServer}:443", $"{PrivateNetwork.Imds}:80"];
        var calls = machine.Calls;
        // A name server that does not answer is asked again over TCP: the clock looks for one of the Internet's.
        if (!calls.Connections.Where(to => !to.EndsWith(":53", StringComparison.Ordinal)).SequenceEqual(known) || calls.Names.Any(name => name.StartsWith(Registry, StringComparison.Ordinal)))
        {
            throw new NodeTestException($"The machine has called {string.Join(", ", calls.Connections)}, and asked for {string.Join(", ", calls.Names)}.");
        }

        var pulls = await machine.Shell.AskAsync("journalctl --no-pager -b -u containerd -o cat | grep -E 'PullImage|containerd successfully booted'", 60, cancellation);
        return !pulls.Output.Contains("PullImage", StringComparison.Ordinal) && pulls.Output.Contains("successfully booted", StringComparison.Ordinal)
            ? $"called: {string.Join(", ", calls.Connections)}; names asked for: {string.Join(", ", calls.Names)}; containerd was told to pull nothing"
            : throw new NodeTestException($"containerd was told to pull, or its log is not there:\n{pulls.Output}");
    }

    /// <summary>
    /// Runs a container of it in the network of pods, without kubelet and API server: containerd has it unpacked, CNI connects it, and the node forwards its traffic to an
    /// address outside.
    /// </summary>
    public async Task RunAsync(GuestShell shell, CancellationToken cancellation)
    {
        var outside = $"tcp:{PrivateNetwork.ApiServer}:443";
        var answer = await shell.AskAsync($"ctr --namespace k8s.io run --rm --cni {Name} node-test {Program} {Words} {outside} end", 90, cancellation);
        // containerd's client warns of settings beside it.
        if (answer.Status != 0 || !answer.Output.EndsWith($"{Words}\n{outside} connected\n", StringComparison.Ordinal))
        {
            throw new NodeTestException($"A container of {Name} ended with {answer.Status}:\n{answer.Output}");
        }
    }
}
