using System.Globalization;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Image;

/// <summary>Which CUDA the containers of nodes may have: the driver of the image decides, and <c>image-cuda.tsv</c> says how.</summary>
public static class CudaCompatibility
{
    /// <summary>The newest major of CUDA whose programs run with every driver that fits, such as 13; null: the constraint does not begin with a branch, or it is older than all that are known.</summary>
    /// <param name="driver">Which drivers may be installed: <c>580.*</c>.</param>
    public static int? Newest(VersionConstraint driver)
    {
        var text = driver.Text;
        var end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        if (!int.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var branch))
        {
            return null;
        }

        foreach (var row in DataTable.Rows("image-cuda.tsv"))
        {
            if (branch >= int.Parse(row[1], CultureInfo.InvariantCulture))
            {
                return int.Parse(row[0], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
