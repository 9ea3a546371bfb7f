using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EksNode.Imaging.Bills;

/// <summary>What an image consists of, whatever form it is written in. The same image gives the same bill: its id follows from its content.</summary>
internal sealed class BillOfMaterials
{
    private readonly byte[] hash;

    /// <summary>Makes a bill.</summary>
    /// <param name="name">What the image is called: <c>eks-node-standard-x86_64</c>.</param>
    /// <param name="version">Its version.</param>
    /// <param name="created">When the image was made.</param>
    /// <param name="components">Its components, sorted by package URL.</param>
    public BillOfMaterials(string name, string version, DateTimeOffset created, IReadOnlyList<BillComponent> components)
    {
        Name = name;
        Version = version;
        Created = created.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        Components = components;
        var text = new StringBuilder(Name).Append('\n').Append(Version).Append('\n').Append(Created).Append('\n');
        foreach (var component in components)
        {
            text.Append(component.Purl).Append(' ').Append(component.Sha256).Append('\n');
        }

        hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>What the image is called.</summary>
    public string Name { get; }

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>When the image was made, in UTC: <c>2026-01-31T12:00:00Z</c>.</summary>
    public string Created { get; }

    /// <summary>Its components, sorted by package URL.</summary>
    public IReadOnlyList<BillComponent> Components { get; }

    /// <summary>The SHA-256 of what it says, in hexadecimal digits.</summary>
    public string Hash => Convert.ToHexStringLower(hash);

    /// <summary>The same as a UUID of version 8, whose bits are its maker's (RFC 9562, section 5.8).</summary>
    public string Uuid
    {
        get
        {
            const int VersionAt = 6;
            const int VariantAt = 8;
            Span<byte> bytes = stackalloc byte[16];
            hash.AsSpan(0, bytes.Length).CopyTo(bytes);
            bytes[VersionAt] = (byte)((bytes[VersionAt] & 0x0F) | 0x80);
            bytes[VariantAt] = (byte)((bytes[VariantAt] & 0x3F) | 0x80);
            return new Guid(bytes, bigEndian: true).ToString();
        }
    }
}
