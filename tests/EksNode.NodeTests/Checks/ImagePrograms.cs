using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>Programs of the image that a join does not start: the SOCI snapshotter starts and answers, and crictl, where the image has it, finds containerd by the image's configuration.</summary>
internal static class ImagePrograms
{
    // It is stopped again, so that what is compared later is as it was. Each line of output is a fault.
    private const string Snapshotter = """
        [ "$(systemctl is-active soci-snapshotter.service)" = inactive ] || echo "soci-snapshotter.service runs, and nothing needs it"
        { systemctl start soci-snapshotter.service && ctr --address /run/soci-snapshotter-grpc/soci-snapshotter-grpc.sock --timeout 60s snapshots --snapshotter soci list; } >/tmp/soci 2>&1 ||
          { echo "the SOCI snapshotter does not answer: $(cat /tmp/soci)"; journalctl -u soci-snapshotter.service -n 20 --no-pager -o cat; }
        rm -f /tmp/soci
        systemctl stop soci-snapshotter.service
        """;

    private const string Crictl = """
        if [ -x /usr/bin/crictl ]; then
          crictl images --output json | grep -q localhost/kubernetes/pause || echo "crictl does not list the pause image: $(crictl images 2>&1)"
          crictl --version
        else
          echo "crictl is not in this image: EKSNODE_KUBERNETES_BIN has none"
        fi
        """;

    /// <summary>Fails when one of them does not work.</summary>
    /// <returns>What was looked at, and what that does not prove, in a line.</returns>
    public static async Task<string> CheckAsync(GuestShell shell, CancellationToken cancellation)
    {
        var answer = await shell.AskAsync($"{Snapshotter}\n{Crictl}\nsoci --version | head -n 1", 240, cancellation);
        var lines = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines is [var crictl, var soci] && crictl.StartsWith("crictl ", StringComparison.Ordinal) && !crictl.Contains("does not", StringComparison.Ordinal)
            ? $"{crictl}; {soci} starts and answers (parallel pulls need 0.11: not proved here)"
            : throw new NodeTestException($"Programs of the image do not work:\n{answer.Output}");
    }
}
