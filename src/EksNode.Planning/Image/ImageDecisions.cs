using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Image;

/// <summary>What several parts of an image need, derived once, each with its reason.</summary>
public sealed class ImageDecisions
{
    /// <summary>The version of the kubelet.</summary>
    public required Sourced<SemanticVersion> Kubernetes { get; init; }

    /// <summary>The processor.</summary>
    public required Sourced<Architecture> Architecture { get; init; }

    /// <summary><c>al2023</c>, <c>debian</c> or <c>ubuntu</c>.</summary>
    public required Sourced<string> Distribution { get; init; }

    /// <summary>The release of the distribution; null on Debian and Ubuntu when nothing names it: the root that is there decides.</summary>
    public required Sourced<string>? Release { get; init; }

    /// <summary>The stream of the kernel; null: the distribution's own.</summary>
    public required Sourced<string>? Kernel { get; init; }

    /// <summary>The accelerators.</summary>
    public required Sourced<ImageVariant> Variant { get; init; }

    /// <summary>The branch or version of the NVIDIA driver; null: the image has none.</summary>
    public required Sourced<VersionConstraint>? Driver { get; init; }

    /// <summary>The compliance profile, or <c>none</c>.</summary>
    public required Sourced<string> Profile { get; init; }

    /// <summary>Whether the image runs in FIPS mode.</summary>
    public required Sourced<bool> Fips { get; init; }

    /// <summary>The components, in the order of their table.</summary>
    public required ImmutableArray<ComponentChoice> Components { get; init; }

    /// <summary>The first containerd that the kubelet works with.</summary>
    public required SemanticVersion ContainerdLeast { get; init; }

    /// <summary>
    /// containerd's version: that of a constraint is the newest known release that fits; null where nothing says it. What a repository has may be newer.
    /// </summary>
    public SemanticVersion? Containerd
    {
        get
        {
            SemanticVersion? version = null;
            foreach (var component in Components)
            {
                if (component.Name == "containerd")
                {
                    version = component.Version;
                    foreach (var release in version is null ? ComponentCatalog.Releases(component.Name, Architecture.Value) : [])
                    {
                        version = component.Constraint.Matches(release.Version) ? release.Version : version;
                    }
                }
            }

            return version;
        }
    }

    /// <summary>Whether the image has a component.</summary>
    /// <param name="component">Its name under <c>spec.components</c>.</param>
    public bool Has(string component) => Components.Any(c => c.Name == component);

    /// <summary>Whether packages are rpm and dnf installs them, or dpkg and apt.</summary>
    public bool IsAmazonLinux => Distribution.Value == "al2023";

    /// <summary>The decisions, or null after an error that leaves nothing to plan.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static ImageDecisions? Decide(ImageConfig config, DiagnosticBag diagnostics)
    {
        var architecture = config.Architecture ?? new Sourced<Architecture>(Configuration.ImageConfigs.Architecture.X86, Origin.Default("the processor of most instance types"));
        if (KubernetesMinor.Choose(config, diagnostics) is not { } minor)
        {
            return null;
        }

        var distribution = config.Base.Distribution ?? new Sourced<string>("al2023", Origin.Default("the distribution of EKS-optimized images"));
        var isAmazonLinux = distribution.Value == "al2023";
        var components = new ComponentChooser(config, minor, architecture, isAmazonLinux, diagnostics).Choose();
        if (diagnostics.HasErrors)
        {
            return null;
        }

        var kubelet = components.First(c => c.Name == "kubelet");
        var decisions = new ImageDecisions
        {
            Kubernetes = new Sourced<SemanticVersion>(kubelet.Version ?? minor.Version, kubelet.Origin),
            Architecture = architecture,
            Distribution = distribution,
            Release = config.Base.Release ?? (isAmazonLinux ? new Sourced<string>(ImageDefaults.Release, Origin.Default("the newest release that this eksnode was made with")) : null),
            Kernel = config.Base.Kernel ?? (isAmazonLinux ? new Sourced<string>(minor.Kernel, Origin.Default($"the kernel of EKS-optimized images for Kubernetes {minor.Word}")) : null),
            Variant = config.Variant ?? new Sourced<ImageVariant>(ImageVariant.Standard, Origin.Default("no accelerators")),
            Driver = config.Variant is not { Value: ImageVariant.Nvidia } ? null
                : config.Nvidia.Driver ?? new Sourced<VersionConstraint>(VersionConstraint.Parse(ImageDefaults.Driver).Value, Origin.Default("the branch of EKS-optimized images")),
            Profile = config.Profile ?? new Sourced<string>("cis-l1", Origin.Default("the profile of images when nothing is said")),
            Fips = config.Fips ?? new Sourced<bool>(false, Origin.Default("FIPS mode is for those that need it")),
            Components = components,
            ContainerdLeast = minor.ContainerdLeast,
        };
        ImageRules.Check(config, decisions, diagnostics);
        return decisions;
    }
}
