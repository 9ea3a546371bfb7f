using System.Globalization;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Image;

/// <summary>A minor of Kubernetes, with what an image for it has: <c>data/image-kubernetes.tsv</c>.</summary>
internal sealed class KubernetesMinor
{
    private readonly string[] row;

    private KubernetesMinor(string[] row, Sourced<VersionConstraint> wanted)
    {
        this.row = row;
        Wanted = wanted;
        Version = SemanticVersion.Find(row[0] + ".0")!.Value;
    }

    /// <summary>Which kubelet was asked for.</summary>
    public Sourced<VersionConstraint> Wanted { get; }

    /// <summary>Its first release.</summary>
    public SemanticVersion Version { get; }

    /// <summary><c>1.33</c>.</summary>
    public string Word => row[0];

    /// <summary>The stream of the kernel of Amazon Linux 2023.</summary>
    public string Kernel => row[1];

    /// <summary>The first containerd that its kubelet works with.</summary>
    public SemanticVersion ContainerdLeast => SemanticVersion.Find(row[6] + ".0")!.Value;

    /// <summary>Which versions of a component an image for it has when nothing is said.</summary>
    public VersionConstraint Default(string component) => component switch
    {
        "kubelet" => Wanted.Value,
        "containerd" => Parse(row[2]),
        "runc" => Parse(row[3]),
        "crictl" => Parse(row[4]),
        "cniPlugins" => Parse(row[5]),
        _ => VersionConstraint.Any,
    };

    /// <summary>The minor that <c>spec.kubernetes</c> or the version of the kubelet asks for, the newest when neither is there; null after an error.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static KubernetesMinor? Choose(ImageConfig config, DiagnosticBag diagnostics)
    {
        var kubelet = config.Kubernetes is null ? config.Components.GetValueOrDefault("kubelet")?.Version : null;
        var wanted = config.Kubernetes ?? kubelet;
        var rows = DataTable.Rows("image-kubernetes.tsv").ToList();
        if (wanted is null)
        {
            return new KubernetesMinor(rows[^1], new Sourced<VersionConstraint>(Parse(rows[^1][0]), Origin.Default("the newest Kubernetes that this eksnode makes images for")));
        }

        for (var i = rows.Count - 1; i >= 0; i--)
        {
            // A constraint names a minor when some patch release of it fits.
            var minor = new KubernetesMinor(rows[i], wanted);
            if (wanted.Value.Exact is { } exact ? exact with { Patch = 0 } == minor.Version : HasPatch(wanted.Value, minor.Version))
            {
                return minor;
            }
        }

        diagnostics.Report(
            DiagnosticCatalogue.KubernetesUnsupported,
            $"There are no images for Kubernetes {wanted.Value.Text}.",
            string.Create(CultureInfo.InvariantCulture, $"Choose a version from {rows[0][0]} to {rows[^1][0]}; older ones are not in Amazon EKS any more, newer ones need a newer eksnode."),
            wanted.Origin,
            kubelet is null ? "spec.kubernetes" : "spec.components.kubelet.version");
        return null;
    }

    private static bool HasPatch(VersionConstraint wanted, SemanticVersion minor)
    {
        const int MorePatchesThanAnyMinorHas = 100;
        for (var patch = 0; patch < MorePatchesThanAnyMinorHas; patch++)
        {
            if (wanted.Matches(minor with { Patch = patch }))
            {
                return true;
            }
        }

        return false;
    }

    private static VersionConstraint Parse(string cell) => VersionConstraint.Parse(cell).Value;
}
