using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0270 to EKN0299: an ImageConfig by itself; EKN0640 to EKN0646: what cannot become an image.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A version, or which versions, in a form that none has.</summary>
    public static DiagnosticDescriptor BadVersionConstraint { get; } = new("EKN0270", Severity.Error, "not a version");

    /// <summary>A place to download from that is none.</summary>
    public static DiagnosticDescriptor BadDownloadUrl { get; } = new("EKN0271", Severity.Error, "not a place to download from");

    /// <summary>A checksum that is none, or that is missing where a document names a URL.</summary>
    public static DiagnosticDescriptor BadChecksum { get; } = new("EKN0272", Severity.Error, "bad or missing checksum");

    /// <summary>The name of a package has a form that none has.</summary>
    public static DiagnosticDescriptor BadPackageName { get; } = new("EKN0273", Severity.Error, "not the name of a package");

    /// <summary>The name of a unit has a form that none has.</summary>
    public static DiagnosticDescriptor BadUnitName { get; } = new("EKN0274", Severity.Error, "not the name of a unit");

    /// <summary>An argument of the kernel that is more than one, or none.</summary>
    public static DiagnosticDescriptor BadKernelArgument { get; } = new("EKN0275", Severity.Error, "not an argument of the kernel");

    /// <summary>Permission bits in a form that none have.</summary>
    public static DiagnosticDescriptor BadFileMode { get; } = new("EKN0276", Severity.Error, "not the mode of a file");

    /// <summary>A file of an image whose content is not given, or given twice.</summary>
    public static DiagnosticDescriptor BadImageFile { get; } = new("EKN0277", Severity.Error, "a file of an image without one content");

    /// <summary>A document that an ImageConfig includes cannot be read, or includes itself.</summary>
    public static DiagnosticDescriptor BadInclude { get; } = new("EKN0278", Severity.Error, "an included document cannot be read");

    /// <summary>The source gives no ImageConfig, or more than one.</summary>
    public static DiagnosticDescriptor NoImageConfig { get; } = new("EKN0279", Severity.Error, "not one ImageConfig");

    /// <summary>A volume of an image that EC2 does not make.</summary>
    public static DiagnosticDescriptor BadVolume { get; } = new("EKN0280", Severity.Error, "not a volume of an image");

    private static ImmutableArray<DiagnosticDescriptor> ImageConfigEntries =>
    [
        BadVersionConstraint,
        BadDownloadUrl,
        BadChecksum,
        BadPackageName,
        BadUnitName,
        BadKernelArgument,
        BadFileMode,
        BadImageFile,
        BadInclude,
        NoImageConfig,
        BadVolume,
    ];

    /// <summary>A Kubernetes version that eksnode makes no images for.</summary>
    public static DiagnosticDescriptor KubernetesUnsupported { get; } = new("EKN0640", Severity.Error, "no images for this Kubernetes version");

    /// <summary>No known version of a component fits.</summary>
    public static DiagnosticDescriptor NoVersionFits { get; } = new("EKN0641", Severity.Error, "no known version of a component fits");

    /// <summary>Two parts of an image that do not work together.</summary>
    public static DiagnosticDescriptor ImageContradiction { get; } = new("EKN0642", Severity.Error, "parts of the image that do not work together");

    /// <summary>A download whose checksum nobody has published, or eksnode does not know.</summary>
    public static DiagnosticDescriptor ChecksumUnknown { get; } = new("EKN0643", Severity.Warning, "the checksum of a download is not known");

    /// <summary>A setting that has no effect in this image.</summary>
    public static DiagnosticDescriptor ImageSettingUnused { get; } = new("EKN0644", Severity.Warning, "a setting that has no effect in this image");

    /// <summary>A file of the document in the place of one that a node starts with.</summary>
    public static DiagnosticDescriptor ImageFileReplaced { get; } = new("EKN0646", Severity.Warning, "a file of the document replaces one that nodes start with");

    private static ImmutableArray<DiagnosticDescriptor> ImagePlanEntries =>
        [KubernetesUnsupported, NoVersionFits, ImageContradiction, ChecksumUnknown, ImageSettingUnused, ImageFileReplaced];
}
