using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Decisions;

namespace EksNode.Host.Facts;

/// <summary>A component as the image was built with it.</summary>
/// <param name="Version">Its version; a leading <c>v</c> is cut.</param>
/// <param name="Path">The program's path; null: the usual one.</param>
/// <param name="Size">The program's size in bytes; null: not told.</param>
/// <param name="Modified">When the program was last changed; null: not told.</param>
public sealed record ImageComponent(string Version, string? Path, long? Size, FileTime? Modified);

/// <summary>A container image that the image was built with.</summary>
/// <param name="Name">Its name, with registry and tag.</param>
/// <param name="Digest">Its digest, <c>sha256:…</c>; null: not told.</param>
/// <param name="Pinned">Whether the kubelet's garbage collection leaves it alone; null: not told.</param>
public sealed record ManifestImage(string Name, string? Digest, bool? Pinned);

/// <summary>
/// The image manifest, <c>/etc/eksnode/image.json</c>: what the build of an image tells the nodes that start from it. Keys that this
/// version does not use are ignored, as newer images may have more.
/// </summary>
public sealed record ImageManifest
{
    /// <summary>Where it is.</summary>
    public const string Path = "/etc/eksnode/image.json";

    /// <summary>The version of its form.</summary>
    public const int SchemaVersion = 1;

    /// <summary>The variant, <c>standard</c>.</summary>
    public string? Variant { get; init; }

    /// <summary>The compliance profile, <c>cis-l1</c>; null: none.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether the image runs in FIPS mode; null: not told, which is no.</summary>
    public bool? Fips { get; init; }

    /// <summary>Whether the pause image is among the baked images; null: not told.</summary>
    public bool? PauseImage { get; init; }

    /// <summary>Components by name: <c>kubelet</c>, <c>containerd</c>.</summary>
    public SortedMap<ImageComponent> Components { get; init; } =
        SortedMap.Empty<ImageComponent>();

    /// <summary>The container images that it has.</summary>
    public ImmutableArray<ManifestImage> Images { get; init; } = [];

    /// <summary>The ids of the resources that the image was built with: <c>file:/etc/…</c>.</summary>
    public ImmutableArray<string> Baked { get; init; } = [];

    /// <summary>A partial <c>eksnode.io</c> NodeConfig below all configuration sources; its values know their place in the manifest.</summary>
    public TreeMap? Defaults { get; init; }

    /// <summary>Reads the manifest; null when there is none, or, with an error, when it cannot be used.</summary>
    /// <param name="root">The root.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static ImageManifest? Read(HostRoot root, DiagnosticBag diagnostics) =>
        root.ReadFile(Path) is { } bytes ? Parse(bytes, diagnostics) : null;

    /// <summary>Reads a manifest from its bytes; null, with an error, when it cannot be used.</summary>
    internal static ImageManifest? Parse(ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Invalid(diagnostics, $"{Path} is not UTF-8 text.", Origin.At(Path, 0, 0));
            return null;
        }

        var document = JsonReader.Read(text, Path, part: 0, diagnostics);
        if (document is not TreeMap map)
        {
            if (document is not null)
            {
                Invalid(diagnostics, $"The image manifest is a map, but this is {document.Describe()}.", document.Origin);
            }

            return null;
        }

        var found = new DiagnosticBag();
        var manifest = Manifest(new TreeMapReader(map, "", DiagnosticCatalogue.ImageManifestInvalid, found), found);
        diagnostics.AddRange(found.Items);
        return found.HasErrors ? null : manifest;
    }

    private static void Invalid(DiagnosticBag diagnostics, string message, Origin origin) => diagnostics.Report(
        DiagnosticCatalogue.ImageManifestInvalid,
        message,
        $"Mend {Path}, or remove it: versions then come from /etc/eks or the programs, and no compliance profile applies.",
        origin);

    private static ImageManifest? Manifest(TreeMapReader map, DiagnosticBag diagnostics)
    {
        if (map.Integer("schemaVersion", 0, int.MaxValue) is { } version and not SchemaVersion)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageManifestVersionUnknown,
                FormattableString.Invariant($"The image manifest has version {version}, and this eksnode reads version {SchemaVersion}."),
                "Use the eksnode that built the image, or a newer one.",
                map.OriginOf("schemaVersion"),
                "schemaVersion");
            return null;
        }

        var images = ImagesOf(map);
        return new ImageManifest
        {
            Variant = map.Text("variant"),
            Profile = map.Text("profile"),
            Fips = map.Boolean("fips"),
            PauseImage = images.Any(i => i.Name is "pause" or SandboxImage.Local) ? true : null,
            Images = images,
            Components = ComponentsOf(map),
            Baked = map.Texts("baked") is { } baked ? [.. baked] : [],
            Defaults = map.RawMap("defaults"),
        };
    }

    private static ImmutableArray<ManifestImage> ImagesOf(TreeMapReader map)
    {
        var images = new List<ManifestImage>();
        foreach (var image in map.Maps("images") ?? [])
        {
            if (image.Text("name") is { } name)
            {
                images.Add(new ManifestImage(name, image.Text("digest"), image.Boolean("pinned")));
            }
        }

        return images.ToImmutable();
    }

    private static SortedMap<ImageComponent> ComponentsOf(TreeMapReader map)
    {
        var components = SortedMap.CreateBuilder<ImageComponent>();
        if (map.RawMap("components") is { } raw && map.Map("components") is { } reader)
        {
            foreach (var entry in raw.Entries)
            {
                if (reader.Map(entry.Key) is { } component)
                {
                    component.Missing("version");
                    var version = component.Text("version", v => ComponentVersion.Find(v) is not null, "a version, as in 1.33.4");
                    var path = component.Text("path", p => p.StartsWith('/'), "an absolute path");
                    var size = component.Integer("size", 0, long.MaxValue);
                    var modified = component.Text("mtime", t => FileTime.Parse(t) is not null, "a time, as in 2026-01-31T12:00:00Z");
                    components[entry.Key] = new ImageComponent(
                        version is null ? "" : ComponentVersion.Find(version)!, path, size, modified is null ? null : FileTime.Parse(modified));
                }
            }
        }

        return components.ToImmutable();
    }
}
