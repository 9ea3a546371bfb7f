using System.Globalization;

namespace EksNode.Rendering;

/// <summary>Sizes of transfers, for people.</summary>
internal static class Mebibytes
{
    /// <summary>A number of bytes in MiB: <c>12.5</c>.</summary>
    public static string Of(long bytes) => (bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture);
}
