using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads the embedded tables of <c>data/</c>: tab separated, with a header line.</summary>
internal static class DataTable
{
    /// <summary>The first minor of Kubernetes 1 whose flags and feature gates the tables have.</summary>
    public const int FirstMinor = 30;

    /// <summary>The last minor of Kubernetes 1 that the tables have.</summary>
    public const int LastMinor = 36;

    /// <summary>The rows of a table, each split into its columns.</summary>
    /// <param name="name">The file's name.</param>
    public static ImmutableArray<string[]> Rows(string name) => [.. EmbeddedTable.Rows(typeof(DataTable).Assembly, name)];

    /// <summary>The minor of <c>1.33</c>, <c>&lt;=1.28</c> (which is 0: always there) or <c>1.36 (current)</c>; null when the cell is empty.</summary>
    public static int? Minor(string cell)
    {
        if (cell.StartsWith("<=", StringComparison.Ordinal))
        {
            return 0;
        }

        var dot = cell.IndexOf('.', StringComparison.Ordinal);
        var end = dot + 1;
        while (end < cell.Length && char.IsAsciiDigit(cell[end]))
        {
            end++;
        }

        return dot > 0 && end > dot + 1 ? int.Parse(cell.AsSpan(dot + 1, end - dot - 1), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The last minor that has something: null when the newest one of the table still has it.</summary>
    public static int? LastMinorOf(string cell) => cell.Contains("current", StringComparison.Ordinal) ? null : Minor(cell);
}
