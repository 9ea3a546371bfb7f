using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN01xx: sources and documents: user data, MIME, encodings, YAML, JSON, TOML.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>No source gave a configuration.</summary>
    public static DiagnosticDescriptor NoConfiguration { get; } = new("EKN0100", Severity.Error, "no configuration");

    /// <summary>A configuration source cannot be understood: its scheme or form.</summary>
    public static DiagnosticDescriptor UnknownSource { get; } = new("EKN0101", Severity.Error, "unknown configuration source");

    /// <summary>A source holds only what cloud-init reads.</summary>
    public static DiagnosticDescriptor ForCloudInit { get; } = new("EKN0102", Severity.Info, "user data for cloud-init only");

    /// <summary>A source is empty.</summary>
    public static DiagnosticDescriptor EmptySource { get; } = new("EKN0103", Severity.Info, "empty source");

    /// <summary>The bytes are no text.</summary>
    public static DiagnosticDescriptor NotText { get; } = new("EKN0110", Severity.Error, "not UTF-8 text");

    /// <summary>A gzip stream is broken.</summary>
    public static DiagnosticDescriptor InvalidGzip { get; } = new("EKN0111", Severity.Error, "broken gzip");

    /// <summary>Compressed data unpacks to more than the limit.</summary>
    public static DiagnosticDescriptor TooLarge { get; } = new("EKN0112", Severity.Error, "too large");

    /// <summary>A MIME message is malformed.</summary>
    public static DiagnosticDescriptor InvalidMime { get; } = new("EKN0113", Severity.Error, "malformed MIME");

    /// <summary>A MIME multipart message ends before its last boundary.</summary>
    public static DiagnosticDescriptor UnterminatedMime { get; } = new("EKN0114", Severity.Error, "MIME message cut off");

    /// <summary>A part or document is encoded in another way than its header says.</summary>
    public static DiagnosticDescriptor WrongTransferEncoding { get; } =
        new("EKN0115", Severity.Warning, "wrong Content-Transfer-Encoding");

    /// <summary>A MIME part looks like a node configuration but its media type is another one.</summary>
    public static DiagnosticDescriptor SuspiciousPartType { get; } =
        new("EKN0116", Severity.Warning, "configuration in a part of another type");

    /// <summary>YAML that cannot be parsed.</summary>
    public static DiagnosticDescriptor InvalidYaml { get; } = new("EKN0120", Severity.Error, "invalid YAML");

    /// <summary>A YAML value that can be parsed but not used: an unknown alias, a key that is a list, an infinite number.</summary>
    public static DiagnosticDescriptor UnusableYaml { get; } = new("EKN0121", Severity.Error, "unusable YAML");

    /// <summary>A document that is nested too deeply, or grows too large when its aliases are expanded.</summary>
    public static DiagnosticDescriptor DocumentTooComplex { get; } = new("EKN0122", Severity.Error, "document too deep or too large");

    /// <summary>A key stands twice in one map.</summary>
    public static DiagnosticDescriptor DuplicateKey { get; } = new("EKN0123", Severity.Warning, "duplicate key");

    /// <summary>JSON that cannot be parsed.</summary>
    public static DiagnosticDescriptor InvalidJson { get; } = new("EKN0124", Severity.Error, "invalid JSON");

    /// <summary>TOML that cannot be parsed.</summary>
    public static DiagnosticDescriptor InvalidToml { get; } = new("EKN0125", Severity.Error, "invalid TOML");

    /// <summary>A table or key stands twice in a TOML document.</summary>
    public static DiagnosticDescriptor DuplicateTomlKey { get; } = new("EKN0126", Severity.Error, "duplicate TOML key or table");

    /// <summary>A document is no map.</summary>
    public static DiagnosticDescriptor NotADocument { get; } = new("EKN0130", Severity.Error, "not a configuration document");

    /// <summary>A document lacks apiVersion or kind.</summary>
    public static DiagnosticDescriptor MissingTypeMeta { get; } = new("EKN0131", Severity.Error, "apiVersion or kind missing");

    /// <summary>A document of an API group of ours has a version or kind that does not exist.</summary>
    public static DiagnosticDescriptor UnknownVersion { get; } = new("EKN0132", Severity.Error, "unknown apiVersion or kind");

    /// <summary>A document of another kind stands in a source.</summary>
    public static DiagnosticDescriptor OtherDocument { get; } = new("EKN0133", Severity.Warning, "document of another kind");

    /// <summary>A second apiVersion or kind in one document.</summary>
    public static DiagnosticDescriptor TwoDocumentsInOne { get; } = new("EKN0136", Severity.Error, "two documents in one");

    /// <summary>A key without quotes that YAML reads as a boolean or number, and that becomes another text.</summary>
    public static DiagnosticDescriptor KeyIsNotText { get; } = new("EKN0137", Severity.Warning, "key is read as a boolean or number");

    private static ImmutableArray<DiagnosticDescriptor> SourceEntries =>
    [
        NoConfiguration,
        UnknownSource,
        ForCloudInit,
        EmptySource,
        NotText,
        InvalidGzip,
        TooLarge,
        InvalidMime,
        UnterminatedMime,
        WrongTransferEncoding,
        SuspiciousPartType,
        InvalidYaml,
        UnusableYaml,
        DocumentTooComplex,
        DuplicateKey,
        InvalidJson,
        InvalidToml,
        DuplicateTomlKey,
        NotADocument,
        MissingTypeMeta,
        UnknownVersion,
        OtherDocument,
        TwoDocumentsInOne,
        KeyIsNotText,
    ];
}
