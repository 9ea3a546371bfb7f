using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Accelerators;

/// <summary>
/// The kernel module of NVIDIA devices and its options, on an image that has NVIDIA's software. Neuron devices need nothing: their module
/// is baked and udev loads it.
/// </summary>
public sealed class AcceleratorComponent : IComponent
{
    /// <summary>The module's options on every machine.</summary>
    public const string OptionsPath = "/etc/modprobe.d/40-eks-nvidia-openrm.conf";

    /// <summary>Turns the firmware of the GPU system processor off.</summary>
    public const string FirmwarePath = "/etc/modprobe.d/nvidia-disable-gsp.conf";

    private const string Module = "nvidia";

    /// <inheritdoc/>
    public string Name => "accelerators";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        if (context.Facts.Host.NvidiaContainerRuntime is not true || NvidiaModule.Of(context.Facts) is not { } choice)
        {
            return [];
        }

        // Driver-based coherent memory management, which Kubernetes needs on machines with coherent memory (NVIDIA driver 580 and later;
        // an older one passes the option over).
        List<Resource> resources =
        [
            Options(OptionsPath, "NVreg_CoherentGPUMemoryMode=driver", Origin.Default("memory of the GPU is the driver's, not the kernel's, as Kubernetes wants it")),
        ];
        if (!choice.SystemProcessor)
        {
            resources.Add(Options(FirmwarePath, "NVreg_EnableGpuFirmware=0", choice.Why));
        }

        resources.Add(new KernelModuleResource
        {
            Path = "/sys/module/" + Module,
            Name = Module,
            Build = choice.Build,
            Stage = Stage.Start,
            DependsOn = [.. resources.Select(r => r.Id)],
            Reasons = [new Reason("accelerators.nvidia.module", choice.Build, choice.Why)],
        });
        return resources;
    }

    private static FileResource Options(string path, string option, Origin why) => new()
    {
        Path = path,
        Content = [.. Encoding.UTF8.GetBytes($"options {Module} {option}\n")],
        Reasons = [new Reason("accelerators.nvidia." + option.Split('=')[0], option.Split('=')[1], why)],
    };
}
