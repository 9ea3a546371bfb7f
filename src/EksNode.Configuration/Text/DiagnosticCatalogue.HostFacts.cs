using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0750 to EKN0799: facts of a facts file, the host and the image.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A facts file is no JSON object, or no text.</summary>
    public static DiagnosticDescriptor FactsFileInvalid { get; } = new("EKN0750", Severity.Error, "not a facts file");

    /// <summary>A facts file has a schema version that this eksnode does not know.</summary>
    public static DiagnosticDescriptor FactsVersionUnknown { get; } = new("EKN0751", Severity.Error, "unknown version of a facts file");

    /// <summary>A facts file has a key that is no fact.</summary>
    public static DiagnosticDescriptor FactUnknown { get; } = new("EKN0752", Severity.Warning, "unknown fact");

    /// <summary>A fact has the wrong type, or a value that it cannot have.</summary>
    public static DiagnosticDescriptor FactInvalid { get; } = new("EKN0753", Severity.Error, "invalid fact");

    /// <summary>The image manifest has the wrong form: a wrong type, a missing version.</summary>
    public static DiagnosticDescriptor ImageManifestInvalid { get; } = new("EKN0760", Severity.Error, "invalid image manifest");

    /// <summary>The image manifest has a schema version that this eksnode does not know.</summary>
    public static DiagnosticDescriptor ImageManifestVersionUnknown { get; } =
        new("EKN0761", Severity.Error, "unknown version of the image manifest");

    /// <summary>A program is another one than the image manifest describes.</summary>
    public static DiagnosticDescriptor ComponentReplaced { get; } =
        new("EKN0762", Severity.Warning, "a component was replaced after the image was built");

    /// <summary>A program did not tell its version.</summary>
    public static DiagnosticDescriptor ComponentSilent { get; } =
        new("EKN0763", Severity.Warning, "a component does not tell its version");

    /// <summary>A version file of the image holds no version.</summary>
    public static DiagnosticDescriptor VersionFileInvalid { get; } = new("EKN0764", Severity.Warning, "a version file holds no version");

    /// <summary>The versions that programs told cannot be read or kept for the next boot.</summary>
    public static DiagnosticDescriptor VersionsNotRemembered { get; } =
        new("EKN0765", Severity.Info, "versions of components are not remembered");

    /// <summary>A file of <c>/proc</c> or <c>/sys</c> cannot be read or has an unexpected form, so that a fact is missing.</summary>
    public static DiagnosticDescriptor HostFactUnreadable { get; } = new("EKN0770", Severity.Warning, "a fact of the host cannot be read");

    private static ImmutableArray<DiagnosticDescriptor> HostFactEntries =>
    [
        FactsFileInvalid,
        FactsVersionUnknown,
        FactUnknown,
        FactInvalid,
        ImageManifestInvalid,
        ImageManifestVersionUnknown,
        ComponentReplaced,
        ComponentSilent,
        VersionFileInvalid,
        VersionsNotRemembered,
        HostFactUnreadable,
    ];
}
