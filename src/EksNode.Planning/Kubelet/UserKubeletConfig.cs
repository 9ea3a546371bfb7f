using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Kubelet;

/// <summary>The user's KubeletConfiguration, which the kubelet lays over the generated one.</summary>
internal static class UserKubeletConfig
{
    /// <summary>
    /// The drop-in: <c>spec.kubelet.config</c> with the kind and apiVersion that a drop-in needs, unless it has them itself; null when
    /// there is no such setting, or when it is the whole configuration (see <see cref="KubeletReplacement"/>).
    /// </summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="taints">
    /// The taints of <c>spec.taints</c>. A list in a drop-in replaces that of the generated configuration, so they follow those that it has.
    /// </param>
    public static TreeMap? Of(NodeConfig config, ImmutableArray<Sourced<Taint>> taints)
    {
        if (config.Kubelet.Replaces || config.Kubelet.Config is not { Entries.IsEmpty: false } user)
        {
            return null;
        }

        var defaults = new TreeMap(
            [
                Entry("apiVersion", "kubelet.config.k8s.io/v1beta1"),
                Entry("kind", "KubeletConfiguration"),
            ],
            Origin.Default("a drop-in names its kind"));
        return new TreeMap([.. defaults.Entries, .. user.Entries.Select(e => WithTaints(e, taints))], user.Origin);
    }

    private static TreeEntry WithTaints(TreeEntry entry, ImmutableArray<Sourced<Taint>> taints) =>
        entry.Key == NodeTaints.Field && entry.Value is TreeList list ? entry with { Value = NodeTaints.After(list, taints) } : entry;

    private static TreeEntry Entry(string key, string value)
    {
        var origin = Origin.Default("a drop-in names its kind");
        return new TreeEntry(key, origin, TreeScalar.Of(value, origin));
    }
}
