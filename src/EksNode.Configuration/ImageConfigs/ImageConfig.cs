using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.ImageConfigs;

/// <summary>The processor that an image is for.</summary>
public enum Architecture
{
    /// <summary>Intel and AMD: <c>x86_64</c>.</summary>
    X86,

    /// <summary>Graviton: <c>arm64</c>.</summary>
    Arm64,
}

/// <summary>The accelerators that an image has drivers for.</summary>
public enum ImageVariant
{
    /// <summary>None.</summary>
    Standard,

    /// <summary>NVIDIA GPUs.</summary>
    Nvidia,

    /// <summary>AWS Trainium and Inferentia.</summary>
    Neuron,
}

/// <summary>What becomes of a unit in the image.</summary>
public enum UnitState
{
    /// <summary>Started at boot.</summary>
    Enabled,

    /// <summary>Not started at boot.</summary>
    Disabled,

    /// <summary>Never started, whoever asks.</summary>
    Masked,
}

/// <summary>An <c>ImageConfig</c> of <c>eksnode.io/v1alpha1</c>: what goes into the image of a node. What is null is not set.</summary>
public sealed class ImageConfig
{
    /// <summary>The image that eksnode makes when nothing is said.</summary>
    public static ImageConfig Empty { get; } = new();

    /// <summary><c>kubernetes</c>: a minor (the newest patch release of it that is known) or one version.</summary>
    public Sourced<VersionConstraint>? Kubernetes { get; init; }

    /// <summary><c>architecture</c>.</summary>
    public Sourced<Architecture>? Architecture { get; init; }

    /// <summary><c>base</c>.</summary>
    public BaseSettings Base { get; init; } = new();

    /// <summary><c>variant</c>.</summary>
    public Sourced<ImageVariant>? Variant { get; init; }

    /// <summary><c>efa</c>: whether the image is for instances with an Elastic Fabric Adapter: on x86_64, words on the kernel's command line follow from it; the image gets no driver and no libraries of it.</summary>
    public Sourced<bool>? Efa { get; init; }

    /// <summary><c>nvidia</c>.</summary>
    public NvidiaSettings Nvidia { get; init; } = new();

    /// <summary><c>profile</c>: the compliance profile; <c>none</c> for no hardening.</summary>
    public Sourced<string>? Profile { get; init; }

    /// <summary><c>fips</c>: whether the image runs in FIPS mode.</summary>
    public Sourced<bool>? Fips { get; init; }

    /// <summary><c>components</c> by name.</summary>
    public SortedMap<ComponentSettings> Components { get; init; } = SortedMap.Empty<ComponentSettings>();

    /// <summary><c>mirror</c>: where every download is taken from instead of its publisher, followed by the publisher's host and path.</summary>
    public Sourced<string>? Mirror { get; init; }

    /// <summary><c>proxy</c>: the proxy of downloads, package managers and pulls while the image is built. The image keeps nothing of it.</summary>
    public ProxySettings Proxy { get; init; } = new();

    /// <summary><c>images</c>: container images that are in the image, unpacked and pinned.</summary>
    public Sourced<ImmutableArray<string>>? Images { get; init; }

    /// <summary><c>packages</c> by name: a constraint of the version, or <see cref="PackageSettings.Absent"/>.</summary>
    public SortedMap<PackageSettings> Packages { get; init; } = SortedMap.Empty<PackageSettings>();

    /// <summary><c>files</c> by path.</summary>
    public SortedMap<ImageFileSettings> Files { get; init; } = SortedMap.Empty<ImageFileSettings>();

    /// <summary><c>units</c> by name.</summary>
    public SortedMap<Sourced<UnitState>> Units { get; init; } = SortedMap.Empty<Sourced<UnitState>>();

    /// <summary><c>kernel.sysctls</c>, <c>kernel.pidMax</c> and <c>kernel.modules</c>.</summary>
    public KernelSettings Kernel { get; init; } = new();

    /// <summary><c>kernel.arguments</c>: words on the kernel's command line.</summary>
    public Sourced<ImmutableArray<string>>? KernelArguments { get; init; }

