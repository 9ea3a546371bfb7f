namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>Finds the files of the test project in the source tree: some tests rewrite them.</summary>
internal static class TestFiles
{
    public static string Root { get; } = Find();

    public static string Folder(params string[] parts) => Path.Combine([Root, "tests", "EksNode.Configuration.Tests", .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "eksnode.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside of the source tree.");
    }
}
