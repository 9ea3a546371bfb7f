namespace EksNode.Planning.Image;

/// <summary>Which packages the kernel modules of GPUs and other accelerators come from: their scripts build them with dkms. <c>image-packages.tsv</c> has them.</summary>
public static class DriverModules
{
    /// <summary>The module of the kernel that a package builds; null: it builds none.</summary>
    /// <param name="package">The name of the package.</param>
    public static string? BuiltBy(string package)
    {
        foreach (var row in DataTable.Rows("image-packages.tsv"))
        {
            if (row[2] == package && row[5].Length > 1)
            {
                return row[5];
            }
        }

        return null;
    }
}
