using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;

namespace EksNode.Configuration.Schemas;

/// <summary>A setting of a NodeConfig, as <c>data/nodeconfig-fields.tsv</c> lists it.</summary>
/// <param name="Path">Its path: <c>spec.taints[].key</c>; <c>*</c> is any key of a map.</param>
/// <param name="Types">What it may be: <c>string</c>, <c>int</c>, <c>list</c> (of strings) …</param>
/// <param name="Values">The words that it may be, when they are fixed.</param>
/// <param name="Default">What counts when it is not set, for people; empty: nothing does.</param>
/// <param name="IsOwn">Whether only <c>eksnode.io/v1alpha1</c> has it.</param>
/// <param name="Description">One sentence.</param>
public sealed record NodeConfigField(
    string Path, ImmutableArray<string> Types, ImmutableArray<string> Values, string Default, bool IsOwn, string Description)
{
    /// <summary>All settings, in the order of the table.</summary>
    public static ImmutableArray<NodeConfigField> All()
    {
        var fields = ImmutableArray.CreateBuilder<NodeConfigField>();
        foreach (var row in DataTable.Rows("nodeconfig-fields.tsv"))
        {
            fields.Add(new NodeConfigField(row[0], Split(row[1]), Split(row[2]), row[3], row[4] == "own", row[5]));
        }

        return fields.ToImmutable();
    }

    private static ImmutableArray<string> Split(string cell) => cell.Length == 0 ? [] : [.. cell.Split('|')];
}