    /// <summary><c>volumes</c> by device name: the volumes of the machine that the image is made on, and of every instance of the image.</summary>
    public SortedMap<ImageVolume> Volumes { get; init; } = SortedMap.Empty<ImageVolume>();

    /// <summary><c>node</c>: the <c>spec</c> of a NodeConfig, the lowest source of every join on the image.</summary>
    public TreeMap? Node { get; init; }

    /// <summary><c>bake</c>: what a join would write and the image has: ids of resources, patterns of them with <c>*</c>, names of parts of a node.</summary>
    public ImmutableArray<Sourced<string>> Bake { get; init; } = [];

    /// <summary><see cref="Node"/> as it was read; null when there is none.</summary>
    public NodeConfig? NodeSettings { get; init; }
}

/// <summary><c>spec.base</c>: what the image starts from.</summary>
public sealed class BaseSettings
{
    /// <summary><c>distribution</c>: <c>al2023</c>, <c>debian</c> or <c>ubuntu</c>.</summary>
    public Sourced<string>? Distribution { get; init; }

    /// <summary><c>release</c>: the release whose package repository is used: <c>2023.11.20260526</c>, <c>trixie</c>.</summary>
    public Sourced<string>? Release { get; init; }

    /// <summary><c>kernel</c>: the kernel stream: <c>6.12</c>.</summary>
    public Sourced<string>? Kernel { get; init; }
}

/// <summary><c>spec.nvidia</c>.</summary>
public sealed class NvidiaSettings
{
    /// <summary><c>driver</c>: the branch (<c>580</c>) or one version of the driver.</summary>
    public Sourced<VersionConstraint>? Driver { get; init; }

    /// <summary><c>modules</c>: the kernel modules that are built from packages: <c>open</c> or <c>proprietary</c>.</summary>
    public Sourced<ImmutableArray<string>>? Modules { get; init; }

    /// <summary><c>archives</c>: builds of the kernel modules as dkms archives them (<c>dkms mktarball</c>), by <c>open</c>, <c>proprietary</c>, <c>grid</c>; a boot installs the one that its devices need.</summary>
    public SortedMap<ComponentSettings> Archives { get; init; } = SortedMap.Empty<ComponentSettings>();

    /// <summary>Where the first of them stands; null: nothing is set.</summary>
    public Origin? Origin => Driver?.Origin ?? Modules?.Origin ?? (Archives.IsEmpty ? null : Archives.Values.First().Source!.Origin);
}

/// <summary>A component of <c>spec.components</c>.</summary>
public sealed class ComponentSettings
{
    /// <summary><c>version</c>.</summary>
    public Sourced<VersionConstraint>? Version { get; init; }

    /// <summary><c>source</c>: <c>package</c>, <c>upstream</c>, or a URL (https or file).</summary>
    public Sourced<string>? Source { get; init; }

    /// <summary><c>sha256</c>: of what the URL gives, 64 hexadecimal digits.</summary>
    public Sourced<string>? Sha256 { get; init; }

    /// <summary><c>enabled: false</c> leaves the component out.</summary>
    public Sourced<bool>? Enabled { get; init; }
}

/// <summary>A package of <c>spec.packages</c>.</summary>
/// <param name="Version">Which versions may be installed; null: the package must be absent.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record PackageSettings(VersionConstraint? Version, Origin Origin)
{
    /// <summary>The word for a package that must not be there.</summary>
    public const string Absent = "absent";
}

/// <summary>A file of <c>spec.files</c>.</summary>
public sealed class ImageFileSettings
{
    /// <summary><c>content</c>: its text.</summary>
    public Sourced<string>? Content { get; init; }

    /// <summary><c>source</c>: the file that holds its content, relative to the document.</summary>
    public Sourced<string>? Source { get; init; }

    /// <summary><c>mode</c>: permission bits, octal in quotes: <c>"0644"</c>.</summary>
    public Sourced<int>? Mode { get; init; }

    /// <summary>Where it stands.</summary>
    public required Origin Origin { get; init; }
}
