using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks <c>reservedMemory</c>: what is kept of the memory of each NUMA node.</summary>
internal static class KubeletMemoryRules
{
    /// <summary>Checks kinds, amounts and that nothing is kept twice.</summary>
    public static void Check(TreeMap config, KubeletRun run, string path)
    {
        if (config["reservedMemory"] is not TreeList list)
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Length; i++)
        {
            var item = list.Items[i] as TreeMap;
            var node = item?["numaNode"] is TreeScalar { Kind: ScalarKind.Integer } number ? number.Text : "0";
            var limitsPath = SettingPath.Child(SettingPath.Item(SettingPath.Child(path, "reservedMemory"), i), "limits");
            foreach (var limit in (item?["limits"] as TreeMap)?.Entries ?? [])
            {
                var limitPath = SettingPath.Child(limitsPath, limit.Key);
                if (limit.Key != "memory" && !limit.Key.StartsWith("hugepages-", StringComparison.Ordinal))
                {
                    Refuse($"The kubelet keeps no {Quoted.Text(limit.Key)} for itself on a NUMA node: it refuses it.", "Write `memory` or `hugepages-2Mi`.", limit.KeyOrigin, limitPath);
                }
                else if (limit.Value is TreeScalar { Kind: ScalarKind.String or ScalarKind.Integer } amount
                    && Quantity.Parse(amount.Text).TryGet(out var quantity, out _) && quantity.Value == 0)
                {
                    Refuse($"`{limitPath}` is zero: the kubelet refuses it.", "Write an amount, or leave it out.", amount.Origin, limitPath);
                }
                else if (!seen.Add($"{node} {limit.Key}"))
                {
                    Refuse($"NUMA node {node} has `{limit.Key}` twice: the kubelet refuses it.", "Keep one of them.", limit.KeyOrigin, limitPath);
                }
            }
        }

        void Refuse(string message, string help, Origin origin, string at) => run.Report(DiagnosticCatalogue.KubeletFieldValue, message, help, origin, at);
    }
}
