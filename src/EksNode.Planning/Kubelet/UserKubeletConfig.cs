using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Kubelet;

/// <summary>The user's KubeletConfiguration, which the kubelet lays over the generated one.</summary>
internal static class UserKubeletConfig
{
    /// <summary>
    /// The drop-in: <c>spec.kubelet.config</c> with the kind and apiVersion that a drop-in needs, unless it has them itself; null when
    /// there is no such setting, or when it is the whole configuration (see <see cref="KubeletReplacement"/>).
    /// </summary>
    public static TreeMap? Of(NodeConfig config)
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
        return new TreeMap([.. defaults.Entries, .. user.Entries], user.Origin);
    }

    private static TreeEntry Entry(string key, string value)
    {
        var origin = Origin.Default("a drop-in names its kind");
        return new TreeEntry(key, origin, TreeScalar.Of(value, origin));
    }
}
