using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Packages;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging;

/// <summary>A file that was installed from a download.</summary>
public sealed class LockedFile
{
    /// <summary>Its path.</summary>
    public required string Path { get; init; }

    /// <summary>Its SHA-256.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>
/// What the lock of an image says, for who has no document any more: the resources that follow from its pinned part, and what was resolved. A lock names no
/// units, and of files those of downloads alone.
/// </summary>
public sealed class LockedImage
{
    /// <summary>Where the lock is in an image.</summary>
    public const string Path = "/etc/eksnode/image.lock.json";

    private static readonly string[] Archives = [".tar.gz", ".tgz"];

    /// <summary>The lock as it is.</summary>
    public required TreeMap Document { get; init; }

    /// <summary><c>al2023</c>, <c>debian</c> or <c>ubuntu</c>; null: not told.</summary>
    public string? Distribution { get; private init; }

    /// <summary>The version of the kubelet; null: not told.</summary>
    public string? Kubernetes { get; private init; }

    /// <summary>The variant; null: not told.</summary>
    public string? Variant { get; private init; }

    /// <summary><c>x86_64</c> or <c>arm64</c>; null: not told.</summary>
    public string? Architecture { get; private init; }

    /// <summary>The names of its components, packages and downloads.</summary>
    public ImmutableArray<string> Components { get; private init; } = [];

    /// <summary>Packages, downloads, container images and words for the kernel.</summary>
    public required ImmutableArray<Resource> Resources { get; init; }

    /// <summary>The exact packages, dependencies among them; empty when nothing is resolved.</summary>
    public ImmutableArray<ResolvedPackage> Packages { get; private init; } = [];

    /// <summary>The files that downloads became; empty when the lock names none.</summary>
    public ImmutableArray<LockedFile> Files { get; private init; } = [];

    /// <summary>Reads a lock; null after an error.</summary>
    /// <param name="bytes">Its JSON.</param>
    /// <param name="source">Where it is, for messages.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static LockedImage? Read(ReadOnlySpan<byte> bytes, string source, DiagnosticBag diagnostics)
    {
        if (LockReader.Read(Encoding.UTF8.GetString(bytes), source, diagnostics) is not { } document)
        {
            return null;
        }

        var found = new DiagnosticBag();
        var reader = new TreeMapReader((TreeMap)document[ImageLock.Pinned]!, ImageLock.Pinned, DiagnosticCatalogue.LockInvalid, found);
        var image = new LockedImage
        {
            Document = document,
            Distribution = reader.Map("base")?.Text("distribution"),
            Kubernetes = reader.Text("kubernetes"),
            Variant = reader.Text("variant"),
            Architecture = reader.Text("architecture"),
            Components = ComponentsOf(reader),
            Resources = ResourcesOf(reader, found),
            Packages = LockedPackages.Read(document, found) ?? [],
            Files = document[ImageLock.Resolved] is TreeMap resolved ? FilesOf(new TreeMapReader(resolved, ImageLock.Resolved, DiagnosticCatalogue.LockInvalid, found)) : [],
        };
        diagnostics.AddRange(found.Items);
        return found.HasErrors ? null : image;
    }

    private static ImmutableArray<string> ComponentsOf(TreeMapReader pinned)
    {
        var names = new List<string>();
        foreach (var component in pinned.Maps("components") ?? [])
        {
            if (component.Text("name") is { } name)
            {
                names.Add(name);
            }
        }

        return names.ToImmutable();
    }

    private static ImmutableArray<Resource> ResourcesOf(TreeMapReader pinned, DiagnosticBag diagnostics)
    {
        var resources = new List<Resource>();
        foreach (var package in pinned.Maps("packages") ?? [])
        {
            if (package.Text("name") is { } name && package.Text("version") is { } version)
            {
                var constraint = version == Configuration.ImageConfigs.PackageSettings.Absent ? null : Constraint(version, package, diagnostics);
                resources.Add(new PackageResource { Path = "/", Name = name, Version = constraint });
            }
        }

        foreach (var component in pinned.Maps("components") ?? [])
        {
            if (component.Text("name") is { } name && component.Text("url") is { } url && component.Texts("installs") is { IsEmpty: false } installs)
            {
                resources.Add(Program(name, url, component, installs));
            }
        }

        foreach (var archive in pinned.Maps("kernelModules") ?? [])
        {
            if (archive.Text("name") is { } name && archive.Text("url") is { } url && archive.Texts("installs") is { IsEmpty: false } installs)
            {
                resources.Add(Program(name, url, archive, installs) with { IsArchive = false });
            }
        }

        foreach (var name in pinned.Texts("images") ?? [])
        {
            resources.Add(new ContainerImageResource { Path = "/var/lib/containerd", Name = name });
        }

        foreach (var word in pinned.Texts("kernelArguments") ?? [])
        {
            resources.Add(new KernelArgumentResource { Path = "/boot", Argument = word });
        }

        return resources.ToImmutable();
    }

    private static BinaryResource Program(string name, string url, TreeMapReader component, ImmutableArray<string> installs)
    {
        var files = new List<InstalledFile>();
        foreach (var path in installs)
        {
            files.Add(new InstalledFile(path.EndsWith('/') ? "*" : path[(path.LastIndexOf('/') + 1)..], path));
        }

        return new BinaryResource
        {
            Path = installs[0].TrimEnd('/'),
            Name = name,
            Version = component.Text("version") is { } version ? SemanticVersion.Find(version) : null,
            Url = url,
            Sha256 = component.Text("sha256"),
            IsArchive = Array.Exists(Archives, url.EndsWith),
            Files = files.ToImmutable(),
        };
    }

    private static VersionConstraint Constraint(string text, TreeMapReader package, DiagnosticBag diagnostics)
    {
        var parsed = VersionConstraint.Parse(text);
        if (parsed.Problem is { } problem)
        {
            diagnostics.Report(DiagnosticCatalogue.LockInvalid, problem.Message, problem.Help, package.OriginOf("version"), package.PathOf("version"));
            return VersionConstraint.Any;
        }

        return parsed.Value;
    }

    private static ImmutableArray<LockedFile> FilesOf(TreeMapReader resolved)
    {
        var files = new List<LockedFile>();
        foreach (var program in resolved.Maps(ProgramRecords.Key) ?? [])
        {
            foreach (var file in program.Maps("files") ?? [])
            {
                file.Missing("path");
                file.Missing("sha256");
                files.Add(new LockedFile { Path = file.Text("path") ?? "", Sha256 = file.Text("sha256") ?? "" });
            }
        }

        return files.ToImmutable();
    }
}
