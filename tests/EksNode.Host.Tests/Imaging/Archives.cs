using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EksNode.Host.Hashing;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Imaging;

/// <summary>Archives, and the resources that want something of them.</summary>
internal static class Archives
{
    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    public static byte[] Tar(TarEntryFormat format, params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, format, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    public static TarEntry Regular(TarEntryFormat format, string name, string content) =>
        Of(format, format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, name, content);

    public static TarEntry Of(TarEntryFormat format, TarEntryType type, string name, string? content = null, string? link = null)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(type, name),
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            _ => new PaxTarEntry(type, name),
        };
        if (link is not null)
        {
            entry.LinkName = link;
        }

        if (content is not null)
        {
            entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        }

        entry.Mode = UnixFileMode.UserRead;
        return entry;
    }

    public static BinaryResource Wanted(byte[] download, bool isArchive, params InstalledFile[] files) => new()
    {
        Path = files[0].Path,
        Name = "cniPlugins",
        Version = null,
        Url = "https://example.com/cni.tgz",
        Sha256 = Sha256.Of(download),
        IsArchive = isArchive,
        Files = [.. files],
    };
}
