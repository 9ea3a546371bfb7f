using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0656 to EKN0659: an image that Packer or EC2 Image Builder make.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>Packer is not installed, or too old.</summary>
    public static DiagnosticDescriptor PackerMissing { get; } = new("EKN0656", Severity.Error, "no usable Packer");

    /// <summary>Packer refuses the folder that was written for it.</summary>
    public static DiagnosticDescriptor PackerRefused { get; } = new("EKN0657", Severity.Error, "Packer refuses the template");

    /// <summary>An image that cannot be made on a builder instance as its document is.</summary>
    public static DiagnosticDescriptor NotForBuilder { get; } = new("EKN0658", Severity.Error, "no image for a builder instance");

    /// <summary>A file that the image is made from must be on the builder instance, and nothing of eksnode's brings it there.</summary>
    public static DiagnosticDescriptor FileOfBuilder { get; } = new("EKN0659", Severity.Warning, "a file that must be on the builder instance");

    private static ImmutableArray<DiagnosticDescriptor> PackerEntries => [PackerMissing, PackerRefused, NotForBuilder, FileOfBuilder];
}
