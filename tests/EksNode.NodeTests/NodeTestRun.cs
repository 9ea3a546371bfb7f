using System.Net.Sockets;
using EksNode.NodeTests.ControlPlanes;
using EksNode.NodeTests.Machines;
using EksNode.NodeTests.Scenarios;

namespace EksNode.NodeTests;

/// <summary>All scenarios, one after the other, and what became of them.</summary>
internal static class NodeTestRun
{
    private static readonly IScenario[] Scenarios = [new JoinScenario(), new BrokenUserDataScenario(), new InstanceStoreScenario()];

    /// <returns>Whether all went well.</returns>
    public static async Task<bool> RunAsync(NodeTestOptions options, TextWriter output, CancellationToken cancellation)
    {
        var accelerator = await Accelerator.ProbeAsync(options, cancellation);
        var programs = await KubernetesPrograms.FindAsync(options.Kubernetes, cancellation);
        output.WriteLine(programs is null
            ? "kubelet and API server: STAND-INS (EKSNODE_KUBERNETES_BIN is not set, and the release site cannot be reached)"
            : $"kubelet and API server: real; {programs.Description}");
        output.WriteLine($"virtual machine: {accelerator.Name}");
        var failed = new List<string>();
        foreach (var scenario in Scenarios.Where(scenario => options.Only.IsEmpty || options.Only.Contains(scenario.Name)))
        {
            output.WriteLine($"--- {scenario.Name}: {scenario.What}");
            var passed = await PassesAsync(scenario, again: true) ?? await PassesAsync(scenario, again: false) ?? false;
            if (!passed)
            {
                failed.Add(scenario.Name);
            }
        }

        output.WriteLine(failed.Count == 0 ? "node tests passed" : $"node tests FAILED: {string.Join(", ", failed)}");
        return failed.Count == 0;

        // Null: the machine's own kernel panicked, which under emulation it does now and then, whatever runs on it; once, the scenario may begin again.
        async Task<bool?> PassesAsync(IScenario scenario, bool again)
        {
            var phases = new Phases(output);
            await using var context = new ScenarioContext(options, accelerator, programs, phases);
            try
            {
                await scenario.RunAsync(context, cancellation);
                phases.Done("passed");
                return true;
            }
            catch (KernelPanicException) when (again)
            {
                phases.Done("the machine's kernel panicked; the scenario begins again");
                phases.Detail(context.Machine.LastLines(30));
                return null;
            }
            catch (Exception exception) when (exception is NodeTestException or HttpRequestException or IOException or SocketException)
            {
                phases.Done($"FAILED: {exception.Message}");
                await context.ExplainAsync(CancellationToken.None);
                return false;
            }
        }
    }
}
