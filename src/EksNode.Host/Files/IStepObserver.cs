namespace EksNode.Host.Files;

/// <summary>
/// Is told before each single thing that changes a file system. Tests stop a run there, as a kill would, to prove that the
/// next run ends in the same state.
/// </summary>
internal interface IStepObserver
{
    /// <summary>Called before a change.</summary>
    /// <param name="step">What is about to happen: <c>rename</c>.</param>
    /// <param name="path">The path that it happens to.</param>
    void Before(string step, string path);
}
