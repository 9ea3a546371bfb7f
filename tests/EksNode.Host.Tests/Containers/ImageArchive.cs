using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EksNode.Host.Tests.Containers;

/// <summary>An archive of one image as the OCI image layout describes it, with a layer of one file.</summary>
internal static class ImageArchive
{
    public static void Write(string path, string name)
    {
        using var file = File.Create(path);
        using TarWriter tar = new(file, TarEntryFormat.Pax);
        var blobs = Blobs();
        var manifest = blobs[^1];
        Add(tar, "oci-layout", Text("""{"imageLayoutVersion":"1.0.0"}"""));
        Add(tar, "index.json", Text($$$"""
            {"schemaVersion":2,"manifests":[{"mediaType":"{{{ManifestType}}}","digest":"{{{Digest(manifest)}}}","size":{{{manifest.Length}}},
             "annotations":{"io.containerd.image.name":"{{{name}}}"},"platform":{"architecture":"{{{OwnArchitecture}}}","os":"linux"}}]}
            """));
        foreach (var blob in blobs)
        {
            Add(tar, "blobs/sha256/" + Digest(blob)["sha256:".Length..], blob);
        }
    }

    /// <summary>The media type of <see cref="Blobs"/>' last one.</summary>
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>The image: its layer, its configuration, its manifest.</summary>
    public static byte[][] Blobs()
    {
        var layer = Layer();
        var config = Text($$$"""{"architecture":"{{{OwnArchitecture}}}","os":"linux","config":{"Entrypoint":["/pause"]},"rootfs":{"type":"layers","diff_ids":["{{{Digest(layer)}}}"]}}""");
        var manifest = Text($$$"""
            {"schemaVersion":2,"mediaType":"{{{ManifestType}}}",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{Digest(config)}}}","size":{{{config.Length}}}},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{{Digest(layer)}}}","size":{{{layer.Length}}}}]}
            """);
        return [layer, config, manifest];
    }

    /// <summary>The digest of a blob.</summary>
    public static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static string OwnArchitecture => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";

    private static byte[] Layer()
    {
        using MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            Add(tar, "pause", Text("no program"));
        }

        return stream.ToArray();
    }

    private static void Add(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
