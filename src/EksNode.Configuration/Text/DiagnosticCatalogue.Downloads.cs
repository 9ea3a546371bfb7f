using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0660 to EKN0669: fetching, verifying and unpacking programs of an image.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A server does not give a file, or cannot be reached.</summary>
    public static DiagnosticDescriptor DownloadFailed { get; } = new("EKN0660", Severity.Error, "a download cannot be had");

    /// <summary>A file has another checksum than it must have.</summary>
    public static DiagnosticDescriptor ChecksumMismatch { get; } = new("EKN0661", Severity.Error, "a download is not the file that was meant");

    /// <summary>A signature is there and is not one of the publisher for this file.</summary>
    public static DiagnosticDescriptor SignatureWrong { get; } = new("EKN0662", Severity.Error, "the signature of a download is wrong");

    /// <summary>A publisher signs a file, and the signature is not beside it or cannot be had.</summary>
    public static DiagnosticDescriptor SignatureMissing { get; } = new("EKN0663", Severity.Warning, "the signature of a download is missing");

    /// <summary>A signature that this machine cannot verify: it has no gpgv, or one that cannot check it.</summary>
    public static DiagnosticDescriptor SignatureNotVerified { get; } = new("EKN0664", Severity.Info, "only the checksum of a download was verified");

    /// <summary>An archive is damaged, or holds what no archive of programs holds.</summary>
    public static DiagnosticDescriptor ArchiveUnusable { get; } = new("EKN0665", Severity.Error, "an archive of programs cannot be used");

    /// <summary>A program is not in its archive.</summary>
    public static DiagnosticDescriptor ArchiveMemberMissing { get; } = new("EKN0666", Severity.Error, "an archive lacks a program");

    private static ImmutableArray<DiagnosticDescriptor> DownloadEntries =>
        [DownloadFailed, ChecksumMismatch, SignatureWrong, SignatureMissing, SignatureNotVerified, ArchiveUnusable, ArchiveMemberMissing];
}
