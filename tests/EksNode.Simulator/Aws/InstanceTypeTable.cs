using System.Globalization;

namespace EksNode.Simulation.Aws;

/// <summary>The EC2 instance types that <c>data/ec2-instance-types.tsv</c> lists, and those that the options add.</summary>
internal static class InstanceTypeTable
{
    private static readonly Lazy<IReadOnlyDictionary<string, InstanceTypeRow>> Rows = new(Read);

    /// <summary>The type of the instance; null when no table knows it.</summary>
    public static InstanceTypeRow? Find(SimulatorOptions options) => Find(options, options.InstanceType);

    public static InstanceTypeRow? Find(SimulatorOptions options, string name) =>
        options.InstanceTypes.FirstOrDefault(row => row.Name == name) ?? Rows.Value.GetValueOrDefault(name);

    private static Dictionary<string, InstanceTypeRow> Read()
    {
        var rows = new Dictionary<string, InstanceTypeRow>(StringComparer.Ordinal);
        using var stream = typeof(InstanceTypeTable).Assembly.GetManifestResourceStream("ec2-instance-types.tsv");
        if (stream is null)
        {
            return rows;
        }

        using var reader = new StreamReader(stream);
        string[]? header = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var cells = line.Split('\t');
            if (header is null)
            {
                header = cells;
                continue;
            }

            string Cell(string column) => Array.IndexOf(header, column) is >= 0 and var index && index < cells.Length ? cells[index] : "";
            int Number(string column) => int.TryParse(Cell(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

            var name = Cell("instance_type");
            rows[name] = new InstanceTypeRow(
                name, Cell("arch"), Number("vcpus"), Number("memory_mib"), Number("default_card_max_enis"), Number("ipv4_per_eni"))
            {
                NetworkCards = Math.Max(1, Number("network_cards")),
                TotalEnis = Math.Max(Number("total_max_enis"), Number("default_card_max_enis")),
                Ipv6PerEni = Number("ipv6_per_eni"),
                Hypervisor = Cell("hypervisor"),
                BareMetal = Cell("bare_metal") == "true",
            };
        }

        return rows;
    }
}
