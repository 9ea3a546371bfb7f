namespace EksNode.NodeTests;

/// <summary>A check that failed, or something that did not happen in time. The message says what was wanted and what was there.</summary>
internal class NodeTestException(string message) : Exception(message);
