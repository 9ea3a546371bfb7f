using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>The kubelet's feature gates by minor.</summary>
public static class KubeletGates
{
    private static readonly Lazy<SortedMap<string[]>> Table = new(() =>
    {
        var gates = SortedMap.Empty<string[]>().ToBuilder();
        foreach (var row in DataTable.Rows("kubelet-feature-gates.tsv"))
        {
            gates[row[0]] = row;
        }

        return gates.ToImmutable();
    });

    private static readonly Lazy<ImmutableArray<string[]>> RuleRows = new(() => DataTable.Rows("kubelet-gate-rules.tsv"));

    /// <summary>Whether any kubelet of the table knows the gate.</summary>
    public static bool IsKnown(string name) => Table.Value.ContainsKey(name);

    /// <summary>Whether a minor accepts the gate: a kubelet does not start with one that it does not know. What the table does not tell is accepted.</summary>
    /// <param name="name">The gate.</param>
    /// <param name="minor">The minor of Kubernetes 1.</param>
    public static bool Accepts(string name, int minor) => Stage(name, Math.Clamp(minor, DataTable.FirstMinor, DataTable.LastMinor)) is not "-";

    /// <summary>Whether the gate is on by default in a minor; null when the table does not say.</summary>
    public static bool? Default(string name, int minor) => Stage(name, Math.Clamp(minor, DataTable.FirstMinor, DataTable.LastMinor)) switch
    {
        null or "-" or "known" or "DEPRECATED" => null,
        "GA" or "GA locked" => true,
        var stage => stage.EndsWith("true", StringComparison.Ordinal),
    };

    /// <summary>Whether a gate is on when nothing sets it: one that graduated is, whether a minor still has it or not.</summary>
    internal static bool IsOn(string name, int minor)
    {
        // What an older kubelet than those of the table has on is not known to be off.
        minor = Math.Max(minor, DataTable.FirstMinor);
        if (Stage(name, minor) is not (null or "-"))
        {
            return Default(name, minor) ?? Stage(name, minor) == "known";
        }

        for (var earlier = DataTable.FirstMinor; earlier < minor; earlier++)
        {
            if (Stage(name, earlier) is not (null or "-"))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The gate that switches all gates of a gate's stage: <c>AllAlpha</c>, <c>AllBeta</c>; null when there is none.</summary>
    internal static string? GroupOf(string name, int minor) =>
        Stage(name, minor) is not { } stage ? null
        : stage.StartsWith("ALPHA", StringComparison.Ordinal) ? "AllAlpha"
        : stage.StartsWith("BETA", StringComparison.Ordinal) ? "AllBeta"
        : null;

    /// <summary>The gates that need another one in a minor: (gate, what it needs).</summary>
    internal static IEnumerable<(string Gate, string Needed)> Needs(int minor)
    {
        foreach (var row in RuleRows.Value)
        {
            if (row[1] == "needs" && Holds(row, minor))
            {
                yield return (row[0], row[2]);
            }
        }
    }

    /// <summary>The value to which a minor locks a gate; null when it may be changed.</summary>
    internal static bool? LockedTo(string name, int minor)
    {
        foreach (var row in RuleRows.Value)
        {
            if (row[0] == name && row[1] == "locked" && Holds(row, minor))
            {
                return row[2] == "true";
            }
        }

        return null;
    }

    private static bool Holds(string[] row, int minor) =>
        minor >= (DataTable.Minor(row[3]) ?? 0) && minor <= (DataTable.Minor(row[4]) ?? int.MaxValue);

    /// <summary>Checks one gate of a document or a flag.</summary>
    internal static void Check(string name, bool? value, KubeletRun run, Origin origin, string path)
    {
        if (!Table.Value.ContainsKey(name))
        {
            if (NodeConfigReader.FeatureGates.Contains(name))
            {
                run.Report(
                    DiagnosticCatalogue.UnknownKubeletGate,
                    $"`{name}` is not a feature gate of the kubelet.",
                    "It is one of eksnode: it belongs in `spec.featureGates`.",
                    origin,
                    path,
                    byTable: true);
                return;
            }

            run.Report(
                DiagnosticCatalogue.UnknownKubeletGate,
                $"No kubelet of Kubernetes 1.{DataTable.FirstMinor} to 1.{DataTable.LastMinor} has the feature gate {Quoted.Text(name)}; it refuses to start with an unknown one.",
                Suggestions.DidYouMean(name, Table.Value.Keys, "Take the gate out, or correct its name."),
                origin,
                path,
                byTable: true);
            return;
        }

        if (run.TableMinor is not { } minor || run.IsNewer)
        {
            return;
        }

        if (Stage(name, minor) == "-")
        {
            run.Report(
                DiagnosticCatalogue.UnknownKubeletGate,
                $"{Sentence(run.Name)} does not know the feature gate `{name}`; it refuses to start with an unknown one.",
                FirstMinorOf(name, minor) is { } first ? $"The gate begins with Kubernetes 1.{first}: take it out until then." : "The gate was removed: take it out.",
                origin,
                path,
                byTable: true);
        }
        else if (LockedTo(name, minor) is { } locked && value == !locked)
        {
            run.Report(
                DiagnosticCatalogue.LockedKubeletGate,
                $"The feature gate `{name}` is locked to {(locked ? "true" : "false")} in {run.Name}, which refuses to start with another value.",
                "Take the gate out.",
                origin,
                path,
                byTable: true);
        }
    }

    /// <summary>Checks the map of gates of a document; the types were checked before.</summary>
    internal static void Check(TreeMap gates, KubeletRun run, string path)
    {
        foreach (var entry in gates.Entries)
        {
            bool? value = entry.Value is TreeScalar { Kind: ScalarKind.Bool } scalar ? scalar.Text == "true" : null;
            Check(entry.Key, value, run, entry.KeyOrigin, SettingPath.Child(path, entry.Key));
        }
    }

    private static string Sentence(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string? Stage(string name, int minor)
    {
        var column = minor - DataTable.FirstMinor + 1;
        return Table.Value.TryGetValue(name, out var row) && column >= 1 && column < row.Length ? row[column] : null;
    }

    private static int? FirstMinorOf(string name, int after)
    {
        for (var minor = after + 1; minor <= DataTable.LastMinor; minor++)
        {
            if (Stage(name, minor) is not (null or "-"))
            {
                return minor;
            }
        }

        return null;
    }
}
