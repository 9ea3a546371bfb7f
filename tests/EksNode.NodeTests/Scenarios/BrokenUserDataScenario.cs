namespace EksNode.NodeTests.Scenarios;

/// <summary>
/// A machine whose user data is broken: what is wrong, where and what to do must be readable on its serial console, which is all that EC2
/// shows of a machine that nobody can log in to. Nothing is started, nothing is tried again, and the boot ends.
/// </summary>
internal sealed class BrokenUserDataScenario : IScenario
{
    // A CIDR without its length; EKN0301 is its code, and the sixth line of the document its place.
    private const string UserData = """
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="//"

        --//
        Content-Type: application/node.eks.aws

        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        spec:
          cluster:
            name: demo
            cidr: 10.100.0.0
        --//--

        """;

    private static readonly string[] OnConsole = ["EKN0301", "spec.cluster.cidr", "10.100.0.0/16"];

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    public string Name => "broken-user-data";

    public string What => "a mistake in the user data is on the serial console, with its code and place";

    public async Task RunAsync(ScenarioContext context, CancellationToken cancellation)
    {
        await context.StartCloudAsync(UserData, cancellation);
        await context.PowerOnAsync(context.Instance(Name), cancellation);
        var machine = context.Machine;
        await Waiting.UntilAsync(
            $"{string.Join(", ", OnConsole)} on the serial console", Deadline,
            _ =>
            {
                machine.EnsureRuns();
                var console = machine.Console;
                return Task.FromResult(OnConsole.All(words => console.Contains(words, StringComparison.Ordinal)));
            },
            null, cancellation);
        context.Phases.Done("the mistake is on the serial console:");
        context.Phases.Detail(string.Join('\n', machine.LinesAround("EKN0301", 3)));

        await machine.Shell.WaitAsync(ScenarioContext.ShellDeadline, cancellation);
        await Waiting.UntilAsync(
            "the end of the boot", Deadline,
            async token => await machine.Shell.TryAskAsync("systemctl is-active multi-user.target", 20, token) is { Status: 0 }, null, cancellation);
        context.Phases.Done("the boot ended: a node that cannot join stalls nothing else");
        const string States = "for u in eksnode-configure eksnode-start; do for p in ActiveState ExecMainStatus NRestarts; do systemctl show -P $p $u.service; done; done | paste -sd' '; "
            + "systemctl is-active containerd.service kubelet.service | paste -sd' '";
        const string Wanted = "failed 2 0 failed 2 0\ninactive inactive\n";
        var last = "";
        await Waiting.UntilAsync(
            "both units failed with 2 and not restarted, and no service running", TimeSpan.FromMinutes(2),
            async token => (last = await machine.Shell.ReadAsync(States, token)) == Wanted, () => last, cancellation);
    }
}
