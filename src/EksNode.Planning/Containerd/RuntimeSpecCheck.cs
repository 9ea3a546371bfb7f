using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Containerd;

/// <summary>
/// Checks the user's part of the base runtime spec against the keys of the OCI runtime specification
/// (<c>data/oci-runtime-spec-keys.tsv</c>). containerd decodes the file as JSON into Go types: it ignores names that it does not
/// know, takes names without regard to case, and refuses a wrong type, after which no container starts.
/// </summary>
internal static class RuntimeSpecCheck
{
    private const string Prefix = "spec.containerd.baseRuntimeSpec";

    private static readonly Lazy<PathTree<string>> Keys = new(Read);

    /// <summary>Reports unknown names and wrong types.</summary>
    public static void Check(TreeMap user, DiagnosticBag diagnostics) => Map(user, Keys.Value, Prefix, diagnostics);

    private static void Map(TreeMap map, PathTree<string> keys, string path, DiagnosticBag diagnostics)
    {
        foreach (var entry in map.Entries)
        {
            var setting = $"{path}.{TomlPath.Format([entry.Key])}";
            var known = keys.Child(entry.Key)
                ?? (keys.Names.FirstOrDefault(n => string.Equals(n, entry.Key, StringComparison.OrdinalIgnoreCase)) is { } other ? keys.Child(other) : null);
            if (known?.Value is not { } type)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.RuntimeSpecKeyUnknown,
                    $"The OCI runtime spec has no key {setting[(Prefix.Length + 1)..]}; containerd ignores it.",
                    Suggestions.DidYouMean(entry.Key, keys.Names, "Check the name against the OCI runtime specification."),
                    entry.KeyOrigin,
                    setting);
            }
            else
            {
                Value(entry.Value, type, known, setting, diagnostics);
            }
        }
    }

    private static void Value(TreeNode value, string type, PathTree<string> keys, string path, DiagnosticBag diagnostics)
    {
        switch (type, value)
        {
            case (_, TreeScalar { Kind: ScalarKind.Null }):
            case ("map", TreeMap):
            case ("str", TreeScalar { Kind: ScalarKind.String }):
            case ("int", TreeScalar { Kind: ScalarKind.Integer }):
            case ("bool", TreeScalar { Kind: ScalarKind.Bool }):
                break;
            case ("table", TreeMap map):
                Map(map, keys, path, diagnostics);
                break;
            case ("tables" or "list" or "ints", TreeList list):
                var item = type switch { "tables" => "table", "list" => "str", _ => "int" };
                for (var i = 0; i < list.Items.Length; i++)
                {
                    Value(list.Items[i], item, keys, $"{path}[{i}]", diagnostics);
                }

                break;
            default:
                diagnostics.Report(
                    DiagnosticCatalogue.RuntimeSpecTypeWrong,
                    $"{path[(Prefix.Length + 1)..]} of the runtime spec must be {Expected(type)}, and it is {value.Describe()}; containerd will probably refuse it.",
                    $"Write {Expected(type)}.",
                    value.Origin,
                    path);
                break;
        }
    }

    private static string Expected(string type) => type switch
    {
        "str" => "a string",
        "int" => "an integer",
        "bool" => "a boolean",
        "list" => "a list of strings",
        "ints" => "a list of integers",
        "tables" => "a list of maps",
        _ => "a map",
    };

    private static PathTree<string> Read()
    {
        var keys = new PathTree<string>();
        foreach (var row in DataTable.Rows("oci-runtime-spec-keys.tsv"))
        {
            keys.Add(row[0].Split('.'), row[1]);
        }

        return keys;
    }
}
