using System.Buffers.Text;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Facts;

/// <summary>
/// Every known EC2 instance type: <c>data/ec2-instance-types.tsv</c>, embedded as it is. Nothing is parsed at start-up: a lookup
/// searches the sorted lines and reads one.
/// </summary>
public static class InstanceCatalog
{
    private const byte Tab = (byte)'\t';
    private const byte LineEnd = (byte)'\n';
    private const int Columns = 21;

    /// <summary>All types, in byte order of their names.</summary>
    public static IEnumerable<InstanceTypeEntry> All
    {
        get
        {
            for (var at = Table.First; at < Table.Bytes.Length; at = Next(at))
            {
                yield return Entry(at);
            }
        }
    }

    /// <summary>The entry of an instance type, or null when the catalog lacks it.</summary>
    /// <param name="instanceType">The name as EC2 writes it, <c>m6i.large</c>.</param>
    public static InstanceTypeEntry? Find(string instanceType)
    {
        var name = Encoding.UTF8.GetBytes(instanceType);
        var (low, high) = (Table.First, Table.Bytes.Length);
        while (low < high)
        {
            var middle = LineStart((low + high) / 2, low);
            var order = name.AsSpan().SequenceCompareTo(Name(middle));
            if (order == 0)
            {
                return Entry(middle);
            }

            (low, high) = order < 0 ? (low, middle) : (Next(middle), high);
        }

        return null;
    }

    private static int LineStart(int at, int notBefore)
    {
        while (at > notBefore && Table.Bytes[at - 1] != LineEnd)
        {
            at--;
        }

        return at;
    }

    private static int Next(int line) => line + Table.Bytes.AsSpan(line).IndexOf(LineEnd) + 1;

    private static ReadOnlySpan<byte> Name(int line)
    {
        var rest = Table.Bytes.AsSpan(line);
        return rest[..rest.IndexOf(Tab)];
    }

    private static InstanceTypeEntry Entry(int line)
    {
        var cells = new Range[Columns];
        var text = Table.Bytes.AsSpan(line, Next(line) - line - 1);
        var column = 0;
        foreach (var cell in text.Split(Tab))
        {
            cells[column++] = cell;
        }

        var row = new Row(text, cells);
        return new InstanceTypeEntry
        {
            InstanceType = row.Text(0)!,
            Architectures = row.Text(1),
            Vcpus = row.Int(2),
            Cores = row.Int(3),
            ThreadsPerCore = row.Int(4),
            MemoryMib = row.Long(5),
            Hypervisor = row.Text(6),
            BareMetal = row.Text(7) is { } metal ? metal == "true" : null,
            DefaultCardMaxEnis = row.Int(8) ?? throw Broken(row),
            TotalMaxEnis = row.Int(9),
            NetworkCards = row.Int(10),
            Ipv4PerEni = row.Int(11) ?? throw Broken(row),
            Ipv6PerEni = row.Int(12),
            EfaMaxInterfaces = row.Int(13),
            AcceleratorKind = row.Text(14),
            AcceleratorName = row.Text(15),
            AcceleratorCount = row.Int(16),
            AcceleratorMemoryMib = row.Long(17),
            InstanceStoreDisks = row.Int(18),
            InstanceStoreDiskGb = row.Int(19),
            InstanceStoreKind = row.Text(20),
        };
    }

    private static InvalidOperationException Broken(Row row) => new($"The catalog has no network limits for {row.Text(0)}.");

    private readonly ref struct Row(ReadOnlySpan<byte> text, Range[] cells)
    {
        private readonly ReadOnlySpan<byte> text = text;

        public string? Text(int column)
        {
            var cell = text[cells[column]];
            return cell.IsEmpty ? null : Encoding.UTF8.GetString(cell);
        }

        public long? Long(int column) =>
            Utf8Parser.TryParse(text[cells[column]], out long number, out _) ? number : null;

        public int? Int(int column) => (int?)Long(column);
    }

    // Loaded when a type is first asked for, not before.
    private static class Table
    {
        public static readonly byte[] Bytes = EmbeddedTable.ReadAllBytes(typeof(InstanceCatalog).Assembly, "ec2-instance-types.tsv");

        /// <summary>Where the first line after the header begins.</summary>
        public static readonly int First = Bytes.AsSpan().IndexOf(LineEnd) + 1;
    }
}
