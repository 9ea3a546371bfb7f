using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>
/// Checks a partial KubeletConfiguration against what a kubelet of one minor accepts: names, types, values, and fields that
/// contradict each other. The kubelet ignores a wrong name in a drop-in without a word, and refuses to start for the rest.
/// </summary>
public static class KubeletConfigRules
{
    /// <summary>The apiVersion of the document.</summary>
    public const string ApiVersion = "kubelet.config.k8s.io/v1beta1";

    /// <summary>The kind of the document.</summary>
    public const string Kind = "KubeletConfiguration";

    /// <summary>Checks the document.</summary>
    /// <param name="config">The user's document: <c>spec.kubelet.config</c>.</param>
    /// <param name="kubelet">The kubelet's version; null when it is not known: what any known minor accepts is accepted.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="predicting">
    /// Whether what the kubelet would refuse is a warning: true for <c>join</c> and <c>plan</c>, which write as asked; false for
    /// <c>config validate</c>.
    /// </param>
    /// <param name="generated">
    /// The document that eksnode generates and that this one is laid over; null when it is not known. Fields that the user does
    /// not set are taken from it where fields contradict each other.
    /// </param>
    /// <param name="path">The setting that holds the document.</param>
    public static void Check(
        TreeMap config,
        SemanticVersion? kubelet,
        DiagnosticBag diagnostics,
        bool predicting = false,
        TreeMap? generated = null,
        string path = "spec.kubelet.config")
    {
        var run = new KubeletRun(kubelet, predicting, diagnostics);
        var types = new KubeletFieldTypes(run);
        foreach (var entry in config.Entries)
        {
            if (entry.Key is "apiVersion" or "kind")
            {
                TypeMeta(entry, entry.Key == "kind" ? Kind : ApiVersion, run, SettingPath.Child(path, entry.Key));
            }
            else
            {
                Entry(entry, "", path, run, types);
            }
        }

        KubeletFieldConflicts.Check(run.ReadsAnyCase ? Canonical(config, "") : config, generated, run, path);
    }

