using EksNode.Simulation;
using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>The simulator's endpoint in the place of an API server.</summary>
internal sealed class StandInControlPlane(Simulator simulator, KubernetesOptions options) : IControlPlane
{
    public string Description => $"stand-in at {simulator.Kubernetes.EndpointUrl}";

    public ApiClient Api { get; } = new(options, options.AdministratorToken);

    public bool SignsCertificates => false;

    public string LastLines(int count) => string.Join('\n', simulator.Calls.Of("kubernetes:").TakeLast(count));

    public ValueTask DisposeAsync()
    {
        Api.Dispose();
        return ValueTask.CompletedTask;
    }
}
