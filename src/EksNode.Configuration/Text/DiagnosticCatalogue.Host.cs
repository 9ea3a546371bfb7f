using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN08xx: the host: files, ownership, state, lock.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A file system has no room for what must be written.</summary>
    public static DiagnosticDescriptor DiskFull { get; } = new("EKN0801", Severity.Error, "no space left on a file system");

    /// <summary>A file system that must be written is read-only.</summary>
    public static DiagnosticDescriptor ReadOnlyFileSystem { get; } = new("EKN0802", Severity.Error, "read-only file system");

    /// <summary>The kernel denies access to a path.</summary>
    public static DiagnosticDescriptor PermissionDenied { get; } = new("EKN0803", Severity.Error, "permission denied");

    /// <summary>Any other failure of a file system.</summary>
    public static DiagnosticDescriptor FileSystemFailure { get; } = new("EKN0804", Severity.Error, "a file system failed");

    /// <summary>Something of another kind is where a file, link or directory must be.</summary>
    public static DiagnosticDescriptor WrongKind { get; } = new("EKN0805", Severity.Error, "something of another kind is in the way");

    /// <summary>Links that lead to each other.</summary>
    public static DiagnosticDescriptor LinkLoop { get; } = new("EKN0806", Severity.Error, "a loop of links");

    /// <summary>A directory on the way to a file that others than root may write.</summary>
    public static DiagnosticDescriptor UntrustedDirectory { get; } =
        new("EKN0807", Severity.Error, "a directory on the way can be written by others than root");

    /// <summary>A path that is not absolute, or that no file system takes.</summary>
    public static DiagnosticDescriptor InvalidPath { get; } = new("EKN0808", Severity.Error, "not a usable path");

    /// <summary>The folder given as root cannot be opened.</summary>
    public static DiagnosticDescriptor RootUnusable { get; } = new("EKN0809", Severity.Error, "the root folder cannot be used");

    /// <summary>A file is larger than what it is read for can be.</summary>
    public static DiagnosticDescriptor FileTooLarge { get; } = new("EKN0810", Severity.Error, "a file is too large");

    /// <summary>A file changed while a run was about to replace it.</summary>
    public static DiagnosticDescriptor ChangedMeanwhile { get; } =
        new("EKN0811", Severity.Error, "a file changed while eksnode was about to replace it");

    /// <summary>A file was changed by hand, its plan is the same as before, and it stays.</summary>
    public static DiagnosticDescriptor ChangedByHandKept { get; } =
        new("EKN0820", Severity.Warning, "changed by hand and kept");

    /// <summary>A file was changed by hand, and the plan wins: a join replaces it and keeps the other version aside.</summary>
    public static DiagnosticDescriptor ChangedByHandReplaced { get; } =
        new("EKN0821", Severity.Warning, "changed by hand, and the plan wins");

    /// <summary>A file that can hold a secret was opened to others by hand, and is closed again.</summary>
    public static DiagnosticDescriptor SecretModeTightened { get; } =
        new("EKN0822", Severity.Warning, "a file with secrets was readable by others");

    /// <summary>A file that eksnode did not write is replaced; its bytes are kept for reset.</summary>
    public static DiagnosticDescriptor TakenOver { get; } =
        new("EKN0823", Severity.Info, "a file of the image is replaced");

    /// <summary>A file that the plan no longer has was changed by hand, and stays.</summary>
    public static DiagnosticDescriptor StaleKept { get; } =
        new("EKN0824", Severity.Warning, "no longer planned, changed by hand and kept");

    /// <summary>What was there before eksnode cannot be put back, for its kept bytes are gone.</summary>
    public static DiagnosticDescriptor OriginalLost { get; } =
        new("EKN0825", Severity.Warning, "the kept original is gone");

    /// <summary>The API server's host did not resolve, and the hosts file does not know it from an earlier boot either.</summary>
    public static DiagnosticDescriptor HostUnknown { get; } = new("EKN0826", Severity.Error, "no address for the API server's host");

    /// <summary>The record of what eksnode wrote cannot be read.</summary>
    public static DiagnosticDescriptor StateUnreadable { get; } = new("EKN0830", Severity.Error, "the state cannot be read");

    /// <summary>The record of what eksnode wrote was made by a newer eksnode.</summary>
    public static DiagnosticDescriptor StateNewer { get; } = new("EKN0831", Severity.Error, "the state is of a newer eksnode");

    /// <summary>Another eksnode works on the same root and does not finish in time.</summary>
    public static DiagnosticDescriptor LockTimeout { get; } = new("EKN0840", Severity.Error, "another eksnode holds the lock");

    private static ImmutableArray<DiagnosticDescriptor> HostEntries =>
    [
        DiskFull,
        ReadOnlyFileSystem,
        PermissionDenied,
        FileSystemFailure,
        WrongKind,
        LinkLoop,
        UntrustedDirectory,
        InvalidPath,
        RootUnusable,
        FileTooLarge,
        ChangedMeanwhile,
        ChangedByHandKept,
        ChangedByHandReplaced,
        SecretModeTightened,
        TakenOver,
        StaleKept,
        OriginalLost,
        HostUnknown,
        StateUnreadable,
        StateNewer,
        LockTimeout,
    ];
}
