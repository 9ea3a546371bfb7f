namespace EksNode.NodeTests;

/// <summary>The kernel of the virtual machine panicked.</summary>
internal sealed class KernelPanicException() : NodeTestException("The machine's kernel panicked.");
