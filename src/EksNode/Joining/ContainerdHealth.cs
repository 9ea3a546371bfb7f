using EksNode.Host.Containers;
using EksNode.Host.Services;

namespace EksNode.Joining;

/// <summary>Asks containerd whether it works: its CRI answers the version call, as it does for the kubelet.</summary>
internal sealed class ContainerdHealth(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(5);

    private readonly CriClient client = new(CriClient.ContainerdSocket, clock);

    /// <summary>The question, as a <see cref="HealthProbe"/>.</summary>
    public async Task<Health> AskAsync(CancellationToken cancellation)
    {
        var answer = await client.VersionAsync(timeout, cancellation);
        return answer.Fault is null ? Health.Good : Health.Bad(answer.Detail);
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();
}
