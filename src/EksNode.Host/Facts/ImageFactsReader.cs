using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Processes;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Host.Facts;

/// <summary>Facts of the image and where they came from.</summary>
/// <param name="Facts">The facts.</param>
/// <param name="Manifest">The image manifest, when there is one.</param>
/// <param name="Sources">By the name of a fact, its source: for <see cref="NodeFacts.Sources"/>.</param>
public sealed record ImageReading(ImageFacts Facts, ImageManifest? Manifest, SortedMap<string> Sources);

/// <summary>
/// Reads what the image says of itself. The version of a component comes from the image manifest; else from the version file of an
/// EKS-optimized image; else from the program, which is asked once.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs programs.</param>
/// <param name="diagnostics">Where to report.</param>
public sealed class ImageFactsReader(HostRoot root, ProgramRunner programs, DiagnosticBag diagnostics)
{
    private static readonly Component Kubelet = new("kubelet", "image.kubeletVersion", "/etc/eks/kubelet-version.txt");
    private static readonly Component Containerd = new("containerd", "image.containerdVersion", "/etc/eks/containerd-version.txt");

    private readonly SortedMap<string>.Builder sources =
        SortedMap.CreateBuilder<string>();

    private readonly ProgramAsker asker = new(root, programs, diagnostics);

    private sealed record Component(string Name, string Fact, string VersionFile)
    {
        /// <summary>Where the program usually is, in order.</summary>
        public ImmutableArray<string> Paths { get; } = [$"/usr/bin/{Name}", $"/usr/local/bin/{Name}"];
    }

    /// <summary>Reads the facts.</summary>
    /// <param name="remember">Whether what programs tell is kept for the next boot; a plan that must not touch anything says no.</param>
    /// <param name="cancellation">Ends the programs that are being asked.</param>
    /// <exception cref="DiagnosticException">The manifest is there and cannot be read.</exception>
    public async Task<ImageReading> ReadAsync(bool remember, CancellationToken cancellation)
    {
        var manifest = ImageManifest.Read(root, diagnostics);
        var facts = new ImageFacts
        {
            KubeletVersion = await VersionAsync(Kubelet, manifest, cancellation).ConfigureAwait(false),
            ContainerdVersion = await VersionAsync(Containerd, manifest, cancellation).ConfigureAwait(false),
            Variant = FromManifest("image.variant", manifest?.Variant),
            Profile = FromManifest("image.profile", manifest?.Profile),
            Fips = FromManifest("image.fips", manifest?.Fips),
            PauseImage = FromManifest("image.pauseImage", manifest?.PauseImage) ?? PauseImage(manifest),
        };
        if (remember)
        {
            asker.Remember();
        }

        return new ImageReading(facts, manifest, sources.ToImmutable());
    }

    private T? FromManifest<T>(string fact, T? value)
    {
        if (value is not null)
        {
            sources[fact] = ImageManifest.Path;
        }

        return value;
    }

    // An EKS-optimized image always carries one. Of a folder without programs, nothing is known.
    private bool? PauseImage(ImageManifest? manifest)
    {
        string[] signs = manifest is null ? [NodePaths.PauseImageArchive, Kubelet.VersionFile] : [NodePaths.PauseImageArchive];
        var sign = Array.Find(signs, path => root.Status(path) is not null);
        if (sign is null && root.Status("/usr/bin") is null)
        {
            return null;
        }

        sources["image.pauseImage"] = sign ?? $"no {NodePaths.PauseImageArchive}";
        return sign is not null;
    }

    private async Task<string?> VersionAsync(Component component, ImageManifest? manifest, CancellationToken cancellation)
    {
        if (manifest?.Components.GetValueOrDefault(component.Name) is { } baked)
        {
            return await FromManifestAsync(component, baked, cancellation).ConfigureAwait(false);
        }

        if (FromVersionFile(component) is { } written)
        {
            sources[component.Fact] = component.VersionFile;
            return written;
        }

        foreach (var path in component.Paths)
        {
            if (root.Status(path, followLink: true) is { Kind: FileKind.File } status)
            {
                return await AskAsync(component, path, status, cancellation).ConfigureAwait(false);
            }
        }

        return null;
    }

    private async Task<string?> FromManifestAsync(Component component, ImageComponent baked, CancellationToken cancellation)
    {
        sources[component.Fact] = ImageManifest.Path;
        var path = baked.Path ?? component.Paths[0];
        if ((baked.Size is null && baked.Modified is null) || root.Status(path, followLink: true) is not { } status)
        {
            return baked.Version;
        }

        var sameSize = baked.Size is null || baked.Size == status.Size;
        var sameTime = baked.Modified is not { } time || time.IsTimeOf(status.Modified);
        if (sameSize && sameTime)
        {
            return baked.Version;
        }

        var version = status.Kind == FileKind.File ? await AskAsync(component, path, status, cancellation).ConfigureAwait(false) : null;
        diagnostics.Report(
            DiagnosticCatalogue.ComponentReplaced,
            $"{path} is not the {component.Name} {baked.Version} that the image was built with: its {(sameSize ? "time" : "size")} differs."
                + (version is null ? "" : $" It says that it is {version}."),
            $"Build the image anew with this {component.Name}, or correct its entry in {ImageManifest.Path}.",
            path: path);
        return version ?? baked.Version;
    }

    private string? FromVersionFile(Component component)
    {
        if (root.ReadFile(component.VersionFile) is not { } bytes)
        {
            return null;
        }

        var version = ComponentVersion.Find(Encoding.UTF8.GetString(bytes));
        if (version is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.VersionFileInvalid,
                $"{component.VersionFile} holds no version.",
                $"Write {component.Name}'s version into it, as in 1.33.4, or remove it: the program is asked instead.",
                path: component.VersionFile);
        }

        return version;
    }

    private async Task<string?> AskAsync(Component component, string path, FileStatus status, CancellationToken cancellation)
    {
        var help = $"Look whether it is the {component.Name} for this machine, or write its version into {component.VersionFile}.";
        var answer = await asker.AskAsync(path, status, "--version", help, cancellation).ConfigureAwait(false);
        if (answer.Version is not null)
        {
            sources[component.Fact] = $"{path} --version{(answer.IsRemembered ? " (remembered)" : "")}";
        }

        return answer.Version;
    }
}
