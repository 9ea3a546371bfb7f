using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary><c>spec.kernel</c>.</summary>
public sealed class KernelSettings
{
    /// <summary>The setting of the kernel that <c>pidMax</c> is.</summary>
    public const string PidMax = "kernel.pid_max";

    /// <summary><c>sysctls</c> and <c>pidMax</c>: the kernel's settings by name, as <see cref="Values.SysctlName"/> writes it.</summary>
    public SortedMap<Sourced<string>> Sysctls { get; init; } = SortedMap.Empty<Sourced<string>>();

    /// <summary><c>modules</c>: modules that are loaded before services start.</summary>
    public Sourced<ImmutableArray<string>>? Modules { get; init; }

    /// <summary>Whether anything is set.</summary>
    public bool IsSet => !Sysctls.IsEmpty || Modules is not null;

    /// <summary>The later settings over the earlier ones: sysctls per name, the list of modules as a whole.</summary>
    public static KernelSettings Merge(KernelSettings earlier, KernelSettings later) => !later.IsSet ? earlier : new KernelSettings
    {
        Sysctls = earlier.Sysctls.With(later.Sysctls),
        Modules = later.Modules ?? earlier.Modules,
    };
}
