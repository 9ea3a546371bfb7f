using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Containerd;

/// <summary>
/// containerd: its configuration, the runtime spec that containers start from, and the SOCI snapshotter when images are pulled
/// in parallel. An NVIDIA runtime is a matter of this configuration alone; Neuron devices need nothing here, since their device
/// plugin hands them to containers of the ordinary runtime.
/// </summary>
public sealed class ContainerdComponent : IComponent
{
    /// <summary>The unit of containerd.</summary>
    public const string Unit = "containerd.service";

    /// <summary>containerd's configuration.</summary>
    public const string ConfigPath = "/etc/containerd/config.toml";

    /// <summary>The SOCI snapshotter's configuration: planned as a file only when images are pulled in parallel.</summary>
    public const string SnapshotterConfigPath = SociSnapshotter.ConfigPath;

    /// <inheritdoc/>
    public string Name => "containerd";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var decisions = context.Decisions;
        var settings = context.Config.Containerd;
        var resources = new List<Resource> { BaseRuntimeSpec.File(settings.BaseRuntimeSpec, context.Config.Limits.Rlimits, context.Diagnostics) };
        resources.AddRange(Soci(decisions.FastImagePull.Value, decisions.FastImagePull.Origin));
        if (ContainerdConfiguration.Build(settings, decisions, context.Diagnostics) is { } tree)
        {
            resources.Add(new FileResource
            {
                Path = ConfigPath,
                Content = Bytes(tree),
                Mode = FileModes.Secret, // registry credentials of the user's can be in it
                Sensitive = true,
                DependsOn = [.. resources.OfType<FileResource>().Select(r => r.Id)],
                Restarts = [Unit],
                Baking = Baking.OfEveryNode,
                Reasons = TreeReasons.Of("containerd", tree),
                Document = tree,
                DocumentLayers = (settings.Config is null && settings.Layers.IsEmpty) || ContainerdConfiguration.Build(new ContainerdSettings(), decisions, new DiagnosticBag()) is not { } template ? [] : [template],
            });
        }

        return resources;
    }

    // Without the gate, what an earlier configuration wrote would keep containerd waiting for a snapshotter that nothing uses.
    private static IEnumerable<Resource> Soci(bool used, Origin decided)
    {
        if (!used)
        {
            const string owner = "nobody: containerd pulls images itself";
            return
            [
                new ReleasedResource { Path = SociSnapshotter.ConfigPath, Owner = owner },
                new ReleasedResource { Path = SociSnapshotter.DropInPath, Owner = owner, Restarts = [Unit] },
            ];
        }

        var tree = SociSnapshotter.Config();
        return
        [
            new FileResource
            {
                Path = SociSnapshotter.ConfigPath,
                Content = Bytes(tree),
                Restarts = [SociSnapshotter.Unit],
                Reasons = TreeReasons.Of("soci", tree),
                Document = tree,
            },
            SociSnapshotter.DropIn(decided),
        ];
    }

    private static ImmutableArray<byte> Bytes(TreeMap tree) => [.. Encoding.UTF8.GetBytes(TomlWriter.Write(tree))];
}
