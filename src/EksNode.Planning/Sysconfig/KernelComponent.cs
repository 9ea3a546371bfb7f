using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary><c>spec.kernel</c>: settings and modules of the kernel, in the files that systemd reads at boot, and in the running kernel.</summary>
public sealed class KernelComponent : IComponent
{
    /// <summary>The file that systemd-sysctl reads at boot.</summary>
    public const string SysctlPath = "/etc/sysctl.d/90-eksnode.conf";

    /// <summary>The file that systemd-modules-load reads at boot.</summary>
    public const string ModulesPath = "/etc/modules-load.d/eksnode.conf";

    // What a kubelet with `protectKernelDefaults: true` wants to find, else it does not start (Kubernetes documentation, "Reserve Compute
    // Resources"; kubelet flag reference, --protect-kernel-defaults).
    private static readonly (string Name, string Value)[] KubeletWants =
    [
        ("vm.overcommit_memory", "1"),
        ("vm.panic_on_oom", "0"),
        ("kernel.panic", "10"),
        ("kernel.panic_on_oops", "1"),
        ("kernel.keys.root_maxkeys", "1000000"),
        ("kernel.keys.root_maxbytes", "25000000"),
    ];

    /// <inheritdoc/>
    public string Name => "kernel";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var kernel = context.Config.Kernel;
        var resources = new List<Resource>();
        var modules = new List<string>();
        if (kernel.Modules is { } named)
        {
            AddModules(named, resources, modules);
        }

        if (!kernel.Sysctls.IsEmpty)
        {
            AddSysctls(kernel.Sysctls, [.. modules], resources);
            Check(context.Config, context.Diagnostics, predicting: true);
        }

        return resources;
    }

    private static void AddModules(Sourced<ImmutableArray<string>> modules, List<Resource> resources, List<string> ids)
    {
        var text = new StringBuilder();
        var reasons = new List<Reason>();
        foreach (var name in modules.Value)
        {
            // The kernel shows a module with underscores, whatever its file is called.
            var shown = name.Replace('-', '_');
            var id = "kernel-module:" + shown;
            if (ids.Contains(id))
            {
                continue;
            }

            text.Append(name).Append('\n');
            var reason = new Reason("kernel.modules", name, modules.Origin);
            reasons.Add(reason);
            ids.Add(id);
            resources.Add(new KernelModuleResource { Path = "/sys/module/" + shown, Name = shown, Build = "", Stage = Stage.Start, Reasons = [reason] });
        }

        resources.Add(new FileResource { Path = ModulesPath, Content = Utf8(text), Reasons = reasons.ToImmutable(), Baking = Baking.OfKernel });
    }

    private static void AddSysctls(SortedMap<Sourced<string>> sysctls, ImmutableArray<string> modules, List<Resource> resources)
    {
        var text = new StringBuilder();
        var reasons = new List<Reason>();
        foreach (var (name, value) in sysctls)
        {
            text.Append(name).Append(" = ").Append(value.Value).Append('\n');
            var reason = new Reason("kernel.sysctls." + name, value.Value, value.Origin);
            reasons.Add(reason);
            resources.Add(new SysctlResource
            {
                Path = SysctlName.PathOf(name),
                Name = name,
                Value = value.Value,
                DependsOn = modules, // some settings come with a module
                Reasons = [reason],
            });
        }

        resources.Add(new FileResource { Path = SysctlPath, Content = Utf8(text), Reasons = reasons.ToImmutable(), Baking = Baking.OfKernel });
    }

    /// <summary>Reports settings with which the kubelet does not start, or pods do not work.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="predicting">Whether what the kubelet refuses is a warning (<c>join</c>, <c>plan</c>).</param>
    internal static void Check(NodeConfig config, DiagnosticBag diagnostics, bool predicting)
    {
        var sysctls = config.Kernel.Sysctls;
        if (sysctls.IsEmpty)
        {
            return;
        }

        var isProtected = config.Kubelet.Config?["protectKernelDefaults"] is TreeScalar { Kind: ScalarKind.Bool } given
            ? given.Text == "true"
            : !config.Kubelet.Replaces;
        foreach (var argument in KubeletArguments.Split(config.Kubelet.Flags, ""))
        {
            // The flag wins over the configuration, and of two flags the later one.
            isProtected = argument.Name == "--protect-kernel-defaults" ? argument.Value is null or "true" : isProtected;
        }

        // A file that was not read may say otherwise.
        Severity? refused = predicting || config.Kubelet.ConfigFile is not null ? null : Severity.Error;
        foreach (var (name, wanted) in KubeletWants)
        {
            if (isProtected && sysctls.TryGetValue(name, out var value) && value.Value != wanted)
            {
                Report(name, value, $"and the kubelet wants {wanted}: with `protectKernelDefaults: true` it does not start", $"Write {wanted}, or set `spec.kubelet.config.protectKernelDefaults: false`.", refused);
            }
        }

        if (sysctls.TryGetValue("net.ipv4.ip_forward", out var forward) && forward.Value == "0")
        {
            Report("net.ipv4.ip_forward", forward, "and pods have no network without forwarding", "Write 1, or leave it out.", null);
        }

        void Report(string name, Sourced<string> value, string why, string help, Severity? severity) => diagnostics.Report(
            DiagnosticCatalogue.SysctlContradictsKubelet,
            $"`{name}` is {Quoted.Text(value.Value)}, {why}.",
            help,
            value.Origin,
            SettingPath.Child("spec.kernel.sysctls", name),
            severity);
    }

    private static ImmutableArray<byte> Utf8(StringBuilder text) => [.. Encoding.UTF8.GetBytes(text.ToString())];
}
