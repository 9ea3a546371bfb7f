using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>
/// <c>spec.bake</c>: moves resources that a join would write into the image. A join plans them as well, and finds them written, or writes what the configuration
/// of the instance changes.
/// </summary>
internal sealed class Baker
{
    private const string Setting = "spec.bake";
    private const char AnyText = '*';

    private readonly ImageContext context;
    private readonly List<Resource> image;
    private readonly NodeAtBuild node;
    private readonly List<BootResource> chosen = [];

    private Baker(ImageContext context, List<Resource> image, NodeAtBuild node) => (this.context, this.image, this.node) = (context, image, node);

    /// <summary>The resources that <c>spec.bake</c> names, and those that it could name. Without an instance nothing else can be baked.</summary>
    /// <param name="context">The image.</param>
    /// <param name="image">What is in it anyway.</param>
    public static BakeChoice Choose(ImageContext context, List<Resource> image)
    {
        var found = new DiagnosticBag();
        if (NodeAtBuild.Plan(context.Config.NodeSettings ?? Configuration.NodeConfigs.NodeConfig.Empty, Known(context), found) is not { } node)
        {
            foreach (var item in found.Items)
            {
                context.Diagnostics.AddGraver(ImageNode.Below(item));
            }

            return new BakeChoice([], []);
        }

        var baker = new Baker(context, image, node);
        foreach (var entry in context.Config.Bake)
        {
            baker.Add(entry);
        }

        return baker.Chosen();
    }

    // What every node of the image finds. Its programs are those that the image gets; credentials for ECR are eksnode's, unless the document brings a program.
    private static NodeFacts Known(ImageContext context)
    {
        const string Source = "the ImageConfig";
        var decisions = context.Decisions;
        return new NodeFacts
        {
            Image = new ImageFacts
            {
                KubeletVersion = decisions.Kubernetes.Value.ToString(),
                ContainerdVersion = decisions.Containerd?.ToString(),
                Variant = ImageWords.Variants.WordOf(decisions.Variant.Value),
                Profile = decisions.Profile.Value == "none" ? null : decisions.Profile.Value,
                Fips = decisions.Fips.Value,
                PauseImage = true,
            },
            Host = new HostFacts
            {
                Architecture = decisions.Architecture.Value == Architecture.X86 ? "amd64" : "arm64",
                NvidiaContainerRuntime = decisions.Has("nvidiaContainerToolkit"),
                ImageCredentialProvider = context.Config.Files.ContainsKey(NodePaths.EcrCredentialProvider) ? NodePaths.EcrCredentialProvider : NodePaths.Eksnode,
            },
            Sources = SortedMap.Empty<string>()
                .Add("image.kubeletVersion", Source)
                .Add("image.containerdVersion", Source)
                .Add("host.nvidiaContainerRuntime", Source)
                .Add("host.imageCredentialProvider", Source),
        };
    }

    private void Add(Sourced<string> entry)
    {
        var name = entry.Value;
        // The name of a part of a node, an id, or a pattern of ids: whatever fits is baked where it can be.
        var named = new List<BootResource>();
        foreach (var resource in node.Resources)
        {
            if (resource.Resource is not ReleasedResource && (resource.Component == name || Fits(name, resource.Resource.Id)))
            {
                named.Add(resource);
            }
        }

        var count = chosen.Count;
        Resource? replaced = null;
        foreach (var resource in named)
        {
            if (resource.CanBeBaked && context.Config.Files.ContainsKey(resource.Resource.Path))
            {
                replaced = resource.Resource;
            }
            else if (resource.CanBeBaked)
            {
                chosen.Add(resource);
            }
        }

        if (chosen.Count > count)
        {
            return;
        }

        if (replaced is not null)
        {
            Say(DiagnosticCatalogue.BakeUnused, $"`{replaced.Id}` is not baked: `spec.files` has a file of its own there.", "Remove one of the two; a join writes its own in either case.", entry);
        }
        else if (named.Count > 0)
        {
            Refuse(named, entry);
        }
        else if (image.Exists(r => r.Id == name))
        {
            Say(DiagnosticCatalogue.BakeUnused, $"`{name}` is in the image anyway.", "Remove it.", entry);
        }
        else if (IsComponent(name))
        {
            Say(DiagnosticCatalogue.BakeUnused, $"Nothing of `{name}` is baked: `spec.node` plans nothing of it.", "Remove it, or write the settings of it under `spec.node`.", entry);
        }
        else
        {
            Say(
                DiagnosticCatalogue.BakeUnknown,
                $"No node of this image has a resource {Quoted.Text(name)}.",
                Suggestions.DidYouMean(name, Names(), "`eksnode image plan` without it ends with what can be baked."),
                entry);
        }
    }

