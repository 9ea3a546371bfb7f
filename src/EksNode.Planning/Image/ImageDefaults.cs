namespace EksNode.Planning.Image;

/// <summary>Versions that an image has when nothing is said: <c>data/image-defaults.tsv</c>.</summary>
internal static class ImageDefaults
{
    /// <summary>The release of Amazon Linux 2023.</summary>
    public static string Release => Of("al2023");

    /// <summary>The branch of the NVIDIA driver.</summary>
    public static string Driver => Of("nvidia");

    /// <summary>The version of the pause image.</summary>
    public static string Pause => Of("pause");

    private static string Of(string what)
    {
        foreach (var row in DataTable.Rows("image-defaults.tsv"))
        {
            if (row[0] == what)
            {
                return row[1];
            }
        }

        throw new InvalidOperationException($"image-defaults.tsv has no row {what}.");
    }
}
