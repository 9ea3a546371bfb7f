namespace EksNode.Tools.Versions;

/// <summary>The processors of images, and what publishers call them.</summary>
public static class Architectures
{
    /// <summary>The words of <c>data/</c>.</summary>
    public static IReadOnlyList<string> All { get; } = ["x86_64", "arm64"];

    /// <summary>What Go, and so every publisher here, calls it; null: it is none of ours.</summary>
    public static string? Go(string architecture) => architecture switch
    {
        "x86_64" => "amd64",
        "arm64" => "arm64",
        _ => null,
    };
}
