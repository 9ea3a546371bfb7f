using System.Globalization;
using EksNode.Host.Files;

namespace EksNode.Host.Facts;

/// <summary>Finds the file of a program below a root, as the kernel sees it.</summary>
internal static class ProgramLocation
{
    /// <summary>
    /// The absolute path, outside of the root, of what is at a path inside it: links are resolved inside the root, so that none of
    /// them leads to a program of the machine itself. Null when nothing is there or <c>/proc</c> is missing.
    /// </summary>
    public static string? Find(HostRoot root, string path)
    {
        using var file = root.OpenOrNull(path, Libc.PathOnly, follow: true, "run");
        return file is null
            ? null
            : new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}")).LinkTarget;
    }
}
