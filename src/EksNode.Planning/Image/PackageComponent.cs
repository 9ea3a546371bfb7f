using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Packages: those of every image, those of components, and the document's own, which win.</summary>
internal sealed class PackageComponent : IImageComponent
{
    /// <summary>The root, into which packages are installed.</summary>
    public const string Root = "/";

    // All packages of the driver have one version: modules and libraries of two do not work together.
    private const string Driver = "{driver}";

    private const string Kernel = "{kernel}";

    /// <inheritdoc/>
    public string Name => "packages";

    /// <inheritdoc/>
    public string AtBoot => "no: a node that installs packages cannot start without their repositories";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        var packages = new SortedDictionary<string, (VersionConstraint? Version, Origin Origin)>(StringComparer.Ordinal);
        var family = context.Decisions.IsAmazonLinux ? "al2023" : "debian";
        var groups = Groups(context);
        var modules = new List<string>();
        foreach (var row in DataTable.Rows("image-packages.tsv"))
        {
            if (row[0] == family && groups.Contains(row[1]))
            {
                var name = row[2].Replace(Kernel, KernelPackage(context), StringComparison.Ordinal);
                if (row[5].Length > 0)
                {
                    modules.Add(name);
                }

                packages[name] = row[3] switch
                {
                    PackageSettings.Absent => (null, Origin.Default(row[4])),
                    Driver => (context.Decisions.Driver!.Value, context.Decisions.Driver.Origin),
                    _ => (VersionConstraint.Parse(row[3]).Value, Origin.Default(row[4])),
                };
            }
        }

        foreach (var component in context.Decisions.Components)
        {
            if (component.Package is { } package)
            {
                packages[package] = (component.Constraint, component.Origin);
            }
        }

        foreach (var (name, settings) in context.Config.Packages)
        {
            if (settings.Version is null && modules.Contains(name))
            {
                context.Diagnostics.Report(
                    DiagnosticCatalogue.ImageContradiction,
                    $"`spec.packages` takes `{name}` away, without which the image has no kernel modules for its devices.",
                    "Remove it, or write `variant: standard`.",
                    settings.Origin,
                    SettingPath.Child("spec.packages", name));
            }

            packages[name] = (settings.Version, settings.Origin);
        }

        foreach (var (name, (version, origin)) in packages)
        {
            yield return new PackageResource
            {
                Path = Root,
                Name = name,
                Version = version,
                Reasons = [new Reason("packages." + name, version?.Text ?? PackageSettings.Absent, origin)],
            };
        }
    }

    // Amazon Linux 2023 calls its first kernel without the stream.
    private static string KernelPackage(ImageContext context) =>
        context.Decisions.Kernel is { Value: not "6.1" and var stream } ? "kernel" + stream : "kernel";

    // The rows of the table that are for the image: those without a variant are for all.
    private static List<string> Groups(ImageContext context)
    {
        const string Nvidia = "nvidia";
        List<string> groups = [""];
        switch (context.Decisions.Variant.Value)
        {
            case ImageVariant.Nvidia:
                groups.Add(Nvidia);
                if (context.Config.Nvidia.Archives.IsEmpty)
                {
                    groups.AddRange((context.Config.Nvidia.Modules?.Value ?? ["open"]).Select(m => $"{Nvidia}-{m}"));
                }

                break;
            case ImageVariant.Neuron:
                groups.Add("neuron");
                break;
        }

        return groups;
    }
}
