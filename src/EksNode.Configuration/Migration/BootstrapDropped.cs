using EksNode.Configuration.Text;

namespace EksNode.Configuration.Migration;

/// <summary>Says which arguments of <c>bootstrap.sh</c> have no counterpart, and what to do instead.</summary>
internal static class BootstrapDropped
{
    private const string Pause = "the sandbox image is the one of the node's image";

    private const string PauseHelp = "Leave it so; for another one set it in spec.containerd.config (sandbox under plugins.'io.containerd.cri.v1.images'.pinned_images).";

    /// <summary>Reports them.</summary>
    public static void Report(BootstrapArguments arguments, DiagnosticBag bag)
    {
        Drop("--container-runtime", v => v != "containerd", "the node runs containerd", "Move what needs Docker's socket to containerd or to a build service.");
        Drop(
            "--docker-config-json", _ => true, "there is no Docker to configure",
            "Log sizes are containerLogMaxSize and containerLogMaxFiles in spec.kubelet.config; registry mirrors belong into spec.containerd.config.");
        Drop("--enable-docker-bridge", v => v == "true", "there is no Docker and no bridge of it", "Use the network of a pod, or the host's.");
        Drop(
            "--containerd-config-file", _ => true, "a NodeConfig holds containerd's settings itself",
            "Put what differs from the default configuration into spec.containerd.config.");
        Drop("--pause-container-account", _ => true, Pause, PauseHelp);
        Drop("--pause-container-version", _ => true, Pause, PauseHelp);
        Drop(
            "--aws-api-retry-attempts", _ => true, "calls of AWS are tried 30 times anyway",
            "For another number set AWS_MAX_ATTEMPTS in spec.instance.environment.default.");
        Drop("--mount-bpf-fs", v => v == "false", "systemd mounts the BPF file system on every node", "Mask sys-fs-bpf.mount in the image if it must not be there.");
        Drop("--enable-local-outpost", v => v is not ("true" or "false"), "it is neither true nor false", "Set spec.cluster.enableOutpost to true on an Outpost.");
        Drop("--use-max-pods", v => v is not ("true" or "false"), "it is neither true nor false", "Set maxPods in spec.kubelet.config if the number is not to be computed.");
        var ipv6 = arguments["--ip-family"] is { } family && family.Text.Equals("ipv6", StringComparison.OrdinalIgnoreCase);
        if (ipv6 && arguments["--service-ipv6-cidr"] is null)
        {
            Drop(
                "--ip-family", _ => true, "the family of a node follows from spec.cluster.cidr",
                "Write the service CIDR of the cluster there: `aws eks describe-cluster` shows it as serviceIpv6Cidr.");
        }

        void Drop(string name, Func<string, bool> matters, string why, string help)
        {
            if (arguments[name] is { } value && matters(value.Text))
            {
                bag.Report(DiagnosticCatalogue.BootstrapArgumentDropped, $"{name} is left out: {why}.", help, value.Origin);
            }
        }
    }
}
