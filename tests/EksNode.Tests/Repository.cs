namespace EksNode.Tests;

/// <summary>Where the repository is, and whether tests rewrite what they compare with.</summary>
internal static class Repository
{
    /// <summary>The folder that holds eksnode.slnx.</summary>
    public static string Root { get; } = Find();

    /// <summary>Whether EKSNODE_UPDATE=1 asks to rewrite expectations.</summary>
    public static bool Update => Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1";

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "eksnode.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder;
    }
}
