using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The kubelet's command line: what KubeletConfiguration has no field for, in a fixed order, then the user's arguments. The kubelet
/// takes the last of two flags with one value, so the user's win; <c>--node-labels</c> it collects from all of them.
/// </summary>
internal static class KubeletFlags
{
    /// <summary>The arguments, in order.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="decisions">What was decided for the node.</param>
    /// <param name="provider">The program for credentials of images.</param>
    /// <param name="outdone">Gets the arguments that are left out, because a flag of the user's says something else of the same.</param>
    /// <param name="diagnostics">Gets what is wrong.</param>
    public static IReadOnlyList<Sourced<string>> Of(
        NodeConfig config, NodeDecisions decisions, ProviderProgram provider, List<Sourced<string>> outdone, DiagnosticBag diagnostics)
    {
        var flags = new List<Sourced<string>>();
        Add("config", NodePaths.KubeletConfig, Origin.Default("the generated configuration"));
        if (UserKubeletConfig.Of(config, decisions.Taints) is { } user)
        {
            Add("config-dir", NodePaths.KubeletConfigDropIns, user.Origin.Because("`spec.kubelet.config` is a drop-in over the generated configuration"));
        }

        Add("kubeconfig", NodePaths.Kubeconfig, Origin.Default("how the kubelet reaches the API server"));
        if (decisions.OnOutpost.Value)
        {
            Add("bootstrap-kubeconfig", NodePaths.BootstrapKubeconfig, decisions.OnOutpost.Origin.Because("a client certificate works while the Outpost is disconnected"));
        }

        Add("cloud-provider", "external", Origin.Default("the cloud controller runs in the EKS control plane"));
        Add("hostname-override", decisions.NodeName.Value, decisions.NodeName.Origin);
        Add("node-ip", decisions.NodeIp.Value, decisions.NodeIp.Origin);
        Add("image-credential-provider-bin-dir", provider.Folder, provider.Origin);
        Add("image-credential-provider-config", NodePaths.ImageCredentialProviderConfig, Origin.Default("which images the credential provider is asked for"));
        Add("runtime-cgroups", "/runtime.slice/containerd.service", Origin.Default("the cgroup of containerd, which runs in runtime.slice"));
        if (decisions.NvidiaDevice.Value && decisions.KubeletVersion.Value.AtLeast(1, 35))
        {
            Add("node-labels", "nvidia.com/gpu.present=true", decisions.NvidiaDevice.Origin);
        }

        var own = UserArguments.Of(config.Kubelet.Flags, diagnostics).ToList();
        var labelled = KubeletArguments.NodeLabels(KubeletArguments.Split(UserArguments.Quoted([.. own]), ""));
        foreach (var (key, value) in decisions.Labels)
        {
            // The kubelet lets the later of two values of a label win, and the user's own flags come last.
            if (labelled.Any(label => label.Key == key))
            {
                outdone.Add(new Sourced<string>($"--node-labels={key}={value.Value}", value.Origin));
            }
            else
            {
                Add("node-labels", $"{key}={value.Value}", value.Origin);
            }
        }

        flags.AddRange(own);
        if (NodeTaints.Argument(config.Kubelet, decisions.Taints) is { } taints)
        {
            flags.Add(taints);
        }

        return flags;

        void Add(string name, string value, Origin origin) => flags.Add(new Sourced<string>($"--{name}={value}", origin));
    }

    /// <summary>The reasons of the arguments, by the names of their flags.</summary>
    public static IEnumerable<Reason> ReasonsOf(IEnumerable<Sourced<string>> arguments)
    {
        foreach (var argument in arguments)
        {
            var text = argument.Value.TrimStart('-');
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (text, "") : (text[..equals], text[(equals + 1)..]);
            yield return Reasons.Of("kubelet.flags." + name, name, value, argument.Origin);
        }
    }
}
