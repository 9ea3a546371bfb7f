using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// Checks the shape of a partial OCI runtime spec: containerd decodes it into typed structures, and no container starts with
/// one that it cannot decode. Names that the specification lacks are ignored by containerd.
/// </summary>
public static class RuntimeSpecRules
{
    private static readonly Lazy<Dictionary<string, string>> Types = new(() =>
        DataTable.Rows("oci-runtime-spec-fields.tsv").ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal));

    /// <summary>Checks the document.</summary>
    /// <param name="spec">The user's document: <c>spec.containerd.baseRuntimeSpec</c>.</param>
    /// <param name="path">The setting that holds it.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Check(TreeMap spec, string path, DiagnosticBag diagnostics) => Fields(spec, "", path, diagnostics);

    private static void Fields(TreeMap map, string parent, string parentPath, DiagnosticBag diagnostics)
    {
        var names = Names(parent);
        foreach (var entry in names.Count == 0 ? [] : map.Entries)
        {
            var name = parent.Length == 0 ? entry.Key : $"{parent}.{entry.Key}";
            var path = SettingPath.Child(parentPath, entry.Key);
            if (Types.Value.TryGetValue(name, out var type))
            {
                if (entry.Value is not TreeScalar { Kind: ScalarKind.Null })
                {
                    Value(type, entry.Value, name, path, diagnostics);
                }

                continue;
            }

            var same = names.Find(n => string.Equals(n, entry.Key, StringComparison.OrdinalIgnoreCase));
            diagnostics.Report(
                DiagnosticCatalogue.RuntimeSpecUnknownKey,
                $"{(parent.Length == 0 ? "An OCI runtime spec" : $"`{parent}` of an OCI runtime spec")} has no field {Quoted.Text(entry.Key)}: containerd ignores it.",
                same is not null
                    ? $"Keys are case sensitive: did you mean `{same}`?"
                    : Suggestions.DidYouMean(entry.Key, names, "Leave it out, or correct its name."),
                entry.KeyOrigin,
                path);
        }
    }

    private static void Value(string type, TreeNode value, string name, string path, DiagnosticBag diagnostics)
    {
        switch (type, value)
        {
            case ("object", TreeMap map):
                Fields(map, name, path, diagnostics);
                break;
            case ("map<string>", TreeMap map):
                foreach (var entry in map.Entries)
                {
                    Value("string", entry.Value, name, SettingPath.Child(path, entry.Key), diagnostics);
                }

                break;
            case ("list<object>" or "list<string>" or "list<int>", TreeList list):
                for (var i = 0; i < list.Items.Length; i++)
                {
                    Value(type[5..^1], list.Items[i], name + "[]", SettingPath.Item(path, i), diagnostics);
                }

                break;
            case ("bool", TreeScalar { Kind: ScalarKind.Bool }) or ("int", TreeScalar { Kind: ScalarKind.Integer })
                or ("string", TreeScalar { Kind: ScalarKind.String }):
                break;
            case var (words, scalar) when words.StartsWith("enum:", StringComparison.Ordinal) && scalar is TreeScalar { Kind: ScalarKind.String } word:
                Choice(words[5..].Split('|'), word, path, diagnostics);
                break;
            default:
                Wrong(type, value, path, diagnostics);
                break;
        }
    }

    private static void Choice(string[] words, TreeScalar word, string path, DiagnosticBag diagnostics)
    {
        if (!words.Contains(word.Text))
        {
            var prefixed = Array.Find(words, w => w.EndsWith("_" + word.Text, StringComparison.OrdinalIgnoreCase));
            diagnostics.Report(
                DiagnosticCatalogue.BadChoice,
                $"`{path}` has the value {Quoted.Text(word.Text)}, which an OCI runtime does not know.",
                prefixed is not null
                    ? $"Did you mean `{prefixed}`?"
                    : Suggestions.DidYouMean(word.Text, words, $"Write one of {string.Join(", ", words.Select(w => $"`{w}`"))}."),
                word.Origin,
                path);
        }
    }

    private static void Wrong(string type, TreeNode value, string path, DiagnosticBag diagnostics)
    {
        var (expected, help) = type switch
        {
            "bool" => ("`true` or `false`", "Write `true` or `false` without quotes."),
            "int" => ("an integer", "Write a whole number without quotes."),
            "object" or "map<string>" => ("a map", "Write its fields below it, indented."),
            "list<object>" or "list<string>" or "list<int>" => ("a list", "Write each item on a line of its own: `- item`."),
            _ => ("a string", value is TreeScalar scalar ? SettingTypes.QuoteHelp(scalar) : "Write one value in quotes."),
        };
        diagnostics.Report(
            DiagnosticCatalogue.RuntimeSpecType,
            $"`{path}` must be {expected}, but it is {SettingTypes.Describe(value)}: no container would start.",
            help,
            value.Origin,
            path);
    }

    private static List<string> Names(string parent)
    {
        var names = new List<string>();
        foreach (var path in Types.Value.Keys)
        {
            var dot = path.LastIndexOf('.');
            if ((dot < 0 ? "" : path[..dot]) == parent)
            {
                names.Add(path[(dot + 1)..]);
            }
        }

        return names;
    }
}
