using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Which labels a kubelet may set for its own node.</summary>
public static class NodeLabels
{
    private static readonly Lazy<(HashSet<string> Keys, List<string> Prefixes)> Allowed = new(() =>
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var prefixes = new List<string>();
        foreach (var row in DataTable.Rows("kubelet-node-labels.tsv"))
        {
            if (row[1] == "key")
            {
                keys.Add(row[0]);
            }
            else
            {
                prefixes.Add(row[0]);
            }
        }

        return (keys, prefixes);
    });

    /// <summary>
    /// Whether a kubelet may set the label: any label outside of <c>kubernetes.io</c> and <c>k8s.io</c>, and inside only those
    /// of the table. The kubelet refuses to start with another one.
    /// </summary>
    public static bool MayBeSet(Label label)
    {
        var prefix = label.Prefix;
        return !(IsUnder(prefix, "kubernetes.io") || IsUnder(prefix, "k8s.io"))
            || Allowed.Value.Keys.Contains(label.Key)
            || Allowed.Value.Prefixes.Exists(allowed => IsUnder(prefix, allowed));
    }

    private static bool IsUnder(string prefix, string domain) =>
        prefix == domain || prefix.EndsWith("." + domain, StringComparison.Ordinal);
}
