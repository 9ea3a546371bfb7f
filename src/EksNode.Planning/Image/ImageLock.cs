using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Accelerators;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>
/// The lock of an image. Its <c>pinned</c> part follows from the ImageConfig and the tables of this eksnode alone, the same on every run: releases, downloads
/// with their checksums, packages by name and constraint. Its <c>resolved</c> part, null until then, has the exact packages.
/// </summary>
public static class ImageLock
{
    internal const int SchemaVersion = 1;

    private static readonly Origin Made = Origin.Default("the lock");

    /// <summary>The key of what follows from the ImageConfig and the tables of this eksnode.</summary>
    public const string Pinned = "pinned";

    /// <summary>The key of what a repository answered.</summary>
    public const string Resolved = "resolved";

    /// <summary>The lock as JSON.</summary>
    /// <param name="image">The plan of the image.</param>
    /// <param name="resolved">Its resolved part; null: nothing is resolved.</param>
    public static string Write(ImagePlan image, TreeMap? resolved = null) => JsonWriter.Write(Document(image, resolved), indent: 2, sortKeys: false);

    /// <summary>The lock.</summary>
    /// <param name="image">The plan of the image.</param>
    /// <param name="resolved">Its resolved part; null: nothing is resolved.</param>
    public static TreeMap Document(ImagePlan image, TreeMap? resolved = null)
    {
        var decisions = image.Decisions;
        var pinned = new Map()
            .Add("kubernetes", decisions.Kubernetes.Value.ToString())
            .Add("architecture", ImageWords.Architectures.WordOf(decisions.Architecture.Value))
            .Add("variant", ImageWords.Variants.WordOf(decisions.Variant.Value))
            .Add("profile", decisions.Profile.Value)
            .Add("fips", TreeScalar.Of(decisions.Fips.Value, Made))
            .Add("base", Base(decisions))
            .Add("components", List(decisions.Components.Select(Component)))
            .Add("packages", List(image.Plan.Resources.OfType<PackageResource>().Select(Package)))
            .Add("images", List(image.Plan.Resources.OfType<ContainerImageResource>().Select(i => (TreeNode)TreeScalar.Of(i.Name, Made))))
            .AddFound("kernelModules", KernelModules(image))
            .AddFound("volumes", Volumes(image))
            .Add("kernelArguments", List(image.Plan.Resources.OfType<KernelArgumentResource>().Select(a => (TreeNode)TreeScalar.Of(a.Argument, Made))));
        return new Map()
            .Add("schemaVersion", TreeScalar.Of(SchemaVersion, Made))
            .Add(Pinned, pinned.ToMap())
            .Add(Resolved, (TreeNode?)resolved ?? TreeScalar.Null(Made))
            .ToMap();
    }

    private static TreeMap Base(ImageDecisions decisions)
    {
        var map = new Map().Add("distribution", decisions.Distribution.Value);
        if (decisions.Release is { } release)
        {
            map.Add("release", release.Value);
        }

        if (decisions.Kernel is { } kernel)
        {
            map.Add("kernel", kernel.Value);
        }

        if (decisions.IsAmazonLinux && decisions is { Release: { } pinned, Kernel: { } stream })
        {
            // AMIs of Amazon Linux are Amazon's; its repositories do not change once a release is out (AL2023 user guide, "Deterministic upgrades").
            var architecture = ImageWords.Architectures.WordOf(decisions.Architecture.Value);
            var machine = decisions.Architecture.Value == Architecture.X86 ? "x86_64" : "aarch64";
            map.Add("source", new Map()
                .Add("owner", "amazon")
                .Add("name", $"al2023-ami-minimal-{pinned.Value}.*-kernel-{stream.Value}-{architecture}")
                .ToMap());
            map.Add("repository", $"https://cdn.amazonlinux.com/al2023/core/mirrors/{pinned.Value}/{machine}/mirror.list");
        }

        return map.ToMap();
    }

    private static TreeMap Component(ComponentChoice component)
    {
        var map = new Map().Add("name", component.Name);
        if (component.Package is { } package)
        {
            return map.Add("package", package).Add("version", component.Constraint.Text).ToMap();
        }

        map.Add("version", component.Version?.ToString() ?? component.Constraint.Text).Add("url", component.Url!);

        // Null is a mark, not a value: nothing without a checksum is installed.
        map.Add("sha256", component.Sha256 is { } sha256 ? TreeScalar.Of(sha256, Made) : TreeScalar.Null(Made));
        if (component.Signature.Length > 0)
        {
            var signature = new Map().Add("kind", component.Signature).Add("signer", component.Signer);
            if (component.SignerKeys.Length > 0)
            {
                signature.Add("keys", component.SignerKeys);
            }

            map.Add("signature", signature.ToMap());
        }

        return map.Add("installs", List(component.Files.Select(f => (TreeNode)TreeScalar.Of(f.Path, Made)))).ToMap();
    }

    private static TreeMap Package(PackageResource package) => new Map()
        .Add("name", package.Name)
        .Add("version", package.Version?.Text ?? PackageSettings.Absent)
        .ToMap();

    private static List<TreeNode> KernelModules(ImagePlan image)
    {
        var items = new List<TreeNode>();
        foreach (var resource in image.Plan.Resources)
        {
            if (resource is BinaryResource archive && archive.Path.StartsWith(NvidiaModule.ArchiveFolder, StringComparison.Ordinal))
            {
                items.Add(new Map()
                    .Add("name", archive.Name)
                    .Add("url", archive.Url)
                    .Add("sha256", archive.Sha256!)
                    .Add("installs", List([TreeScalar.Of(archive.Path, Made)]))
                    .ToMap());
            }
        }

        return items;
    }

    private static List<TreeNode> Volumes(ImagePlan image)
    {
        var items = new List<TreeNode>();
        foreach (var (device, volume) in image.Volumes)
        {
            items.Add(Volume(device, volume));
        }

        return items;
    }

    private static TreeMap Volume(string device, ImageVolume volume)
    {
        var map = new Map()
            .Add("device", device)
            .Add("size", new TreeScalar(ScalarKind.Integer, volume.Size, Made))
            .Add("type", volume.Type)
            .Add("encrypted", TreeScalar.Of(volume.Encrypted, Made));
        if (volume.Iops is { } iops)
        {
            map.Add("iops", new TreeScalar(ScalarKind.Integer, iops, Made));
        }

        if (volume.Throughput is { } throughput)
        {
            map.Add("throughput", new TreeScalar(ScalarKind.Integer, throughput, Made));
        }

        return (volume.KmsKey is { } key ? map.Add("kmsKey", key) : map).ToMap();
    }

    private static TreeList List(IEnumerable<TreeNode> items) => new([.. items], Made);

    private sealed class Map
    {
        private readonly List<TreeEntry> entries = [];

        public Map Add(string key, string value) => Add(key, TreeScalar.Of(value, Made));

        public Map Add(string key, TreeNode value)
        {
            entries.Add(new TreeEntry(key, Made, value));
            return this;
        }

        // What few images have is not in the lock of the others.
        public Map AddFound(string key, List<TreeNode> items) => items.Count == 0 ? this : Add(key, List(items));

        public TreeMap ToMap() => new(entries, Made);
    }
}
