namespace EksNode.Configuration.Documents;

/// <summary>Bounds that keep a hostile or broken document from exhausting the stack or the memory.</summary>
public static class DocumentLimits
{
    /// <summary>How deep maps and lists may nest, aliases expanded. The deepest real document (containerd's) has about ten.</summary>
    public const int Depth = 100;

    /// <summary>How many nodes a document may have once its aliases are expanded. User data has at most 16 KiB.</summary>
    public const int Nodes = 200_000;
}
