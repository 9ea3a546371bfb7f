using System.Text;

namespace EksNode.Tools.Catalog;

/// <summary>The table of instance types: lines by name, in byte order, whatever the order of the answers.</summary>
public sealed class CatalogTable
{
    private readonly SortedDictionary<string, (string Line, string Source)> rows = new(StringComparer.Ordinal);
    private readonly List<string> remarks = [];

    /// <summary>The first line.</summary>
    public static string Header => string.Join('\t', CatalogRow.Columns);

    /// <summary>How many types there are.</summary>
    public int Count => rows.Count;

    /// <summary>What somebody should look at: types that answers describe differently, supplements that are not needed any more.</summary>
    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>Adds a type; the last of several different descriptions counts.</summary>
    public void Add(CatalogRow row, string source)
    {
        var line = row.ToString();
        if (rows.TryGetValue(row.InstanceType, out var before) && before.Line != line)
        {
            remarks.Add($"{row.InstanceType} is described differently in {before.Source} and {source}; the latter counts.");
        }

        rows[row.InstanceType] = (line, source);
    }

    /// <summary>Adds the lines of a table for types that are not there yet.</summary>
    /// <exception cref="InvalidDataException">The table has other columns.</exception>
    public void AddSupplements(string table, string source)
    {
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || lines[0] != Header)
        {
            throw new InvalidDataException($"{source}: the first line must be: {Header}");
        }

        for (var i = 1; i < lines.Length; i++)
        {
            var cells = lines[i].Split('\t');
            if (cells.Length != CatalogRow.Columns.Length)
            {
                throw new InvalidDataException($"{source}:{i + 1}: {cells.Length} cells instead of {CatalogRow.Columns.Length}.");
            }

            if (!rows.TryAdd(cells[0], (lines[i], source)))
            {
                remarks.Add($"{source}:{i + 1}: {cells[0]} is in an answer now; the line can go.");
            }
        }
    }

    /// <summary>The whole table, each line with its end.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var (line, _) in rows.Values)
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}
