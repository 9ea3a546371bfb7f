using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>The files below <c>image/files/</c>, which are the same in every image: units, rules of udev and networkd.</summary>
internal sealed class BakedFileComponent : IImageComponent
{
    private const string Prefix = "image/files";

    /// <summary>The links among them: tools and documentation of EKS-optimized images name the units of nodeadm.</summary>
    public static ImmutableArray<(string Path, string Target)> Links { get; } =
    [
        ("/usr/lib/systemd/system/nodeadm-config.service", "eksnode-configure.service"),
        ("/usr/lib/systemd/system/nodeadm-run.service", "eksnode-start.service"),
    ];

    /// <inheritdoc/>
    public string Name => "baked files";

    /// <inheritdoc/>
    public string AtBoot => "no: a boot begins with these units and rules";

    /// <summary>Their paths in the image, sorted, each with its content.</summary>
    public static IEnumerable<(string Path, ImmutableArray<byte> Content)> Files()
    {
        var assembly = typeof(BakedFileComponent).Assembly;
        var names = assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return (name[Prefix.Length..], ImmutableArray.Create(bytes));
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        foreach (var (path, target) in Links)
        {
            yield return new SymlinkResource { Path = path, Target = target, Reasons = [new Reason("image.files", path, Origin.Default("the name that EKS-optimized images have for it"))] };
        }

        foreach (var (path, content) in Files())
        {
            yield return new FileResource
            {
                Path = path,
                Content = content,
                Reasons = [new Reason("image.files", path, Origin.Default("every image has it"))],
            };
        }
    }
}
