using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>What a part of an image is planned from.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Decisions">What several parts need.</param>
/// <param name="Files">The content of the files that <c>spec.files</c> names, by path in the image.</param>
/// <param name="Diagnostics">Where to report.</param>
public sealed record ImageContext(
    ImageConfig Config, ImageDecisions Decisions, ImmutableSortedDictionary<string, ImmutableArray<byte>> Files, DiagnosticBag Diagnostics);

/// <summary>One part of an image: configuration and decisions in, resources out. It is pure.</summary>
public interface IImageComponent
{
    /// <summary>The name in logs and timelines.</summary>
    string Name { get; }

    /// <summary>The resources that this part of the image needs.</summary>
    IEnumerable<Resource> Plan(ImageContext context);
}

/// <summary>The plan of an image.</summary>
/// <param name="Decisions">What several parts need.</param>
/// <param name="Plan">The resources.</param>
public sealed record ImagePlan(ImageDecisions Decisions, Plan Plan);

/// <summary>ImageConfig in, plan out. This is the table of contents of an image.</summary>
public static class ImagePlanner
{
    /// <summary>The parts, in the order in which they are applied.</summary>
    public static ImmutableArray<IImageComponent> Components { get; } =
    [
        new FolderComponent(),
        new PackageComponent(),
        new ProgramComponent(),
        new BakedFileComponent(),
        new ImageKernelComponent(),
        new UserFileComponent(),
        new NodeDefaultsComponent(),
        new UnitStateComponent(),
        new CachedImageComponent(),
    ];

    /// <summary>What the image needs; null after an error that leaves nothing to plan.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="files">The content of the files that <c>spec.files</c> names, by path in the image.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static ImagePlan? Plan(ImageConfig config, ImmutableSortedDictionary<string, ImmutableArray<byte>> files, DiagnosticBag diagnostics)
    {
        if (ImageDecisions.Decide(config, diagnostics) is not { } decisions)
        {
            return null;
        }

        var context = new ImageContext(config, decisions, files, diagnostics);
        var resources = new List<Resource>();
        foreach (var component in Components)
        {
            foreach (var resource in component.Plan(context))
            {
                if (component is UserFileComponent || !IsReplaced(resource, config, diagnostics))
                {
                    resources.Add(resource with { Phase = Phase.Image });
                }
            }
        }

        if (diagnostics.HasErrors)
        {
            return null;
        }

        return new ImagePlan(decisions, new Plan(ResourceOrder.Sort(resources)));
    }

    // A file of the document takes the place of a generated one; anything else that has its path is a contradiction.
    private static bool IsReplaced(Resource resource, ImageConfig config, DiagnosticBag diagnostics)
    {
        if (!resource.OwnsPath || config.Files.GetValueOrDefault(resource.Path) is not { } file)
        {
            return false;
        }

        if (resource is not FileResource)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                $"`spec.files` names `{resource.Path}`, which is {(resource is DirectoryResource ? "a folder of every image" : $"a program of {resource.Id}")}.",
                resource is DirectoryResource ? "Name a file in it." : "Name the program's own source under `spec.components`.",
                file.Origin,
                $"spec.files[\"{resource.Path}\"]");
        }

        return true;
    }
}
