using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>A component of an image: what was chosen, and why.</summary>
/// <param name="Name">Its name under <c>spec.components</c>.</param>
/// <param name="Origin">What decided the version.</param>
public sealed record ComponentChoice(string Name, Origin Origin)
{
    /// <summary>Which versions may be installed.</summary>
    public required VersionConstraint Constraint { get; init; }

    /// <summary>The version; null where a package manager or the file of a URL decides it.</summary>
    public SemanticVersion? Version { get; init; }

    /// <summary>Whether its publisher has releases of it, beside any package.</summary>
    public bool HasUpstream { get; init; }

    /// <summary>The package; null when it is downloaded.</summary>
    public string? Package { get; init; }

    /// <summary>Where it is downloaded from; null when it is a package.</summary>
    public string? Url { get; init; }

    /// <summary>The SHA-256 of the download; null: not known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether the download is an archive.</summary>
    public bool IsArchive { get; init; }

    /// <summary>Its files in the image; of a download what of it is installed.</summary>
    public ImmutableArray<InstalledFile> Files { get; init; } = [];

    /// <summary>How the publisher signs the download; empty: not.</summary>
    public string Signature { get; init; } = "";

    /// <summary>Who must have signed it.</summary>
    public string Signer { get; init; } = "";

    /// <summary>Where the keys of the signature are; empty: none are needed.</summary>
    public string SignerKeys { get; init; } = "";
}

