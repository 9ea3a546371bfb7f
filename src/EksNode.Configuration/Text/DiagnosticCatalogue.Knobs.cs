using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0230 to EKN0249: files that a configuration names, the kernel, limits, hooks.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A file or folder that a setting names cannot be read.</summary>
    public static DiagnosticDescriptor ReferencedFileUnreadable { get; } = new("EKN0230", Severity.Error, "a file that the configuration names cannot be read");

    /// <summary>A file that a setting names holds something else.</summary>
    public static DiagnosticDescriptor ReferencedFileWrong { get; } = new("EKN0231", Severity.Error, "a file that the configuration names holds something else");

    /// <summary>The name of a setting of the kernel has a form that none has.</summary>
    public static DiagnosticDescriptor BadSysctlName { get; } = new("EKN0232", Severity.Error, "not a kernel setting");

    /// <summary>The value of a setting of the kernel has a form that none can have.</summary>
    public static DiagnosticDescriptor BadSysctlValue { get; } = new("EKN0233", Severity.Error, "not a value of a kernel setting");

    /// <summary>The name of a kernel module has a form that none has.</summary>
    public static DiagnosticDescriptor BadModuleName { get; } = new("EKN0234", Severity.Error, "not a kernel module");

    /// <summary>A limit that there is not, or with a value that it cannot have.</summary>
    public static DiagnosticDescriptor BadLimit { get; } = new("EKN0235", Severity.Error, "not a limit");

    /// <summary>A hook that could not be run.</summary>
    public static DiagnosticDescriptor BadHook { get; } = new("EKN0236", Severity.Error, "not a hook");

    private static ImmutableArray<DiagnosticDescriptor> KnobEntries =>
    [
        ReferencedFileUnreadable,
        ReferencedFileWrong,
        BadSysctlName,
        BadSysctlValue,
        BadModuleName,
        BadLimit,
        BadHook,
    ];

    /// <summary>A kubelet configuration that replaces eksnode's leaves values of it out.</summary>
    public static DiagnosticDescriptor KubeletDefaultsDropped { get; } = new("EKN0728", Severity.Info, "the kubelet configuration replaces eksnode's values");

    /// <summary>A kubelet configuration that replaces eksnode's undoes what a compliance profile asks.</summary>
    public static DiagnosticDescriptor KubeletControlsLost { get; } = new("EKN0729", Severity.Warning, "the kubelet configuration undoes controls of the compliance profile");

    /// <summary>A setting of the kernel has a value with which the kubelet does not start, or pods do not work.</summary>
    public static DiagnosticDescriptor SysctlContradictsKubelet { get; } = new("EKN0730", Severity.Warning, "kernel setting contradicts the kubelet");

    /// <summary>Programs of the user's run during the join.</summary>
    public static DiagnosticDescriptor HooksPlanned { get; } = new("EKN0731", Severity.Info, "hooks run during the join");

    /// <summary>A fact is missing that the exceptions of the proxy follow from: what is inside the VPC goes through the proxy.</summary>
    public static DiagnosticDescriptor ProxyFactMissing { get; } = new("EKN0740", Severity.Warning, "fact of the proxy's exceptions is missing");

    /// <summary>The kernel has no such setting: nothing was set.</summary>
    public static DiagnosticDescriptor SysctlMissing { get; } = new("EKN0984", Severity.Warning, "the kernel has no such setting");

    /// <summary>The kernel refuses a value, or lets nobody set it.</summary>
    public static DiagnosticDescriptor SysctlRefused { get; } = new("EKN0985", Severity.Error, "the kernel refuses a setting");

    /// <summary>A hook failed.</summary>
    public static DiagnosticDescriptor HookFailed { get; } = new("EKN0986", Severity.Error, "hook failed");

    /// <summary>A hook ran longer than it may, and was killed.</summary>
    public static DiagnosticDescriptor HookTimedOut { get; } = new("EKN0987", Severity.Error, "hook took too long");

    /// <summary>The program of a hook is not there, or others than root can write it.</summary>
    public static DiagnosticDescriptor HookProgramUnusable { get; } = new("EKN0988", Severity.Error, "program of a hook cannot be run");

    private static ImmutableArray<DiagnosticDescriptor> KnobPlanEntries =>
    [
        KubeletDefaultsDropped,
        KubeletControlsLost,
        SysctlContradictsKubelet,
        HooksPlanned,
        ProxyFactMissing,
        SysctlMissing,
        SysctlRefused,
        HookFailed,
        HookTimedOut,
        HookProgramUnusable,
    ];
}
