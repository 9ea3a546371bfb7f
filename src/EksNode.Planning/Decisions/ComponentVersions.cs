using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>The versions of the kubelet and of containerd, as the image tells them.</summary>
internal static class ComponentVersions
{
    // The minors that the snapshot cases cover.
    private const int OldestMinor = 29;
    private const int NewestMinor = 36;

    /// <summary>The kubelet's version; null, and a diagnostic, when the image does not tell it.</summary>
    public static Sourced<SemanticVersion>? Kubelet(NodeFacts facts, DiagnosticBag diagnostics)
    {
        var kubelet = Version(facts, "kubelet", "image.kubeletVersion", "/etc/eks/kubelet-version.txt", facts.Image.KubeletVersion, diagnostics);
        if (kubelet is not null)
        {
            WarnOfUntested(kubelet.Value, kubelet.Origin, "image.kubeletVersion", diagnostics);
        }

        return kubelet;
    }

    /// <summary>Warns of a kubelet that is older or newer than those that eksnode is made for.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="origin">What tells it; null: the command line.</param>
    /// <param name="path">The fact that tells it.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void WarnOfUntested(SemanticVersion version, Origin? origin, string? path, DiagnosticBag diagnostics)
    {
        if (version is not { Major: 1, Minor: >= OldestMinor and <= NewestMinor })
        {
            diagnostics.Report(
                DiagnosticCatalogue.KubeletVersionUntested,
                $"The kubelet is {version}, and this version of eksnode is made for 1.{OldestMinor} to 1.{NewestMinor}.",
                $"Look for an eksnode that knows it; what is written is what 1.{(version.AtLeast(1, OldestMinor) ? NewestMinor : OldestMinor)} gets.",
                origin,
                path);
        }
    }

    /// <summary>containerd's version; null, and a diagnostic, when the image does not tell it.</summary>
    public static Sourced<SemanticVersion>? Containerd(NodeFacts facts, DiagnosticBag diagnostics) =>
        Version(facts, "containerd", "image.containerdVersion", "/etc/eks/containerd-version.txt", facts.Image.ContainerdVersion, diagnostics);

    /// <summary>
    /// Warns of a pair that does not work: Kubernetes 1.35 is the last release that accepts containerd 1.x (its release notes;
    /// KEP-4033), so a 1.36 kubelet will not start pods with it.
    /// </summary>
    /// <param name="kubelet">The kubelet's version.</param>
    /// <param name="containerd">containerd's version.</param>
    /// <param name="origin">What tells containerd's; null: the command line.</param>
    /// <param name="path">The fact that tells it.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void WarnOfPair(SemanticVersion kubelet, SemanticVersion containerd, Origin? origin, string? path, DiagnosticBag diagnostics)
    {
        if (kubelet.AtLeast(1, 36) && !containerd.AtLeast(2, 0))
        {
            diagnostics.Report(
                DiagnosticCatalogue.ContainerdTooOld,
                $"The kubelet {kubelet} does not accept containerd {containerd}: Kubernetes 1.35 is the last release that works with containerd 1.x.",
                "Use an image with containerd 2.0 or later, or with Kubernetes 1.35 or earlier.",
                origin,
                path);
        }
    }

    private static Sourced<SemanticVersion>? Version(
        NodeFacts facts, string component, string fact, string file, string? text, DiagnosticBag diagnostics)
    {
        var help = $"Give `components.{component}.version` in /etc/eksnode/image.json, or the version in {file}, or `{fact}` in the facts file.";
        if (string.IsNullOrEmpty(text))
        {
            diagnostics.Report(DiagnosticCatalogue.ComponentVersionMissing, $"The version of {component} is not known.", help, path: fact);
            return null;
        }

        if (SemanticVersion.Find(text) is not { } version)
        {
            diagnostics.Report(
                DiagnosticCatalogue.FactMalformed, $"`{text}` is no version of {component}: it has no major.minor.patch.", help, facts.OriginOf(fact), fact);
            return null;
        }

        return new Sourced<SemanticVersion>(version, facts.OriginOf(fact));
    }
}
