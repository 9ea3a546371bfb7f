namespace EksNode.NodeTests.Scenarios;

/// <summary>A machine whose user data is broken: what is wrong must be readable on its serial console.</summary>
internal sealed class BrokenUserDataScenario : IScenario
{
    public string Name => "broken-user-data";

    public string What => "a mistake in the user data is on the serial console, with its code";

    public Task RunAsync(ScenarioContext context, CancellationToken cancellation) => throw new NodeTestException("not yet");
}
