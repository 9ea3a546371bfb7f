using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The taints of <c>spec.taints</c>, wherever the kubelet takes its taints from. It reads them from one place alone: the flag
/// <c>--register-with-taints</c>, else the drop-in, else the generated configuration.
/// </summary>
internal static class NodeTaints
{
    /// <summary>The field of KubeletConfiguration.</summary>
    public const string Field = "registerWithTaints";

    private const string Flag = "--register-with-taints";

    /// <summary>The list for the generated configuration; null when there is no taint.</summary>
    public static TreeList? List(ImmutableArray<Sourced<Taint>> taints) =>
        taints.IsEmpty ? null : After(new TreeList([], taints[0].Origin), taints);

    /// <summary>The list with the taints behind it, but for those of a key and an effect that it has itself.</summary>
    public static TreeList After(TreeList list, ImmutableArray<Sourced<Taint>> taints)
    {
        List<TreeNode> items = [.. list.Items];
        foreach (var (taint, origin) in taints)
        {
            var isThere = false;
            foreach (var item in list.Items)
            {
                isThere |= item is TreeMap map && Text(map["key"]) == taint.Key && Text(map["effect"]) == taint.Effect;
            }

            if (!isThere)
            {
                items.Add(Map(taint, origin));
            }
        }

        return new TreeList(items.ToImmutable(), list.Origin);
    }

    /// <summary>
    /// The argument that follows the user's: when they have the flag, the kubelet takes no taint from anywhere else; and a configuration that
    /// replaces eksnode's gets nothing but what a node cannot join without, so that there, too, the taints are a flag, behind those of the
    /// configuration. Null otherwise, and when there is nothing to add.
    /// </summary>
    public static Sourced<string>? Argument(KubeletSettings kubelet, ImmutableArray<Sourced<Taint>> taints)
    {
        string? given = null;
        var note = "the taints of the flag before it, and those of `spec.taints`";
        foreach (var argument in KubeletArguments.Split(kubelet.Flags, ""))
        {
            given = argument.Name == Flag ? argument.Value ?? "" : given;
        }

        if (given is null && kubelet.Replaces)
        {
            given = TextOf(kubelet.Config?[Field] as TreeList);
            note = "`spec.taints`, behind the taints of the configuration that replaces eksnode's: the flag wins over it";
        }

        if (given is null || taints.IsEmpty)
        {
            return null;
        }

        var all = given;
        foreach (var (taint, _) in taints)
        {
            if (!Has(given, taint))
            {
                all += Separated(all, taint.Key, taint.Value, taint.Effect);
            }
        }

        return all == given ? null : new Sourced<string>($"{Flag}={all}", taints[0].Origin.Because(note));
    }

    // A list of the configuration as the flag has it.
    private static string TextOf(TreeList? list)
    {
        var all = "";
        foreach (var item in list?.Items ?? [])
        {
            all += item is TreeMap map ? Separated(all, Text(map["key"]), Text(map["value"]), Text(map["effect"])) : "";
        }

        return all;
    }

    private static string Separated(string before, string? key, string? value, string? effect) =>
        $"{(before.Length == 0 ? "" : ",")}{key}{(string.IsNullOrEmpty(value) ? "" : "=" + value)}:{effect}";

    private static bool Has(string given, Taint taint)
    {
        foreach (var text in given.Split(','))
        {
            if (Taint.Parse(text).TryGet(out var there, out _) && there.Key == taint.Key && there.Effect == taint.Effect)
            {
                return true;
            }
        }

        return false;
    }

    private static string? Text(TreeNode? node) => (node as TreeScalar)?.Text;

    private static TreeMap Map(Taint taint, Origin origin)
    {
        var entries = new List<TreeEntry> { new("effect", origin, TreeScalar.Of(taint.Effect, origin)), new("key", origin, TreeScalar.Of(taint.Key, origin)) };
        if (taint.Value.Length > 0)
        {
            entries.Add(new TreeEntry("value", origin, TreeScalar.Of(taint.Value, origin)));
        }

        return new TreeMap(entries, origin);
    }
}
