using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Packages;
using EksNode.Planning.Image;

namespace EksNode.Host.Imaging;

/// <summary>
/// Makes the <see cref="ImageManifest"/> of an image that was built: what a join reads instead of asking programs that are still in a snapshot.
/// Same root, same bytes: the times in it are those of the files.
/// </summary>
/// <param name="root">The root of the image.</param>
/// <param name="programs">Asks a program for a version that neither the plan nor a package tells.</param>
public sealed class ImageManifestWriter(HostRoot root, RootPrograms programs)
{
    // Where packages have a program when it is not where its release is installed: runc of Debian.
    private static readonly string[] Folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin"];

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The manifest as JSON.</summary>
    /// <param name="image">The plan.</param>
    /// <param name="installed">The packages of the image.</param>
    /// <param name="images">The container images that it has.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">A component is not there, or nobody tells its version.</exception>
    public async Task<byte[]> MakeAsync(
        ImagePlan image, ImmutableArray<InstalledPackage> installed, ImmutableArray<StoredImage> images, CancellationToken cancellation)
    {
        var components = new SortedDictionary<string, ImageComponent>(StringComparer.Ordinal);
        foreach (var choice in image.Decisions.Components)
        {
            components[choice.Name] = await ComponentAsync(choice, installed, cancellation).ConfigureAwait(false);
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", ImageManifest.SchemaVersion);
            json.WriteString("variant", ImageWords.Variants.WordOf(image.Decisions.Variant.Value));
            if (image.Decisions.Profile.Value != "none")
            {
                json.WriteString("profile", image.Decisions.Profile.Value);
            }

            json.WriteBoolean("fips", image.Decisions.Fips.Value);
            Write(json, components);
            Write(json, images);
            json.WriteStartArray("baked");
            foreach (var resource in image.Plan.Resources)
            {
                json.WriteStringValue(resource.Id);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, SortedDictionary<string, ImageComponent> components)
    {
        json.WriteStartObject("components");
        foreach (var (name, component) in components)
        {
            json.WriteStartObject(name);
            json.WriteString("version", component.Version);
            if (component.Path is { } path)
            {
                json.WriteString("path", path);
                json.WriteNumber("size", component.Size!.Value);
                json.WriteString("mtime", Time(component.Modified!.Value.Nanoseconds));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ImmutableArray<StoredImage> images)
    {
        json.WriteStartArray("images");
        foreach (var image in images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            json.WriteString("digest", image.Digest);
            json.WriteBoolean("pinned", image.IsPinned);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // To the second: copies of a root, as archives and some programs that make file systems are, know no finer one.
    private static string Time(long nanoseconds)
    {
        const long PerSecond = 1_000_000_000;
        return DateTimeOffset.FromUnixTimeSeconds(nanoseconds / PerSecond).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private async Task<ImageComponent> ComponentAsync(ComponentChoice choice, ImmutableArray<InstalledPackage> installed, CancellationToken cancellation)
    {
        var path = PathOf(choice);
        var isProgram = !choice.Files.IsEmpty && !choice.Files[0].Path.EndsWith('/');
        if (isProgram && path is null)
        {
            throw Missing($"The component {choice.Name} is not in the image: there is no {choice.Files[0].Path}.", "Run again; when it stays away, the package or download is not what it should be.");
        }

        var version = choice.Package is { } package ? OfPackage(package, installed) : choice.Version?.ToString();
        if (version is null && path is not null && !programs.IsForeign)
        {
            var asked = await programs.InsideAsync(path, ["--version"], cancellation).ConfigureAwait(false);
            version = asked.Succeeded ? ComponentVersion.Find(asked.Output) : null;
        }

        if (version is null)
        {
            throw Missing(
                $"Nobody tells the version of the component {choice.Name}: {(choice.Package is { } name ? $"the package {name} is not installed" : "the document names a URL, and the program cannot be asked")}.",
                $"Write it under `spec.components.{choice.Name}.version`.");
        }

        var status = path is null ? null : root.Status(path, followLink: true);
        return new ImageComponent(version, path, status?.Size, status is null ? null : new FileTime(status.Modified, 1));
    }

    private string? PathOf(ComponentChoice choice)
    {
        if (choice.Files.IsEmpty || choice.Files[0].Path.EndsWith('/'))
        {
            return null;
        }

        var usual = choice.Files[0].Path;
        if (root.Status(usual, followLink: true) is { Kind: FileKind.File })
        {
            return usual;
        }

        var name = usual[(usual.LastIndexOf('/') + 1)..];
        foreach (var folder in choice.Package is null ? [] : Folders)
        {
            if (root.Status($"{folder}/{name}", followLink: true) is { Kind: FileKind.File })
            {
                return $"{folder}/{name}";
            }
        }

        return null;
    }

    // 1:2.2.4-1.amzn2023: what is before the colon only orders versions.
    private static string? OfPackage(string name, ImmutableArray<InstalledPackage> installed)
    {
        foreach (var package in installed)
        {
            if (package.Name == name)
            {
                return ComponentVersion.Find(package.Version[(package.Version.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            }
        }

        return null;
    }

    private static DiagnosticException Missing(string message, string help) => new(DiagnosticCatalogue.ImageComponentMissing, message, help);
}
