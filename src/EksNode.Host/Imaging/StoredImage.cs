namespace EksNode.Host.Imaging;

/// <summary>A container image in the store of a node image.</summary>
/// <param name="name">Its name, with registry and tag.</param>
/// <param name="digest">The digest of its manifest: <c>sha256:…</c>.</param>
/// <param name="isPinned">Whether the kubelet's garbage collection leaves it alone.</param>
public sealed class StoredImage(string name, string digest, bool isPinned)
{
    /// <summary>Its name, with registry and tag.</summary>
    public string Name => name;

    /// <summary>The digest of its manifest: <c>sha256:…</c>.</summary>
    public string Digest => digest;

    /// <summary>Whether the kubelet's garbage collection leaves it alone.</summary>
    public bool IsPinned => isPinned;
}