/// <summary>Chooses version and source of every component.</summary>
internal sealed class ComponentChooser(
    ImageConfig config, KubernetesMinor minor, Sourced<Architecture> architecture, bool isAmazonLinux, DiagnosticBag diagnostics)
{
    /// <summary>The components, in the order of their table.</summary>
    public ImmutableArray<ComponentChoice> Choose()
    {
        var choices = new List<ComponentChoice>();
        foreach (var component in ComponentCatalog.All())
        {
            var settings = config.Components.GetValueOrDefault(component.Name);
            if (IsWanted(component, settings) && Choose(component, settings ?? new ComponentSettings()) is { } choice)
            {
                choices.Add(choice);
            }
        }

        return choices.ToImmutable();
    }

    private bool IsWanted(CatalogComponent component, ComponentSettings? settings)
    {
        if (settings?.Enabled is { Value: false } off && component.Name is "kubelet" or "containerd" or "runc")
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                $"`{PathOf(component.Name)}` is left out, and no node works without it.",
                $"Remove `enabled: false`; to install it yourself, name the file under `{PathOf(component.Name)}.source`.",
                off.Origin,
                PathOf(component.Name) + ".enabled");
        }

        if (settings?.Enabled is { } said)
        {
            return said.Value;
        }

        // Debian has neither package; the toolkit belongs to GPUs.
        return component.Name switch
        {
            "nvidiaContainerToolkit" => config.Variant?.Value == ImageVariant.Nvidia && (isAmazonLinux || settings?.Source is not null),
            "ssmAgent" => isAmazonLinux || settings?.Source is not null,
            _ => true,
        };
    }

    private ComponentChoice? Choose(CatalogComponent component, ComponentSettings settings)
    {
        var source = settings.Source?.Value ?? (isAmazonLinux ? component.Sources.Al2023 : component.Sources.Debian);
        var constraint = settings.Version ?? new Sourced<VersionConstraint>(
            minor.Default(component.Name),
            component.Name == "kubelet" ? minor.Wanted.Origin : Origin.Default($"what images for Kubernetes {minor.Word} have"));
        if (component.Name == "kubelet" && settings.Version is { } own && config.Kubernetes is { } both)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                $"`spec.kubernetes` and `{PathOf("kubelet")}.version` both name the version of the kubelet: {both.Value.Text} and {own.Value.Text}.",
                $"Write the version once: `kubernetes: \"{own.Value.Text}\"` below `spec`, and remove `{PathOf("kubelet")}.version`.",
                own.Origin,
                PathOf("kubelet") + ".version");
            return null;
        }

        var choice = new ComponentChoice(component.Name, constraint.Origin) { Constraint = constraint.Value, HasUpstream = component.Url.Length > 0 };
        return source switch
        {
            DownloadUrl.Package => Package(component, choice, settings),
            DownloadUrl.Upstream => Upstream(component, choice, settings),
            "" => Nowhere(component, settings, "a package or a release"),
            _ => Elsewhere(component, choice, settings, source),
        };
    }

    private ComponentChoice? Elsewhere(CatalogComponent component, ComponentChoice choice, ComponentSettings settings, string source)
    {
        // The rules of the image and the configuration of every node follow from the kubelet's version, which nobody can read off a URL.
        if (component.Name == "kubelet" && choice.Constraint.Exact is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.NoVersionFits,
                $"The kubelet comes from a URL, and `{choice.Constraint.Text}` does not say which version is there.",
                $"Write the whole version, all three numbers, under `{(settings.Version is null ? "spec.kubernetes" : PathOf(component.Name) + ".version")}`.",
                settings.Version?.Origin ?? config.Kubernetes?.Origin ?? settings.Source!.Origin,
                settings.Version is null ? "spec.kubernetes" : PathOf(component.Name) + ".version");
            return null;
        }

        return choice with
        {
            Origin = (settings.Version?.Origin ?? settings.Source?.Origin)!,
            Version = choice.Constraint.Exact,
            Url = source,
            Sha256 = settings.Sha256?.Value,
            IsArchive = source.EndsWith(".tgz", StringComparison.Ordinal) || source.EndsWith(".tar.gz", StringComparison.Ordinal),
            Files = component.Files,
        };
    }

    private ComponentChoice? Package(CatalogComponent component, ComponentChoice choice, ComponentSettings settings)
    {
        var package = isAmazonLinux ? component.Packages.Al2023 : component.Packages.Debian;
        if (settings.Sha256 is { } unused)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageSettingUnused,
                $"`{PathOf(component.Name)}.sha256` has no effect: {component.Name} comes as a package, which its repository signs.",
                "Remove it, or write `source: upstream` or the URL that it is the checksum of.",
                unused.Origin,
                PathOf(component.Name) + ".sha256");
        }

        return package.Length == 0 ? Nowhere(component, settings, "a package") : choice with { Package = package, Version = choice.Constraint.Exact, Files = component.Files };
    }

    private ComponentChoice? Upstream(CatalogComponent component, ComponentChoice choice, ComponentSettings settings)
    {
        if (component.Url.Length == 0)
        {
            return Nowhere(component, settings, "a release that can be downloaded");
        }

        (SemanticVersion Version, string? Sha256)? found = null;
        foreach (var release in ComponentCatalog.Releases(component.Name, architecture.Value))
        {
            if (choice.Constraint.Matches(release.Version))
            {
                found = release;
            }
        }

        if (found is null && choice.Constraint.Exact is { } exact)
        {
            found = (exact, null);
        }

        if (found is not var (version, sha256))
        {
            diagnostics.Report(
                DiagnosticCatalogue.NoVersionFits,
                $"No release of {component.Name} that fits `{choice.Constraint.Text}` is known to this eksnode.",
                $"Name one version under `{PathOf(component.Name)}.version`, with its `sha256`.",
                choice.Origin,
                PathOf(component.Name) + ".version");
            return null;
        }

        sha256 = settings.Sha256?.Value ?? sha256;
        if (sha256 is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ChecksumUnknown,
                $"The checksum of {component.Name} {version} for {ImageWords.Architectures.WordOf(architecture.Value)} is not known: `image apply` does not install it.",
                $"Write the one that its publisher names under `{PathOf(component.Name)}.sha256`.",
                choice.Origin,
                PathOf(component.Name) + ".sha256");
        }

        return choice with
        {
            Version = version,
            Url = Mirrored(component.UrlOf(version, architecture.Value)),
            Sha256 = sha256,
            IsArchive = component.IsArchive,
            Files = component.Files,
            Signature = component.Signature,
            Signer = component.Signer,
            SignerKeys = component.Keys.Length == 0 ? "" : Mirrored(component.KeysOf(version)),
        };
    }

    // The mirror has the publisher's files below the publisher's host.
    private string Mirrored(string url) =>
        config.Mirror is { } mirror ? $"{mirror.Value}/{url["https://".Length..]}" : url;

    private ComponentChoice? Nowhere(CatalogComponent component, ComponentSettings settings, string what)
    {
        diagnostics.Report(
            DiagnosticCatalogue.NoVersionFits,
            $"There is no {component.Name} as {what} for this image.",
            $"Name a URL under `{PathOf(component.Name)}.source`, with its `sha256`, or leave the component out with `enabled: false`.",
            (settings.Source?.Origin ?? config.Base.Distribution?.Origin) ?? Origin.Default("nothing else was said"),
            PathOf(component.Name) + ".source");
        return null;
    }

    private static string PathOf(string component) => "spec.components." + component;
}
