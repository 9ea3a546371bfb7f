using System.Globalization;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Host.Inventory;
using EksNode.Host.Packages;
using EksNode.Host.Processes;
using EksNode.Planning.Plans;

namespace EksNode.Imaging.Bills;

/// <summary>
/// Reads the bill of materials of an image: its packages from their database, with where they came from as its lock has it; what was downloaded, from the lock; programs
/// that neither has; container images from the manifest.
/// </summary>
/// <param name="root">The image.</param>
/// <param name="run">The run.</param>
/// <param name="io">The process.</param>
internal sealed class BillReader(HostRoot root, CommandRun run, CommandIo io)
{
    private const string Epoch = "SOURCE_DATE_EPOCH";
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly SortedDictionary<string, BillComponent> components = new(StringComparer.Ordinal);

    /// <summary>The bill; null after an error.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DiagnosticException">Something is there and cannot be read.</exception>
    public async Task<BillOfMaterials?> ReadAsync(CancellationToken cancellation)
    {
        const int LockLimit = 16 << 20;
        var locked = root.ReadFile(LockedImage.Path, LockLimit) is { } bytes ? LockedImage.Read(bytes, LockedImage.Path, run.Diagnostics) : null;
        var manifest = ImageManifest.Read(root, run.Diagnostics);
        var created = Created();
        if (run.Diagnostics.HasErrors)
        {
            return null;
        }

        if (locked is null)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.BillWithoutLock,
                $"{LockedImage.Path} is not there, so that the bill has no URL and no checksum of what was downloaded.",
                "An image that eksnode built has its lock.");
        }

        var programs = new ProgramRunner();
        if (await new PackageDatabase(root, programs).ReadAsync(cancellation) is not { } packages)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.CheckImpossible, $"{run.Request.Root} has no database of packages, neither of rpm nor of dpkg.", "Look whether this is the root of an image.");
        }

        AddPackages(packages, locked);
        foreach (var resource in locked?.Resources ?? [])
        {
            if (resource is BinaryResource program)
            {
                AddProgram(program);
            }
        }

        foreach (var program in await new ProgramVersions(root, programs, run.Diagnostics).ReadAsync(manifest, cancellation))
        {
            AddOther(program, packages, locked);
        }

        foreach (var image in await new ContainerImageVersions(run.Diagnostics).ReadAsync(null, manifest, cancellation))
        {
            AddImage(image);
        }

        var kind = string.Join('-', new[] { "eks-node", locked?.Variant ?? manifest?.Variant, locked?.Architecture }.Where(w => w is not null));
        return new BillOfMaterials(kind, locked?.Kubernetes ?? manifest?.Components.GetValueOrDefault("kubelet")?.Version ?? "unknown", created, [.. components.Values]);
    }

    // The lock is written last: it is from when the image was made.
    private DateTimeOffset Created()
    {
        if (io.Variable(Epoch) is { } told)
        {
            if (long.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            {
                return DateTimeOffset.FromUnixTimeSeconds(seconds);
            }

            run.Diagnostics.Report(
                DiagnosticCatalogue.SourceDateInvalid, $"{Epoch} is `{told}`, and not a number of seconds since 1970.", "Set it to what `date +%s` prints, or unset it.");
        }

        var status = root.Status(LockedImage.Path, followLink: true) ?? root.Status(ImageManifest.Path, followLink: true);
        return DateTimeOffset.FromUnixTimeSeconds((status?.Modified ?? 0) / NanosecondsPerSecond);
    }

    private void Add(BillComponent component) => components[component.Purl] = component;

    private void AddPackages(PackageList list, LockedImage? locked)
    {
        var release = OsRelease.Of(root);
        var id = release.GetValueOrDefault("ID") ?? (list.Kind == "rpm" ? "amzn" : "debian");
        var distribution = release.GetValueOrDefault("VERSION_ID") is { } version ? $"{id}-{version}" : id;
        foreach (var package in list.Packages)
        {
            ResolvedPackage? from = null;
            foreach (var resolved in locked?.Packages ?? [])
            {
                from = resolved.Name == package.Name && resolved.Version == package.Version && resolved.Architecture == package.Architecture ? resolved : from;
            }

            // The epoch of an rpm is a qualifier; that of a Debian package is part of its version (purl-spec, types rpm and deb).
            var colon = list.Kind == "rpm" ? package.Version.IndexOf(':', StringComparison.Ordinal) : -1;
            var purl = new PackageUrl($"{(list.Kind == "rpm" ? "rpm" : "deb")}/{id}", package.Name, package.Version[(colon + 1)..])
                .With("arch", package.Architecture)
                .With("distro", distribution)
                .With("epoch", colon > 0 ? package.Version[..colon] : null);
            Add(new BillComponent
            {
                Kind = BillKind.Package,
                Name = package.Name,
                Version = package.Version,
                Purl = purl.ToString(),
                Url = from is { Url.Length: > 0 } ? from.Url : null,
                Sha256 = from?.Sha256,
                License = package.License,
                Supplier = package.Supplier,
            });
        }
    }

    private void AddProgram(BinaryResource program)
    {
        var version = program.Version?.ToString() ?? "unknown";
        var url = Escaped(run.Redactor.Redact(program.Url));
        Add(new BillComponent
        {
            Kind = BillKind.Program,
            Name = program.Name,
            Version = version,
            Purl = new PackageUrl("generic", program.Name, version).With("checksum", program.Sha256 is { } sha256 ? "sha256:" + sha256 : null).With("download_url", url).ToString(),
            Url = url,
            Sha256 = program.Sha256,
        });
    }

    // Both forms want a URI: what stands in the place of a secret is none.
    private static string Escaped(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsoluteUri : url;

    // A component that the lock has as a package or a download is in the bill as such; so is a program that a package of its name installed.
    private void AddOther(NodeComponent program, PackageList packages, LockedImage? locked)
    {
        foreach (var package in packages.Packages)
        {
            if (package.Name == program.Name)
            {
                return;
            }
        }

        if (locked is null || !locked.Components.Contains(program.Name))
        {
            var version = program.Version ?? "unknown";
            Add(new BillComponent { Kind = BillKind.Program, Name = program.Name, Version = version, Purl = new PackageUrl("generic", program.Name, version).ToString() });
        }
    }

    private void AddImage(NodeComponent image)
    {
        var version = image.Digest ?? image.Version ?? "unknown";
        var name = image.Name[(image.Name.LastIndexOf('/') + 1)..];
        Add(new BillComponent
        {
            Kind = BillKind.ContainerImage,
            Name = image.Name,
            Version = image.Version ?? version,
            Purl = new PackageUrl("oci", name.ToLowerInvariant(), version).With("repository_url", image.Name).With("tag", image.Version == image.Digest ? null : image.Version).ToString(),
            Sha256 = image.Digest is ['s', 'h', 'a', '2', '5', '6', ':', .. var digest] ? digest : null,
        });
    }
}
