using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <content>What files in memory need.</content>
internal static unsafe partial class Libc
{
    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateInMemory(string name, uint flags);

    /// <summary>memfd_create: a file in memory alone; null and <see cref="LastError"/> when it fails.</summary>
    public static SafeFileHandle? CreateInMemory(string name)
    {
        const uint closeOnExec = 1; // MFD_CLOEXEC
        return Handle(CreateInMemory(name, closeOnExec));
    }
}
