using System.Collections.Immutable;

namespace EksNode.NodeTests;

/// <summary>What one run of the node tests is about.</summary>
/// <param name="Work">Holds <c>disk.raw</c> and <c>vmlinuz</c>; overlays, logs and keys go there.</param>
/// <param name="Cache">What outlives a run: whether KVM works here.</param>
/// <param name="Kubernetes">A folder with kubelet, kube-apiserver and kubectl; null for the stand-ins.</param>
/// <param name="Only">The scenarios to run; empty for all.</param>
internal sealed record NodeTestOptions(string Work, string Cache, string? Kubernetes, ImmutableArray<string> Only)
{
    public const string Usage = "usage: EksNode.NodeTests --work FOLDER --cache FOLDER --kubernetes FOLDER|stand-in [--only SCENARIO,…] [--keep]";

    public string Disk => Path.Combine(Work, "disk.raw");

    public string Kernel => Path.Combine(Work, "vmlinuz");

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