    // What was named, and nothing of it can be baked.
    private void Refuse(List<BootResource> named, Sourced<string> entry)
    {
        var first = named[0].Resource;
        if (first.NotBaked is { } reason)
        {
            Say(DiagnosticCatalogue.BakeImpossible, $"`{first.Id}` cannot be baked: {reason}.", "Remove it.", entry);
            return;
        }

        var needs = node.NeedsOf(first.Id);
        var cluster = needs.All(n => n.StartsWith("cluster.", StringComparison.Ordinal) && n is not ("cluster.onOutpost" or "cluster.endpointAddresses")) && !needs.IsEmpty;
        Say(
            DiagnosticCatalogue.BakeImpossible,
            $"`{first.Id}` cannot be baked: it follows from {(needs.IsEmpty ? "the instance" : string.Join(", ", needs))}, which no image knows.",
            cluster ? "Write that under `spec.node.cluster`, for an image of one cluster, or remove it here." : "Remove it: a join writes it.",
            entry);
    }

    private BakeChoice Chosen()
    {
        var baked = new List<Resource>(chosen.Count);
        var others = new List<string>();
        foreach (var resource in node.Resources)
        {
            if (chosen.Contains(resource))
            {
                // Nothing runs that would restart, and what it needs beside other files of the image is there when a node joins.
                baked.Add(resource.Resource with
                {
                    Phase = Phase.Image,
                    Restarts = [],
                    DependsOn = [.. resource.Resource.DependsOn.Where(id => chosen.Exists(c => c.Resource.Id == id))],
                });
            }
            else if (resource.CanBeBaked && !context.Config.Files.ContainsKey(resource.Resource.Path))
            {
                others.Add(resource.Resource.Id);
            }
        }

        return new BakeChoice(baked.ToImmutable(), others.ToImmutable());
    }

    private List<string> Names()
    {
        var names = new List<string>();
        foreach (var resource in node.Resources)
        {
            names.Add(resource.Resource.Id);
        }

        foreach (var component in Planner.Components)
        {
            names.Add(component.Name);
        }

        return names;
    }

    private static bool IsComponent(string name)
    {
        foreach (var component in Planner.Components)
        {
            if (component.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private void Say(DiagnosticDescriptor descriptor, string message, string help, Sourced<string> entry) =>
        context.Diagnostics.Report(descriptor, message, help, entry.Origin, Setting);

    // An asterisk stands for any text, slashes too.
    private static bool Fits(string pattern, string text)
    {
        var parts = pattern.Split(AnyText);
        if (parts.Length == 1)
        {
            return pattern == text;
        }

        if (!text.StartsWith(parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        var at = parts[0].Length;
        for (var i = 1; i < parts.Length - 1; i++)
        {
            var next = text.IndexOf(parts[i], at, StringComparison.Ordinal);
            if (next < 0)
            {
                return false;
            }

            at = next + parts[i].Length;
        }

        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.Ordinal);
    }
}

/// <summary>What of a node its image has.</summary>
/// <param name="baked">The resources, of phase <see cref="Phase.Image"/>.</param>
/// <param name="others">The ids of those that it could have.</param>
internal sealed class BakeChoice(ImmutableArray<Resource> baked, ImmutableArray<string> others)
{
    /// <summary>The resources, of phase <see cref="Phase.Image"/>.</summary>
    public ImmutableArray<Resource> Baked => baked;

    /// <summary>The ids of those that it could have.</summary>
    public ImmutableArray<string> Others => others;
}
