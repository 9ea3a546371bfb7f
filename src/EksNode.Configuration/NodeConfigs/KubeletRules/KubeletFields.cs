namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>A field of KubeletConfiguration.</summary>
/// <param name="Path">Its dotted path; items of a list are <c>[]</c>: <c>registerWithTaints[].key</c>.</param>
/// <param name="Type">Its type, as the table names it: <c>int</c>, <c>map&lt;string&gt;</c>, <c>enum:a|b</c>.</param>
/// <param name="First">The first minor that has it; 0: all.</param>
/// <param name="Last">The last minor that has it; null: the newest one still has it.</param>
internal sealed record KubeletField(string Path, string Type, int First, int? Last);

/// <summary>The fields of KubeletConfiguration v1beta1 by minor.</summary>
internal static class KubeletFields
{
    private static readonly Lazy<Tables> Loaded = new(() => new Tables());

    /// <summary>The field of a path, or null when no kubelet has it.</summary>
    public static KubeletField? Find(string path) => Loaded.Value.ByPath.GetValueOrDefault(path);

    /// <summary>The names below a path (empty: the document's own); empty when the table says nothing about them.</summary>
    public static IReadOnlyList<string> Names(string parent) => Loaded.Value.ByParent.GetValueOrDefault(parent) ?? [];

    /// <summary>The path of the only field that has this last name, for a key in the wrong place; null when there is none or several.</summary>
    public static string? Elsewhere(string name)
    {
        var suffix = "." + name;
        string? found = null;
        foreach (var path in Loaded.Value.ByPath.Keys)
        {
            if (path == name || path.EndsWith(suffix, StringComparison.Ordinal))
            {
                if (found is not null)
                {
                    return null;
                }

                found = path;
            }
        }

        return found;
    }

    private sealed class Tables
    {
        public Tables()
        {
            foreach (var row in DataTable.Rows("kubelet-configuration-fields.tsv"))
            {
                ByPath.Add(row[0], new KubeletField(row[0], row[1], DataTable.Minor(row[3]) ?? 0, DataTable.LastMinorOf(row[4])));
                var dot = row[0].LastIndexOf('.');
                var parent = dot < 0 ? "" : row[0][..dot];
                if (!ByParent.TryGetValue(parent, out var names))
                {
                    ByParent.Add(parent, names = []);
                }

                names.Add(row[0][(dot + 1)..]);
            }
        }

        public Dictionary<string, KubeletField> ByPath { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, List<string>> ByParent { get; } = new(StringComparer.Ordinal);
    }
}
