using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>A container image that the image of the machine carries, as script/node-test-image makes it.</summary>
/// <param name="Name">Its name in containerd's store.</param>
/// <param name="Program">Its one program.</param>
internal sealed record CachedImage(string Name, string Program)
{
    private const string Words = "node-test-container-runs";

    /// <summary>The sandbox image of every pod.</summary>
    public static readonly CachedImage Pause = new("localhost/kubernetes/pause:latest", "/pause");

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
