using System.Globalization;

namespace EksNode.Tools.Versions;

/// <summary>The version of a release: three numbers, and nothing behind them, so that no candidate is taken for a release.</summary>
/// <param name="Major">The major number.</param>
/// <param name="Minor">The minor number.</param>
/// <param name="Patch">The patch number.</param>
public sealed record ReleaseVersion(int Major, int Minor, int Patch)
{
    /// <summary>The order of releases, oldest first.</summary>
    public static IComparer<ReleaseVersion> Order { get; } =
        Comparer<ReleaseVersion>.Create((one, other) => (one.Major, one.Minor, one.Patch).CompareTo((other.Major, other.Minor, other.Patch)));

    /// <summary>Reads <c>1.2.3</c> or <c>v1.2.3</c>; null when it is something else.</summary>
    public static ReleaseVersion? Find(string text)
    {
        var parts = (text.StartsWith('v') ? text[1..] : text).Split('.');
        var numbers = new int[3];
        if (parts.Length != numbers.Length)
        {
            return null;
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return new ReleaseVersion(numbers[0], numbers[1], numbers[2]);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}
