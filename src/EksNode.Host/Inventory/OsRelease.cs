using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Inventory;

/// <summary>What distribution a root is of (os-release(5)).</summary>
public static class OsRelease
{
    private const string FilePath = "/etc/os-release";
    private const string VendorPath = "/usr/lib/os-release";

    /// <summary>The settings without their quotes, such as <c>ID</c> and <c>VERSION_ID</c>; empty: the root does not say.</summary>
    /// <param name="root">The root.</param>
    public static Dictionary<string, string> Of(HostRoot root)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(root.ReadFile(FilePath) ?? root.ReadFile(VendorPath) ?? []).Split('\n'))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                values[line[..at]] = line[(at + 1)..].Trim().Trim('"', '\'');
            }
        }

        return values;
    }
}