    private static void TypeMeta(TreeEntry entry, string expected, KubeletRun run, string path)
    {
        if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar || scalar.Text != expected)
        {
            run.Report(
                DiagnosticCatalogue.KubeletDocumentKind,
                $"The {entry.Key} of the kubelet's configuration is {SettingTypes.Describe(entry.Value, path)}; the kubelet reads `{expected}` only.",
                $"Write `{expected}`, or leave it out: eksnode adds it.",
                entry.Value.Origin,
                path);
        }
    }

    private static void Entry(TreeEntry entry, string parent, string parentPath, KubeletRun run, KubeletFieldTypes types)
    {
        var name = parent.Length == 0 ? entry.Key : $"{parent}.{entry.Key}";
        var path = SettingPath.Child(parentPath, entry.Key);
        var field = KubeletFields.Find(name);
        if (field is null && !entry.IsNotText)
        {
            Unknown(entry, parent, run, path);
            field = run.ReadsAnyCase && InAnyCase(parent, entry.Key) is { } canonical ? KubeletFields.Find(parent.Length == 0 ? canonical : $"{parent}.{canonical}") : null;
        }

        if (field is null)
        {
            return;
        }

        name = field.Path;

        if (run.Minor < field.First)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldTooNew,
                $"`{name}` begins with Kubernetes 1.{field.First}: {run.Name} ignores it.",
                "Leave it out, or use a newer image.",
                entry.KeyOrigin,
                path);
            return;
        }

        if (run.Minor > field.Last)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldRemoved,
                $"`{name}` ended with Kubernetes 1.{field.Last}: {run.Name} ignores it.",
                "Leave it out.",
                entry.KeyOrigin,
                path);
            return;
        }

        // In a map or list one entry of the wrong type does not hide what is wrong with the others.
        if (entry.Value is TreeScalar { Kind: ScalarKind.Null } || (!types.Check(field, entry.Value, path) && entry.Value is TreeScalar))
        {
            return;
        }

        Below(field, entry.Value, path, run, types);
        KubeletFieldValues.Check(field, entry.Value, run, path);
        if (field.Path == "featureGates" && entry.Value is TreeMap gates)
        {
            KubeletGates.Check(gates, run, path);
        }
    }

    private static void Below(KubeletField field, TreeNode value, string path, KubeletRun run, KubeletFieldTypes types)
    {
        if (value is TreeMap map && field.Type == "object" && KubeletFields.Names(field.Path).Count > 0)
        {
            foreach (var entry in map.Entries)
            {
                Entry(entry, field.Path, path, run, types);
            }
        }
        else if (value is TreeList list && field.Type == "list<object>" && KubeletFields.Names(field.Path + "[]").Count > 0)
        {
            for (var i = 0; i < list.Items.Length; i++)
            {
                foreach (var entry in list.Items[i] is TreeMap item ? item.Entries : [])
                {
                    Entry(entry, field.Path + "[]", SettingPath.Item(path, i), run, types);
                }
            }
        }
    }

    private static string? InAnyCase(string parent, string key) =>
        KubeletFields.Names(parent).FirstOrDefault(n => string.Equals(n, key, StringComparison.OrdinalIgnoreCase));

    // The document with its fields named as the kubelet takes them.
    private static TreeMap Canonical(TreeMap map, string parent)
    {
        var entries = new List<TreeEntry>();
        foreach (var entry in map.Entries)
        {
            var key = KubeletFields.Names(parent).Contains(entry.Key) ? entry.Key : InAnyCase(parent, entry.Key) ?? entry.Key;
            var name = parent.Length == 0 ? key : $"{parent}.{key}";
            entries.Add(entry with { Key = key, Value = entry.Value is TreeMap inner ? Canonical(inner, name) : entry.Value });
        }

        return new TreeMap([.. entries], map.Origin);
    }

    private static void Unknown(TreeEntry entry, string parent, KubeletRun run, string path)
    {
        var names = KubeletFields.Names(parent);
        var sameButForCase = InAnyCase(parent, entry.Key);
        var where = parent.Length == 0 ? "KubeletConfiguration" : $"`{parent}` of KubeletConfiguration";

        var readsAnyCase = sameButForCase is not null && run.ReadsAnyCase;
        string help;
        if (sameButForCase is not null)
        {
            help = $"Keys are case sensitive: did you mean `{sameButForCase}`?";
        }
        else if (KubeletFlags.Find("--" + entry.Key.TrimStart('-')) is { } flag && entry.Key.Contains('-', StringComparison.Ordinal))
        {
            help = KubeletFlags.FieldOf(flag.Name) is { } field
                ? $"That is the name of a flag: the field is `{field}`."
                : $"It is a flag: write `{flag.Name}=…` in `spec.kubelet.flags`.";
        }
        else if (KubeletFields.Elsewhere(entry.Key) is { } elsewhere)
        {
            help = $"It belongs in `{elsewhere}`.";
        }
        else if (parent.Length == 0 && KubeletFlags.Names.FirstOrDefault(n => n.Replace("-", "", StringComparison.Ordinal).Equals(entry.Key, StringComparison.OrdinalIgnoreCase)) is { } only)
        {
            help = $"It is a flag: write `{only}=…` in `spec.kubelet.flags`.";
        }
        else
        {
            help = Suggestions.DidYouMean(entry.Key, names, "Leave it out, or correct its name.");
        }

        run.Report(
            DiagnosticCatalogue.UnknownKubeletField,
            $"{where} has no field {Quoted.Text(entry.Key)}: {(readsAnyCase ? "only kubelets before 1.32 read it in spite of its case" : "the kubelet ignores it")}.",
            help,
            entry.KeyOrigin,
            path);
    }
}
