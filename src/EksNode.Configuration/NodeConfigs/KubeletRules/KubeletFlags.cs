using System.Collections.Immutable;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>A flag of the kubelet.</summary>
/// <param name="Name">Its name with dashes: <c>--node-labels</c>.</param>
/// <param name="Type">The type of its value, as the kubelet's help names it.</param>
/// <param name="InConfigFile">Whether its help says that it should be set in the configuration file.</param>
/// <param name="Deprecated">Whether its help calls it deprecated.</param>
/// <param name="First">The first minor that has it; 0: all of the table.</param>
/// <param name="Last">The last minor that has it; null: the newest one still has it.</param>
internal sealed record KubeletFlag(string Name, string Type, bool InConfigFile, bool Deprecated, int First, int? Last)
{
    /// <summary>Whether the flag stands alone: <c>--fail-swap-on</c>. The help names the type of a switch <c>RuntimeDefault</c>.</summary>
    public bool IsSwitch => Type is "bool" or "RuntimeDefault" || Name is "--help" or "--version";
}

/// <summary>The flags of the kubelet by minor.</summary>
internal static class KubeletFlags
{
    private static readonly Lazy<Dictionary<string, KubeletFlag>> Table = new(() =>
    {
        var flags = new Dictionary<string, KubeletFlag>(StringComparer.Ordinal);
        foreach (var row in DataTable.Rows("kubelet-flags.tsv"))
        {
            flags.Add(row[0], new KubeletFlag(row[0], row[1], row[3] == "yes", row[4] == "yes", DataTable.Minor(row[5]) is { } first && first > DataTable.FirstMinor ? first : 0, DataTable.LastMinorOf(row[6])));
        }

        return flags;
    });

    // Name, minor, what to do.
    private static readonly Lazy<ImmutableArray<string[]>> Removed = new(() => DataTable.Rows("kubelet-removed-flags.tsv"));

    /// <summary>The names of all flags of any minor.</summary>
    public static IReadOnlyCollection<string> Names => Table.Value.Keys;

    /// <summary>The field of the configuration file that a flag sets, or null when the table of defaults names none.</summary>
    /// <param name="flag">The flag, with dashes.</param>
    public static string? FieldOf(string flag)
    {
        foreach (var row in DataTable.Rows("kubelet-defaults.tsv"))
        {
            if (flag.AsSpan(2).SequenceEqual(row[7]))
            {
                return row[0];
            }
        }

        return null;
    }

    /// <summary>The flag of a name, or null when no kubelet of the table has it.</summary>
    public static KubeletFlag? Find(string name) => Table.Value.GetValueOrDefault(name);

    /// <summary>Of a flag that kubelets once had: the minor since which none has it, and what to do instead; null when it is no such flag.</summary>
    public static (int GoneSince, string Instead)? FindRemoved(string name)
    {
        foreach (var row in Removed.Value)
        {
            if (row[0] == name)
            {
                return (DataTable.Minor(row[1]) ?? 0, row[2]);
            }
        }

        return null;
    }
}
