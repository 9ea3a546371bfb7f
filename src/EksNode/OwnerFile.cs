using System.Text;

namespace EksNode;

/// <summary>A file that a user asked for, anywhere: it belongs to no node and to no root, and may hold credentials.</summary>
internal static class OwnerFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes it for its owner alone.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        await using var file = new FileStream(path, options);
        // One that was there keeps its mode otherwise.
        File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
    }
}
