using EksNode.Host.Files;

namespace EksNode.Host.Boot;

/// <summary>
/// The empty file that says that the node's services were started since it booted. The network hook then leaves interfaces that are attached
/// to the pods; other tools on EKS-optimized images look for it, too.
/// </summary>
public static class NodeadmMarker
{
    /// <summary>The file.</summary>
    public const string FilePath = "/run/nodeadm/init";

    // 0644: any user may see that the node was started.
    private const int Mode = 0x1A4;

    /// <summary>Whether it is there.</summary>
    /// <param name="root">The root of the machine.</param>
    public static bool IsThere(HostRoot root) => root.Status(FilePath) is not null;

    /// <summary>Writes it, before the first service is started. One that is there stays.</summary>
    /// <param name="root">The root of the machine.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">It cannot be written.</exception>
    public static void Write(HostRoot root)
    {
        if (!IsThere(root))
        {
            var writing = new FileTransaction(root);
            writing.Write(FilePath, ReadOnlyMemory<byte>.Empty, Mode);
            writing.Stage();
            writing.Commit();
        }
    }
}
