using System.Collections.Immutable;
using EksNode.Host.Engine;
using EksNode.Host.Facts;
using EksNode.Host.Services;
using EksNode.Planning.Kubelet;

namespace EksNode.Verifying;

/// <summary>Everything that a verify found.</summary>
public sealed class VerifyReport
{
    /// <summary>Whether there was a plan to compare with, beside what was applied.</summary>
    public required bool HasPlan { get; init; }

    /// <summary>Files, links, directories, hosts entries, disks, kernel modules.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    /// <summary>Services of the node; empty where they cannot be seen.</summary>
    public ImmutableArray<ServiceFinding> Services { get; init; } = [];

    /// <summary>Parts of the image; empty without a manifest.</summary>
    public ImmutableArray<ImageFinding> Image { get; init; } = [];

    /// <summary>What the running kubelet has otherwise than planned; null: it was not asked, or did not tell.</summary>
    public ImmutableArray<KubeletDifference>? Kubelet { get; init; }

    /// <summary>How many things are not as they should be.</summary>
    public int Drift
    {
        get
        {
            var count = Kubelet is { IsEmpty: false } ? 1 : 0;
            foreach (var finding in Findings)
            {
                count += finding.IsDrift ? 1 : 0;
            }

            foreach (var service in Services)
            {
                count += service.IsDrift ? 1 : 0;
            }

            foreach (var part in Image)
            {
                count += part.IsDrift ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>How many things were looked at.</summary>
    public int Total => Findings.Length + Services.Length + Image.Length + (Kubelet is null ? 0 : 1);
}
