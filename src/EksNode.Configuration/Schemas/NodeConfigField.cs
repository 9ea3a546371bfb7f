using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Schemas;

/// <summary>A setting of a NodeConfig or an ImageConfig, as the table of its kind lists it: <c>data/nodeconfig-fields.tsv</c>, <c>data/imageconfig-fields.tsv</c>.</summary>
/// <param name="Path">Its path: <c>spec.taints[].key</c>; <c>*</c> is any key of a map.</param>
/// <param name="Types">What it may be: <c>string</c>, <c>int</c>, <c>list</c> (of strings) …</param>
/// <param name="Values">The words that it may be, when they are fixed.</param>
/// <param name="Default">What counts when it is not set: a value, or a few words where it is none or not the same for every node.</param>
/// <param name="IsOwn">Whether only <c>eksnode.io/v1alpha1</c> has it.</param>
/// <param name="Description">One sentence.</param>
public sealed record NodeConfigField(
    string Path, ImmutableArray<string> Types, ImmutableArray<string> Values, string Default, bool IsOwn, string Description)
{
    /// <summary>The default as a value, where the table has one and no words about it; else null.</summary>
    public TreeNode? Constant
    {
        get
        {
            var origin = Origin.Default("the table of settings");
            foreach (var type in Types)
            {
                switch (type)
                {
                    case "bool" when Default is "true" or "false":
                        return TreeScalar.Of(Default == "true", origin);
                    case "int" when long.TryParse(Default, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                        return TreeScalar.Of(number, origin);
                    case "list" when !Values.IsEmpty && Default.Split(", ").All(w => Values.Contains(w)):
                        return new TreeList([.. Default.Split(", ").Select(w => (TreeNode)TreeScalar.Of(w, origin))], origin);
                    case "path" when Default.StartsWith('/'):
                    case "duration" when GoDuration.Parse(Default).IsValid:
                    case "string" when Values.Contains(Default):
                        return TreeScalar.Of(Default, origin);
                }
            }

            return null;
        }
    }

    /// <summary>All settings, in the order of the table.</summary>
    public static ImmutableArray<NodeConfigField> All() => Of("nodeconfig-fields.tsv");

    /// <summary>All settings of an ImageConfig, in the order of <c>data/imageconfig-fields.tsv</c>.</summary>
    public static ImmutableArray<NodeConfigField> OfImageConfig() => Of("imageconfig-fields.tsv");

    private static ImmutableArray<NodeConfigField> Of(string table)
    {
        var fields = new List<NodeConfigField>();
        foreach (var row in DataTable.Rows(table))
        {
            fields.Add(new NodeConfigField(row[0], Split(row[1]), Split(row[2]), row[3], row[4] == "own", row[5]));
        }

        return fields.ToImmutable();
    }

    private static ImmutableArray<string> Split(string cell) => cell.Length == 0 ? [] : [.. cell.Split('|')];
}
