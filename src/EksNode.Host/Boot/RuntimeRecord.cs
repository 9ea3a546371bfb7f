using System.Globalization;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Hashing;

namespace EksNode.Host.Boot;

/// <summary>Reads and writes JSON documents of a boot in <c>/run/eksnode</c> (0700, files 0600), each whole or not at all.</summary>
public static class RuntimeRecord
{
    private const int FileMode = 0x180; // 0600
    private const int FolderMode = 0x1C0; // 0700

    /// <summary>The path of a record.</summary>
    /// <param name="name">Its file name.</param>
    public static string PathOf(string name) => HostLock.DirectoryPath + "/" + name;

    /// <summary>A digest of named pieces, in their order; no two lists of pieces have the same bytes.</summary>
    /// <param name="pieces">The pieces.</param>
    public static string Digest(IEnumerable<(string Name, ReadOnlyMemory<byte> Bytes)> pieces)
    {
        var hash = new Sha256();
        foreach (var (name, bytes) in pieces)
        {
            // Lengths first, so that nothing can move from one piece to the next.
            var head = string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(name)} {bytes.Length} {name}\n");
            hash.Add(Encoding.UTF8.GetBytes(head));
            hash.Add(bytes.Span);
        }

        return hash.FinishHex();
    }

    /// <summary>Writes a record.</summary>
    /// <param name="root">The root of the node.</param>
    /// <param name="name">Its file name.</param>
    /// <param name="document">The document.</param>
    /// <exception cref="DiagnosticException">It cannot be written.</exception>
    public static void Write(HostRoot root, string name, TreeMap document)
    {
        var transaction = new FileTransaction(root);
        transaction.MakeDirectory(HostLock.DirectoryPath, FolderMode);
        transaction.Write(PathOf(name), Encoding.UTF8.GetBytes(JsonWriter.Write(document, indent: 1, sortKeys: false) + "\n"), FileMode);
        transaction.Stage();
        foreach (var stage in Enum.GetValues<WriteStage>())
        {
            transaction.Commit(stage);
        }
    }

    /// <summary>Reads a record; null when there is none, or it is no document, which is among the diagnostics.</summary>
    /// <param name="root">The root of the node.</param>
    /// <param name="name">Its file name.</param>
    /// <param name="diagnostics">Takes why it cannot be read.</param>
    /// <exception cref="DiagnosticException">The file cannot be read.</exception>
    public static TreeMap? Read(HostRoot root, string name, DiagnosticBag diagnostics) =>
        root.ReadFile(PathOf(name)) is { } bytes
            ? JsonReader.Read(Encoding.UTF8.GetString(bytes), PathOf(name), part: 0, diagnostics) as TreeMap
            : null;
}
