using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>
/// A file that is in memory alone, for a program that takes nothing but paths. It has no name that another run could use or a kill could leave behind.
/// </summary>
internal sealed class MemoryFile : IDisposable
{
    private readonly SafeFileHandle file;

    private MemoryFile(SafeFileHandle file) => this.file = file;

    /// <summary>Its path for programs that run as the same user, as long as it is not disposed of.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{file.DangerousGetHandle()}");

    /// <summary>Makes a file with this content.</summary>
    /// <param name="content">The content.</param>
    /// <param name="name">What it is called in messages.</param>
    public static MemoryFile Of(ReadOnlySpan<byte> content, string name)
    {
        var file = Libc.CreateInMemory(name) ?? throw Errno.Failure(Libc.LastError, "create in memory", name);
        if (Libc.WriteAll(file, content))
        {
            return new MemoryFile(file);
        }

        var failure = Errno.Failure(Libc.LastError, "write in memory", name);
        file.Dispose();
        throw failure;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
