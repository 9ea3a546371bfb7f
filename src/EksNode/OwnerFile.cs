using System.Text;
using EksNode.Host.Files;

namespace EksNode;

/// <summary>A file that a user asked for, anywhere: it belongs to no node and to no root.</summary>
internal static class OwnerFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes it for its owner alone, since it may hold credentials, unless told otherwise: beside its place, then there. So a link at the place is replaced and not followed, whoever has an older file
    /// open does not see the new one, and what is there is whole.
    /// </summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellation, UnixFileMode mode = OwnerOnly)
    {
        using (var machine = HostRoot.Open("/"))
        {
            if (machine.Status(Path.GetFullPath(path), followLink: true)?.Kind is FileKind.Special)
            {
                // A device or a pipe would be a plain file from then on, for everybody.
                throw new IOException("it is no file: without the option it goes to standard output");
            }
        }

        var beside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
            await using (var file = new FileStream(beside, options))
            {
                await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
