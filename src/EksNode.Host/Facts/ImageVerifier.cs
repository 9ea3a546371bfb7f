using System.Collections.Immutable;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Facts;

/// <summary>What became of a part of the image since it was built.</summary>
/// <param name="Name">The component's name, or the id of a baked resource.</param>
/// <param name="Path">Where it is, or should be.</param>
/// <param name="Problem">What is wrong: <c>missing</c>, <c>size</c>, <c>time</c>; null: nothing.</param>
/// <param name="Detail">The same for people, with numbers; empty when nothing is wrong.</param>
public sealed record ImageFinding(string Name, string Path, string? Problem, string Detail)
{
    /// <summary>Whether it is not what the image was built with.</summary>
    public bool IsDrift => Problem is not null;
}

/// <summary>
/// Compares a host with its image manifest: the programs of components by path, size and time, and that what was baked is there. What a
/// baked file holds is the plan's to say: the manifest names it and no more. It only reads.
/// </summary>
public static class ImageVerifier
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin"];

    /// <summary>A finding for each component that tells where it is or is where it usually is, and for each baked path.</summary>
    /// <param name="root">The host.</param>
    /// <param name="manifest">Its image manifest.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">A path cannot be looked at.</exception>
    public static ImmutableArray<ImageFinding> Verify(HostRoot root, ImageManifest manifest)
    {
        var findings = new List<ImageFinding>();
        foreach (var (name, component) in manifest.Components)
        {
            if (component.Path is not null || component.Size is not null || component.Modified is not null)
            {
                findings.Add(OfComponent(root, name, component));
            }
        }

        foreach (var id in manifest.Baked)
        {
            var path = id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..];
            // Permissions are of what is there: they bring no file.
            if (path.StartsWith('/') && !id.StartsWith(PermissionsResource.Prefix, StringComparison.Ordinal))
            {
                var there = root.Status(path) is not null;
                findings.Add(new ImageFinding(id, path, there ? null : "missing", there ? "" : "it is not there"));
            }
        }

        return findings.ToImmutable();
    }

    private static ImageFinding OfComponent(HostRoot root, string name, ImageComponent component)
    {
        var path = component.Path;
        FileStatus? status = null;
        if (path is not null)
        {
            status = root.Status(path, followLink: true);
        }
        else
        {
            foreach (var folder in Folders)
            {
                path = $"{folder}/{name}";
                status = root.Status(path, followLink: true);
                if (status is not null)
                {
                    break;
                }
            }
        }

        path ??= name;
        if (status is not { Kind: FileKind.File })
        {
            return new ImageFinding(name, path, "missing", status is null ? "it is not there" : "it is no file");
        }

        if (component.Size is { } size && size != status.Size)
        {
            return new ImageFinding(name, path, "size", FormattableString.Invariant($"it has {status.Size} bytes, and the image was built with {size}"));
        }

        return component.Modified is { } time && !time.IsTimeOf(status.Modified)
            ? new ImageFinding(name, path, "time", "it was changed after the image was built")
            : new ImageFinding(name, path, null, "");
    }
}
