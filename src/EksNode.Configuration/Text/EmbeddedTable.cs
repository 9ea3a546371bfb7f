using System.Buffers.Binary;
using System.IO.Compression;
using System.Reflection;

namespace EksNode.Configuration.Text;

/// <summary>A file of <c>data/</c> that the build put, compressed, into an assembly (<c>src/Directory.Build.targets</c>).</summary>
public static class EmbeddedTable
{
    /// <summary>The bytes of the file, as it is in <c>data/</c>.</summary>
    /// <param name="assembly">The assembly that holds it.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidOperationException">The assembly was built without the file.</exception>
    public static Stream Open(Assembly assembly, string name) =>
        new GZipStream(Compressed(assembly, name), CompressionMode.Decompress);

    /// <summary>All bytes of the file.</summary>
    /// <inheritdoc cref="Open"/>
    public static byte[] ReadAllBytes(Assembly assembly, string name)
    {
        // A gzip stream ends with the length of what it unpacks to (RFC 1952, section 2.3.1).
        var compressed = Compressed(assembly, name);
        Span<byte> length = stackalloc byte[sizeof(int)];
        compressed.Seek(-length.Length, SeekOrigin.End);
        compressed.ReadExactly(length);
        compressed.Position = 0;

        var bytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        using var stream = new GZipStream(compressed, CompressionMode.Decompress);
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The rows of a table of tab-separated cells; comment lines begin with <c>#</c>.</summary>
    /// <param name="assembly">The assembly that holds it.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="hasHeader">Whether the first row names the columns; it is left out.</param>
    /// <exception cref="InvalidOperationException">The assembly was built without the file.</exception>
    public static IEnumerable<string[]> Rows(Assembly assembly, string name, bool hasHeader = true)
    {
        using var stream = Open(assembly, name);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (!hasHeader)
            {
                yield return line.Split('\t');
            }

            hasHeader = false;
        }
    }

    private static Stream Compressed(Assembly assembly, string name) => assembly.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The table {name} is not embedded.");
}
