using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Accelerators;

namespace EksNode.Planning.Image;

/// <summary>What does not work together in one image.</summary>
internal static class ImageRules
{
    /// <summary>Reports every contradiction.</summary>
    public static void Check(ImageConfig config, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        Containerd(decisions, diagnostics);
        Nvidia(config, decisions, diagnostics);
        Neuron(decisions, diagnostics);
        Soci(config, decisions, diagnostics);
        Base(config, decisions, diagnostics);
    }

    /// <summary>Reports what the document takes away from, or puts in the place of, that which a node needs to join.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="decisions">The image; null when it could not be decided.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckNeeded(ImageConfig config, ImageDecisions? decisions, DiagnosticBag diagnostics)
    {
        foreach (var component in decisions?.Components ?? [])
        {
            if (component.Package is { } package && config.Packages.GetValueOrDefault(package) is { } own)
            {
                Package(component, package, own, diagnostics);
            }
        }

        foreach (var (unit, state, why) in UnitStateComponent.Needed)
        {
            if (config.Units.GetValueOrDefault(unit) is { } own && own.Value != state)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.ImageContradiction,
                    $"`spec.units` makes `{unit}` {ImageWords.UnitStates.WordOf(own.Value)}, and a node joins only when it is {ImageWords.UnitStates.WordOf(state)}: {why}.",
                    "Remove it.",
                    own.Origin,
                    SettingPath.Child("spec.units", unit));
            }
        }

        foreach (var (path, file) in config.Files)
        {
            var unit = UnitOf(path);
            var isDefaults = path == NodeDefaultsComponent.Path && config.Node is not null;
            if (isDefaults || (unit is not null && BakedFileComponent.Files().Any(f => UnitOf(f.Path) == unit)))
            {
                diagnostics.Report(
                    DiagnosticCatalogue.ImageFileReplaced,
                    isDefaults ? $"`spec.files` replaces `{path}`, which holds `spec.node`: no node reads that." : $"`spec.files` replaces the unit file `{unit}`, which nodes start with.",
                    isDefaults ? "Name the file otherwise: all files of its folder are read, in the order of their names."
                        : $"To change a setting of it, write a drop-in: `/etc/systemd/system/{(unit!.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? unit[..slash] : unit + ".d")}/90-own.conf`.",
                    file.Origin,
                    SettingPath.Child("spec.files", path));
            }
        }
    }

    // The name of a unit file or drop-in, in whichever folder systemd finds it.
    private static string? UnitOf(string path)
    {
        const string Folder = "/systemd/system/";
        var at = path.IndexOf(Folder, StringComparison.Ordinal);
        return at < 0 ? null : path[(at + Folder.Length)..];
    }

    private static void Package(ComponentChoice component, string package, PackageSettings own, DiagnosticBag diagnostics)
    {
        if (own.Version?.Text == component.Constraint.Text)
        {
            return;
        }

        var setting = "spec.components." + component.Name;
        diagnostics.Report(
            DiagnosticCatalogue.ImageContradiction,
            own.Version is null
                ? $"`spec.packages` takes `{package}` away, which is the component {component.Name} of this image."
                : $"`spec.packages` wants `{package}` {own.Version.Text}, and the component {component.Name}, which is this package, {component.Constraint.Text}.",
            own.Version is not null ? $"Write the version under `{setting}.version` only, and remove it here."
                : component.Name is "containerd" or "runc" or "kubelet" ? $"Remove it; to have another than the distribution's, write `{setting}.source: upstream`."
                : $"To leave it out, write `{setting}.enabled: false` instead.",
            own.Origin,
            SettingPath.Child("spec.packages", package));
    }

    private static void Containerd(ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        if (decisions.Components.FirstOrDefault(c => c.Name == "containerd") is not { } containerd)
        {
            return;
        }

        // Of a constraint only this is sure: some release fits, and each that does is too old.
        var least = decisions.ContainerdLeast;
        bool old = false, fresh = false;
        foreach (var release in ComponentCatalog.Releases("containerd", decisions.Architecture.Value))
        {
            var fits = containerd.Constraint.Matches(release.Version);
            old |= fits && release.Version < least;
            fresh |= fits && release.Version >= least;
        }

        var isOld = containerd.Version is { } version ? version < least : old && !fresh;
        if (isOld)
        {
            TooOld(containerd, containerd.Version?.ToString() ?? containerd.Constraint.Text, decisions, diagnostics);
        }
    }

    /// <summary>Reports a containerd that the kubelet does not work with.</summary>
    public static void TooOld(ComponentChoice containerd, string version, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        var (kubernetes, least) = (decisions.Kubernetes.Value, decisions.ContainerdLeast);
        diagnostics.Report(
            DiagnosticCatalogue.ImageContradiction,
            $"containerd {version} is too old for Kubernetes {kubernetes.Major}.{kubernetes.Minor}, whose kubelet works with containerd {least.Major}.{least.Minor} and newer only.",
            $"Choose containerd {least.Major}.{least.Minor} or newer, or an older Kubernetes.",
            containerd.Origin,
            "spec.components.containerd.version");
    }

    private static void Nvidia(ImageConfig config, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        if (decisions.Variant.Value != ImageVariant.Nvidia)
        {
            if (config.Nvidia.Origin is { } origin)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.ImageSettingUnused,
                    "`spec.nvidia` has no effect: the image has no drivers of NVIDIA.",
                    "Write `variant: nvidia`, or remove the setting.",
                    origin,
                    "spec.nvidia");
            }

            return;
        }

        if (!decisions.IsAmazonLinux)
        {
            OnlyAmazonLinux(decisions, "The NVIDIA variant", diagnostics);
        }

        NvidiaBuilds(config, decisions, diagnostics);
    }

    private static void NvidiaBuilds(ImageConfig config, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        var archives = config.Nvidia.Archives;
        if (config.Nvidia.Modules is { } modules && (modules.Value.Length > 1 || !archives.IsEmpty))
        {
            Report(
                archives.IsEmpty ? "The packages of two builds of NVIDIA's kernel modules exclude each other." : "`spec.nvidia.modules` and `spec.nvidia.archives` both say which builds the image has.",
                archives.IsEmpty ? "Keep one. Several come as archives of dkms: `spec.nvidia.archives`." : "Keep one of them.",
                modules.Origin,
                "spec.nvidia.modules");
        }

        if (archives.GetValueOrDefault("grid") is { } grid && decisions.Architecture.Value == Architecture.Arm64)
        {
            Report("There are no GRID modules for arm64.", "Remove the archive, or write `architecture: x86_64`.", grid.Source!.Origin, "spec.nvidia.archives.grid");
        }

        // Without the list a boot takes no device for one that the open build supports.
        if (archives.GetValueOrDefault("open") is { } open && !config.Files.Keys.Any(path => path.StartsWith(NvidiaModule.OpenDevices, StringComparison.Ordinal)))
        {
            Report(
                "The image has the open build of NVIDIA's kernel modules, and nothing says which devices it supports: no boot would take it.",
                $"Write `{NvidiaModule.OpenDevices}BRANCH.txt` under `spec.files`, a line `0x` and the device id for each device that supported-gpus.json of the driver has with `kernelopen`.",
                open.Source!.Origin,
                "spec.nvidia.archives.open");
        }

        void Report(string message, string help, Origin origin, string path) => diagnostics.Report(DiagnosticCatalogue.ImageContradiction, message, help, origin, path);
    }

    private static void Neuron(ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        if (decisions.Variant.Value != ImageVariant.Neuron)
        {
            return;
        }

        if (decisions.Architecture.Value == Architecture.Arm64)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                "There are no drivers of Trainium and Inferentia for arm64: these instance types have x86_64 processors.",
                "Write `architecture: x86_64`.",
                decisions.Architecture.Origin,
                "spec.architecture");
        }

        if (!decisions.IsAmazonLinux)
        {
            OnlyAmazonLinux(decisions, "The Neuron variant", diagnostics);
        }
    }

    private static void Soci(ImageConfig config, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        var gates = config.Node?["featureGates"] as TreeMap;
        if (gates?["FastImagePull"] is TreeScalar { Text: "true" } gate && !decisions.Has("sociSnapshotter"))
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                "`spec.node` turns FastImagePull on, and the image has no SOCI snapshotter.",
                "Remove `enabled: false` of `spec.components.sociSnapshotter`, or the feature gate.",
                gate.Origin,
                "spec.node.featureGates.FastImagePull");
        }
    }

    private static void Base(ImageConfig config, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        foreach (var (device, volume) in config.Volumes)
        {
            if (decisions.IsAmazonLinux)
            {
                break;
            }

            diagnostics.Report(
                DiagnosticCatalogue.ImageSettingUnused,
                $"`spec.volumes` has no effect on {decisions.Distribution.Value}: eksnode starts builder instances of Amazon Linux 2023 alone.",
                "Remove it, and attach the volume where the image is made.",
                volume.Origin,
                SettingPath.Child("spec.volumes", device));
        }

        if (!decisions.IsAmazonLinux && config.Base.Kernel is { } kernel)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageSettingUnused,
                $"`spec.base.kernel` has no effect on {decisions.Distribution.Value}: the kernel is that of the release.",
                "Remove it.",
                kernel.Origin,
                "spec.base.kernel");
        }

        if (!decisions.IsAmazonLinux && decisions.Fips.Value)
        {
            OnlyAmazonLinux(decisions, "FIPS mode", diagnostics);
        }

        if (decisions.Fips.Value)
        {
            FipsRegions.Check(config, diagnostics);
            if (config.KernelArguments is { } words && words.Value.Contains("fips=0"))
            {
                diagnostics.Report(DiagnosticCatalogue.ImageContradiction, "`fips=0` turns off the FIPS mode that the image is to have.", "Remove it, or `fips: true`.", words.Origin, "spec.kernel.arguments");
            }
        }
    }

    private static void OnlyAmazonLinux(ImageDecisions decisions, string what, DiagnosticBag diagnostics) => diagnostics.Report(
        DiagnosticCatalogue.ImageContradiction,
        $"{what} is for Amazon Linux 2023, and the image is of {decisions.Distribution.Value}.",
        "Write `base: {distribution: al2023}`.",
        decisions.Distribution.Origin,
        "spec.base.distribution");
}
