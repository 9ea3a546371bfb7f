using System.Collections.Immutable;

namespace EksNode.NodeTests;

/// <summary>What one run of the node tests is about.</summary>
/// <param name="Work">Holds what <c>node_image</c> of script/node-test-image makes; overlays, logs and keys go there.</param>
/// <param name="Cache">What outlives a run: whether KVM works here.</param>
/// <param name="Kubernetes">A folder with kubelet, kube-apiserver and kubectl; null for the stand-ins.</param>
/// <param name="Only">The scenarios to run; empty for all.</param>
internal sealed record NodeTestOptions(string Work, string Cache, string? Kubernetes, ImmutableArray<string> Only)
{
    public const string Usage = "usage: EksNode.NodeTests --work FOLDER --cache FOLDER --kubernetes FOLDER|stand-in [--only SCENARIO,…] [--keep]";

    public string Disk => Path.Combine(Work, "disk.raw");

    public string Kernel => Path.Combine(Work, "vmlinuz");

    /// <summary>The command line of the kernel, as the image has it for a boot loader.</summary>
    public string KernelArguments => Path.Combine(Work, "cmdline");

    /// <summary>A disk with the ImageConfig that the image was made of, and the files that it names.</summary>
    public string Document => Path.Combine(Work, "document.raw");

    /// <summary>What <c>eksnode image validate</c> said of the image before its first boot.</summary>
    public string Validation => Path.Combine(Work, "validate.json");

    /// <summary>What <c>eksnode image plan --controls</c> says of the controls of the image's profile.</summary>
    public string Controls => Path.Combine(Work, "controls.json");

    public static NodeTestOptions Parse(IEnumerable<string> arguments)
    {
        string? work = null, cache = null, kubernetes = null;
        ImmutableArray<string> only = [];
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var option))
        {
            string Value() => rest.TryDequeue(out var value) ? value : throw new ArgumentException($"{option} needs a value.");
            switch (option)
            {
                case "--work":
                    work = Value();
                    break;
                case "--cache":
                    cache = Value();
                    break;
                case "--kubernetes":
                    kubernetes = Value();
                    break;
                case "--only":
                    only = [.. Value().Split(',')];
                    break;
                case "--keep":
                    break; // script/node-test keeps the folder.
                default:
                    throw new ArgumentException($"Unknown option {option}.");
            }
        }

        return new NodeTestOptions(
            work ?? throw new ArgumentException("--work is missing."),
            cache ?? throw new ArgumentException("--cache is missing."),
            kubernetes switch
            {
                null => throw new ArgumentException("--kubernetes is missing."),
                "stand-in" => null,
                _ => kubernetes,
            },
            only);
    }
}
