using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <content>What reading ahead needs.</content>
internal static unsafe partial class Libc
{
    /// <summary>POSIX_FADV_WILLNEED: the kernel reads the range into its cache, without anybody waiting for it.</summary>
    public const int WillNeed = 3;

    /// <summary>posix_fadvise; the answer is an error number itself.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise64")]
    public static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
