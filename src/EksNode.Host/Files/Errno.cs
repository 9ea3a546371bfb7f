using EksNode.Configuration.Text;

namespace EksNode.Host.Files;

/// <summary>Error numbers of Linux (asm-generic/errno.h, the same on x64 and arm64), and what they mean to a user.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int InvalidArgument = 22;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int BrokenPipe = 32;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int NotEmpty = 39;
    public const int TooManyLinks = 40;
    public const int NoData = 61;
    public const int NoDeviceOrAddress = 6;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;

    /// <summary>The diagnostic for a failed system call.</summary>
    /// <param name="error">The error number.</param>
    /// <param name="doing">What was tried, as the end of "cannot …": <c>write</c>, <c>create the directory</c>.</param>
    /// <param name="path">The path, inside the root.</param>
    public static DiagnosticException Failure(int error, string doing, string path) => error switch
    {
        NoSpace => new(
            DiagnosticCatalogue.DiskFull,
            $"Cannot {doing} {path}: no space is left on its file system.",
            "Free space or inodes (`df -h`, `df -i`) or make the volume larger, then run again; nothing is half written.",
            path: path),
        QuotaExceeded => new(
            DiagnosticCatalogue.DiskFull,
            $"Cannot {doing} {path}: the disk quota is used up.",
            "Raise the quota or free space, then run again; nothing is half written.",
            path: path),
        ReadOnlyFileSystem => new(
            DiagnosticCatalogue.ReadOnlyFileSystem,
            $"Cannot {doing} {path}: its file system is read-only.",
            "Mount it writable (`mount -o remount,rw`), and see the kernel log if it became read-only after an error.",
            path: path),
        NotPermitted or AccessDenied => new(
            DiagnosticCatalogue.PermissionDenied,
            $"Cannot {doing} {path}: permission denied.",
            "Run as root, or give `--root` a folder that you own; as root, look for an immutable attribute (`lsattr`) or an SELinux denial.",
            path: path),
        TooManyLinks => new(
            DiagnosticCatalogue.LinkLoop,
            $"Cannot {doing} {path}: its links form a loop.",
            "Find the loop with `namei -l` and remove the link.",
            path: path),
        NotDirectory => new(
            DiagnosticCatalogue.WrongKind,
            $"Cannot {doing} {path}: something on the way is not a directory.",
            "See what is there with `namei -l`, and move it away.",
            path: path),
        IsDirectory => new(
            DiagnosticCatalogue.WrongKind,
            $"Cannot {doing} {path}: a directory is there.",
            "Move the directory away, then run again.",
            path: path),
        NameTooLong => new(
            DiagnosticCatalogue.InvalidPath,
            $"Cannot {doing} {path}: the path is longer than Linux allows.",
            "Use a shorter name.",
            path: path),
        _ => new(
            DiagnosticCatalogue.FileSystemFailure,
            $"Cannot {doing} {path}: {Describe(error)}.",
            "See the kernel log (`dmesg`) for trouble with the disk, then run again.",
            path: path),
    };

    private static string Describe(int error) =>
        $"{System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)} (errno {error.ToString(System.Globalization.CultureInfo.InvariantCulture)})";
}
