using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>What of a running node must be right on the machine itself.</summary>
internal static class NodeState
{
    /// <summary>Fails when a service does not run, is enabled, when the boot had an ordering cycle, or when something is left to do.</summary>
    public static async Task CheckAsync(GuestShell shell, CancellationToken cancellation)
    {
        await Want(shell, "systemctl is-active eksnode-configure.service eksnode-start.service containerd.service kubelet.service | sort -u", "active", cancellation);
        await Want(shell, "systemctl is-enabled containerd.service kubelet.service | sort -u", "disabled", cancellation);
        await Want(shell, "journalctl -b --no-pager | grep -i 'ordering cycle' || true", "", cancellation);
        await Want(shell, "stat -c %a /var/lib/kubelet/kubeconfig", "600", cancellation);
        var plan = await shell.AskAsync("eksnode plan", 120, cancellation);
        if (plan.Status != 0)
        {
            throw new NodeTestException($"`eksnode plan` on the running node ended with {plan.Status}:\n{plan.Output}");
        }
    }

    private static async Task Want(GuestShell shell, string command, string wanted, CancellationToken cancellation)
    {
        var answer = await shell.AskAsync(command, 60, cancellation);
        if (answer.Output.Trim() != wanted)
        {
            throw new NodeTestException($"`{command}` gave `{answer.Output.Trim()}` and not `{wanted}`.");
        }
    }
}
