namespace EksNode.NodeTests.Scenarios;

/// <summary>One machine's story.</summary>
internal interface IScenario
{
    /// <summary>For <c>--only</c>.</summary>
    string Name { get; }

    /// <summary>What it shows, in a line.</summary>
    string What { get; }

    /// <exception cref="NodeTestException">Something is not as it should be.</exception>
    Task RunAsync(ScenarioContext context, CancellationToken cancellation);
}
