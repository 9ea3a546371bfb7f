using System.Text;

namespace EksNode.Tools.Versions;

/// <summary>
/// <c>data/component-checksums.tsv</c>: lines by component, version and architecture, whatever the order of what was asked. A comment stays before the line that it stands before.
/// </summary>
public sealed class ChecksumTable
{
    /// <summary>The first line.</summary>
    public const string Header = "component\tversion\tarch\tsha256";

    private readonly SortedDictionary<Key, (string Sha256, string Comment)> rows = [];
    private readonly string head;
    private readonly string tail;

    /// <summary>Reads the table.</summary>
    /// <param name="text">The file.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <exception cref="InvalidDataException">It has other columns, or a line that is none of such a table.</exception>
    public ChecksumTable(string text, string source)
    {
        var comment = new StringBuilder();
        string? header = null;
        var lines = text.TrimEnd('\n').Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
            {
                comment.Append(lines[i]).Append('\n');
            }
            else if (header is null)
            {
                header = lines[i] == Header ? comment + Header + "\n" : throw new InvalidDataException($"{source}: the first line must be: {Header}");
                comment.Clear();
            }
            else
            {
                var cells = lines[i].Split('\t');
                if (cells.Length != 4 || ReleaseVersion.Find(cells[1]) is not { } version || Architectures.Go(cells[2]) is null || !ChecksumFile.IsSha256(cells[3]))
                {
                    throw new InvalidDataException($"{source}:{i + 1}: no component, version, architecture and SHA-256.");
                }

                if (!rows.TryAdd(new Key(cells[0], version, cells[2]), (cells[3], comment.ToString())))
                {
                    throw new InvalidDataException($"{source}:{i + 1}: {cells[0]} {version} {cells[2]} is there twice.");
                }

                comment.Clear();
            }
        }

        head = header ?? throw new InvalidDataException($"{source}: the first line must be: {Header}");
        tail = comment.ToString();
    }

    /// <summary>How many lines there are.</summary>
    public int Count => rows.Count;

    /// <summary>The checksum of a release; null: it is not known.</summary>
    public string? Find(string component, ReleaseVersion version, string architecture) =>
        rows.TryGetValue(new Key(component, version, architecture), out var row) ? row.Sha256 : null;

    /// <summary>The oldest release of a component; null: there is none.</summary>
    public ReleaseVersion? Oldest(string component) => rows.Keys.FirstOrDefault(k => k.Component == component)?.Version;

    /// <summary>Adds a release that is not there.</summary>
    public void Add(string component, ReleaseVersion version, string architecture, string sha256) => rows.Add(new Key(component, version, architecture), (sha256, ""));

    /// <summary>The whole table, each line with its end.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(head);
        foreach (var (key, (sha256, comment)) in rows)
        {
            text.Append(comment).Append(key.Component).Append('\t').Append(key.Version).Append('\t').Append(key.Architecture).Append('\t').Append(sha256).Append('\n');
        }

        return text.Append(tail).ToString();
    }

    private sealed record Key(string Component, ReleaseVersion Version, string Architecture) : IComparable<Key>
    {
        public int CompareTo(Key? other)
        {
            if (other is null)
            {
                return 1;
            }

            var order = string.CompareOrdinal(Component, other.Component);
            order = order == 0 ? ReleaseVersion.Order.Compare(Version, other.Version) : order;

            // x86_64 before arm64, as everywhere in data/.
            return order == 0 ? string.CompareOrdinal(other.Architecture, Architecture) : order;
        }
    }
}
