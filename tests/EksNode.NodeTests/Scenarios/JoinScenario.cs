using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Scenarios;

/// <summary>From power-on with user data alone to a node that is Ready, and again after a reboot.</summary>
internal sealed class JoinScenario : IScenario
{
    private static readonly TimeSpan ShellDeadline = TimeSpan.FromMinutes(4);

    public string Name => "join";

    public string What => "power-on with user data alone to Ready, reboot, Ready again";

    public async Task RunAsync(ScenarioContext context, CancellationToken cancellation)
    {
        await context.StartCloudAsync(context.UserData(), cancellation);
        await context.PowerOnAsync(context.Instance(Name), cancellation);
        await context.Machine.Shell.WaitAsync(ShellDeadline, cancellation);
        context.Phases.Done("shell");
        context.Phases.Detail(await context.Machine.Shell.ReadAsync("eksnode --version; ip -br address; eksnode facts; ls -la /run/systemd/network; systemctl list-jobs", cancellation));
    }
}
