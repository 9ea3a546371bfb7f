using System.Net.Sockets;
using EksNode.Host.Services;

namespace EksNode.Joining;

/// <summary>Asks containerd whether it works.</summary>
internal static class ContainerdHealth
{
    private const string Socket = "/run/containerd/containerd.sock";

    /// <summary>The question.</summary>
    public static async Task<Health> ProbeAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
            return Health.Good;
        }
        catch (SocketException e)
        {
            return Health.Bad($"{Socket}: {e.Message}");
        }
    }
}
