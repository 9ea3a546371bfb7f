using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Image.Hardening;
using EksNode.Planning.Plans;
using EksNode.Planning.Validation;

namespace EksNode.Planning.Image;

/// <summary>What a part of an image is planned from.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Decisions">What several parts need.</param>
/// <param name="Files">The content of the files that <c>spec.files</c> names, by path in the image.</param>
/// <param name="Diagnostics">Where to report.</param>
/// <param name="Hardening">What the profile asks for.</param>
public sealed record ImageContext(
    ImageConfig Config, ImageDecisions Decisions, SortedMap<ImmutableArray<byte>> Files, DiagnosticBag Diagnostics,
    ImageHardening Hardening);

/// <summary>One part of an image: configuration and decisions in, resources out. It is pure.</summary>
public interface IImageComponent
{
    /// <summary>The name in logs and timelines.</summary>
    string Name { get; }

    /// <summary>How a node has the same without the image, or why it cannot: for <c>docs/image-or-boot.md</c>.</summary>
    string AtBoot { get; }

    /// <summary>The resources that this part of the image needs.</summary>
    IEnumerable<Resource> Plan(ImageContext context);
}

/// <summary>The plan of an image.</summary>
/// <param name="Decisions">What several parts need.</param>
/// <param name="Plan">The resources.</param>
public sealed record ImagePlan(ImageDecisions Decisions, Plan Plan)
{
    /// <summary>What becomes of every control of the profile, in the order of the benchmark.</summary>
    public ImmutableArray<ImageControl> Controls { get; init; } = [];

    /// <summary>The volumes that the document names, by device name.</summary>
    public SortedMap<ImageVolume> Volumes { get; init; } = SortedMap.Empty<ImageVolume>();

    /// <summary>The proxy of the build: no resource, and not in the lock.</summary>
    public ProxySettings Proxy { get; init; } = new();

    /// <summary>The ids of the resources that a join would write and <c>spec.bake</c> has in the image, in the order of the components of a node.</summary>
    public ImmutableArray<string> Baked { get; init; } = [];

    /// <summary>The ids of those that <c>spec.bake</c> could name, too.</summary>
    public ImmutableArray<string> Bakeable { get; init; } = [];
}

/// <summary>ImageConfig in, plan out. This is the table of contents of an image.</summary>
public static class ImagePlanner
{
    /// <summary>The parts, in the order in which they are applied.</summary>
    public static ImmutableArray<IImageComponent> Components { get; } =
    [
        new FolderComponent(),
        new PackageComponent(),
        new ProgramComponent(),
        new CniPluginComponent(),
        new ProgramUnitComponent(),
        new OwnProgramComponent(),
        new BakedFileComponent(),
        new ImageKernelComponent(),
        new HardeningComponent(),
        new UserFileComponent(),
        new NodeDefaultsComponent(),
        new UnitStateComponent(),
        new CachedImageComponent(),
    ];

    // Settings on which most of the plan depends: without them, or a document that may have them, the defaults say little.
    private static readonly string[] Deciding =
        ["apiVersion", "include", "kind", "spec", "spec.architecture", "spec.base", "spec.base.distribution", "spec.kubernetes", "spec.variant"];

    // What can be judged without them.
    private static readonly string[] Independent = ["spec.files", "spec.kernel", "spec.node", "spec.packages", "spec.units"];

    /// <summary>What the image needs; null after an error, this planner's own or one that was reported before.</summary>
    /// <param name="config">The configuration, without what could not be read.</param>
    /// <param name="files">The content of the files that <c>spec.files</c> names, by path in the image.</param>
    /// <param name="diagnostics">What reading the configuration found, and where to report.</param>
    public static ImagePlan? Plan(ImageConfig config, SortedMap<ImmutableArray<byte>> files, DiagnosticBag diagnostics)
    {
        var isDecided = !diagnostics.Items.Any(d => d.Severity == Severity.Error && (d.Path is null || Deciding.Contains(d.Path) || IsBelow(d.Path, "spec.components")));
        var found = new DiagnosticBag();
        var decisions = ImageDecisions.Decide(config, found);
        var plan = decisions is null ? null : Plan(config, decisions, files, found);
        ImageRules.CheckNeeded(config, decisions, found);
        foreach (var item in found.Items)
        {
            if (isDecided || Array.Exists(Independent, path => IsBelow(item.Path, path)))
            {
                diagnostics.Add(item);
            }
        }

        ImageNodeCheck.Report(config, isDecided ? decisions : null, diagnostics);
        return diagnostics.HasErrors ? null : plan;
    }

    /// <summary>Reports when a component that is a package does not work in its image in the version that the package manager has.</summary>
    /// <param name="image">The plan.</param>
    /// <param name="component">The component.</param>
    /// <param name="version">Its exact version.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckResolved(ImagePlan image, ComponentChoice component, SemanticVersion version, DiagnosticBag diagnostics)
    {
        if (component.Name == "containerd" && version < image.Decisions.ContainerdLeast)
        {
            ImageRules.TooOld(component, version.ToString(), image.Decisions, diagnostics);
        }
    }

    private static bool IsBelow(string? path, string parent) => path?.StartsWith(parent, StringComparison.Ordinal) == true;

    private static ImagePlan Plan(
        ImageConfig config, ImageDecisions decisions, SortedMap<ImmutableArray<byte>> files, DiagnosticBag diagnostics)
    {
        var hardening = ImageHardening.Of(config, decisions, diagnostics);
        var context = new ImageContext(config, decisions, files, diagnostics, hardening);
        var resources = new List<Resource>();
        foreach (var component in Components)
        {
            foreach (var resource in component.Plan(context))
            {
                if (component is UserFileComponent || !IsReplaced(resource, config, diagnostics))
                {
                    resources.Add(resource with { Phase = Phase.Image, Controls = hardening.ControlsOf(resource.Id) });
                }
            }
        }

        var choice = Baker.Choose(context, resources);
        resources.AddRange(choice.Baked);
        return new ImagePlan(decisions, new Plan(ResourceOrder.Sort(resources))) { Baked = [.. choice.Baked.Select(r => r.Id)], Bakeable = choice.Others, Controls = hardening.Controls, Proxy = config.Proxy, Volumes = config.Volumes };
    }

    // A file of the document takes the place of a generated one; anything else that has its path is a contradiction.
    private static bool IsReplaced(Resource resource, ImageConfig config, DiagnosticBag diagnostics)
    {
        if (!resource.OwnsPath || config.Files.GetValueOrDefault(resource.Path) is not { } file)
        {
            return false;
        }

        // Who builds an image for another processor names the executable for that one.
        if (resource is not (FileResource or OwnProgramResource))
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                $"`spec.files` names `{resource.Path}`, which is {(resource is DirectoryResource ? "a folder of every image" : resource is SymlinkResource ? "a link of every image" : $"a program of {resource.Id}")}.",
                resource is DirectoryResource ? "Name a file in it." : resource is SymlinkResource ? "Name another path." : "Name the program's own source under `spec.components`.",
                file.Origin,
                $"spec.files[\"{resource.Path}\"]");
        }

        return true;
    }
}
