using EksNode.Host.Accelerators;
using EksNode.Host.Processes;
using EksNode.Planning.Plans;

namespace EksNode.Joining;

/// <summary>
/// Accelerators at the start of a node: the kernel modules of the plan, before containerd looks for devices, and the clocks of GPUs at the
/// end. Neither ever fails a join.
/// </summary>
public static class PrepareAccelerators
{
    // A unit of EKS-optimized images that sets the clocks itself.
    private static readonly string[] ClockUnits =
        ["/etc/systemd/system/set-nvidia-clocks.service", "/usr/lib/systemd/system/set-nvidia-clocks.service"];

    /// <summary>Loads the kernel modules of the plan; its files are applied.</summary>
    /// <param name="context">The join, on this machine.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task LoadModulesAsync(JoinContext context, CancellationToken cancellation)
    {
        var modules = context.Plan.Resources.OfType<KernelModuleResource>().ToArray();
        if (modules.Length == 0)
        {
            return;
        }

        using var step = context.Run.Timeline.Begin("kernel modules");
        KernelModules loader = new(new ProgramRunner(), context.Run.Log, new KernelModuleOptions());
        foreach (var module in modules)
        {
            await loader.LoadAsync(module, context.Run.Diagnostics, cancellation);
        }
    }

    /// <summary>Sets the clocks of NVIDIA GPUs, after the services are up, unless the image does it.</summary>
    /// <inheritdoc cref="LoadModulesAsync"/>
    public static async Task SetClocksAsync(JoinContext context, CancellationToken cancellation)
    {
        if (!context.Plan.Resources.Any(r => r is KernelModuleResource { Build.Length: > 0 })
            || !File.Exists(GpuClocks.DefaultProgram)
            || ClockUnits.Any(File.Exists))
        {
            return;
        }

        using var step = context.Run.Timeline.Begin("gpu clocks");
        await new GpuClocks(new ProgramRunner(), context.Run.Diagnostics).SetAsync(cancellation);
    }
}
