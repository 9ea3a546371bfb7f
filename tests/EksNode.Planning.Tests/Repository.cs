namespace EksNode.Planning.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "eksnode.slnx")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException("The repository's root, which has eksnode.slnx, is not above the tests.");
    }
}
