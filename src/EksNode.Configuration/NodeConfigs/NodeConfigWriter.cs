using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// The document of a configuration: what <see cref="NodeConfigReader"/> reads the same configuration from. Settings that nobody set are left
/// out, and of the same configuration it is always the same, whatever the sources looked like that it was merged from.
/// </summary>
/// <remarks>It reveals secrets: who prints it redacts it.</remarks>
public static partial class NodeConfigWriter
{
    private static readonly Origin Here = Origin.Default("the merged configuration");

    /// <summary>The whole document: <c>node.eks.aws/v1alpha1</c>, or eksnode's own version when a setting is in it that the other lacks.</summary>
    /// <param name="config">The configuration.</param>
    public static TreeMap Document(NodeConfig config)
    {
        // A person reads it: sections in which nothing is set say nothing.
        var sections = new List<TreeEntry>();
        foreach (var section in Spec(config).Entries)
        {
            if (section.Value is not TreeMap { Entries.IsEmpty: true })
            {
                sections.Add(section);
            }
        }

        return Map(
            ("apiVersion", Version(config)),
            ("kind", Text(NodeConfigReader.Kind)),
            ("metadata", config.Metadata is { Entries.IsEmpty: false } metadata ? metadata : null),
            ("spec", new TreeMap(sections, Here)));
    }

    /// <summary>The document as <c>nodeadm config dump</c> prints it: kind first, and with the sections in which nothing is set.</summary>
    /// <param name="config">The configuration.</param>
    public static TreeMap Dump(NodeConfig config) => Map(
        ("kind", Text(NodeConfigReader.Kind)),
        ("apiVersion", Version(config)),
        ("metadata", config.Metadata ?? Map()),
        ("spec", Spec(config)));

    /// <summary>What stands under <c>spec</c>.</summary>
    /// <param name="config">The configuration.</param>
    public static TreeMap Spec(NodeConfig config) => Map(
        ("cluster", Cluster(config.Cluster)),
        ("containerd", Map(
            ("baseRuntimeSpec", config.Containerd.BaseRuntimeSpec),
            ("config", config.Containerd.Config is { } toml ? Text(TomlWriter.Write(toml)) : null),
            ("configFile", Text(config.Containerd.ConfigFile?.Value)),
            ("dropIns", Text(config.Containerd.DropIns?.Value)))),
        ("proxy", Proxy(config.Proxy)),
        ("hooks", Hooks(config.Hooks)),
        ("kernel", Kernel(config.Kernel)),
        ("limits", Limits(config.Limits)),
        ("registries", Entries(config.Registries, Registry)),
        ("trust", Optional(("certificateAuthorities", List(config.Trust?.Value ?? [], Authority)))),
        ("credentialProviders", List(config.CredentialProviders, provider => provider)),
        ("readiness", Readiness(config.Readiness)),
        ("images", Optional(("prefetch", List(config.Prefetch?.Value ?? [], Text)))),
        ("featureGates", Entries(config.FeatureGates, gate => TreeScalar.Of(gate.Value, Here))),
        ("instance", Instance(config.Instance)),
        ("kubelet", Map(
            ("config", config.Kubelet.Config),
            ("configFile", Text(config.Kubelet.ConfigFile?.Value)),
            ("configMode", Text(config.Kubelet.ConfigMode?.Value)),
            ("flags", List(config.Kubelet.Flags, flag => Text(flag.Value))),
            ("maxPodsExpression", Text(config.Kubelet.MaxPodsExpression?.Value)))),
        ("labels", Entries(config.Labels, label => Text(label.Value.Source))),
        ("maxPods", MaxPods(config.MaxPods)),
        ("preset", Text(config.Preset?.Value)),
        ("taints", List(config.Taints, taint => Map(
            ("key", Text(taint.Value.Key)), ("value", Text(taint.Value.Value?.Source)), ("effect", Text(taint.Value.Effect))))));

    private static TreeScalar Version(NodeConfig config) => Text(NodeConfigReader.ApiVersions[HasOwn(config) ? 1 : 0]);

    private static TreeMap? MaxPods(MaxPodsSettings settings) => Optional(
        ("value", Number(settings.Value)),
        ("expression", Text(settings.Expression?.Value)),
        ("prefixDelegation", Bool(settings.PrefixDelegation)),
        ("customNetworking", Bool(settings.CustomNetworking)),
        ("securityGroupsForPods", Bool(settings.SecurityGroupsForPods)),
        ("reservedEnis", Number(settings.ReservedEnis)),
        ("maxEnis", Number(settings.MaxEnis)),
        ("cap", settings.Cap is { Value: MaxPodsSettings.NoCap } ? Text("None") : Number(settings.Cap)));

    private static TreeScalar? Number(Sourced<int>? number) => number is { } set ? TreeScalar.Of(set.Value, Here) : null;

    private static TreeScalar? Bool(Sourced<bool>? flag) => flag is { } set ? TreeScalar.Of(set.Value, Here) : null;

    private static TreeMap Cluster(ClusterSettings cluster) => Map(
        ("name", Text(cluster.Name?.Value)),
        ("apiServerEndpoint", Text(cluster.ApiServerEndpoint?.Value)),
        ("certificateAuthority", cluster.CertificateAuthority is { } bytes ? Text(Convert.ToBase64String(bytes.Value.AsSpan())) : null),
        ("cidr", Text(cluster.Cidr?.Value)),
        ("enableOutpost", cluster.EnableOutpost is { } outpost ? TreeScalar.Of(outpost.Value, Here) : null),
        ("id", Text(cluster.Id?.Value)));

    private static TreeMap Instance(InstanceSettings instance) => Map(
        ("environment", Entries(instance.Environment, service => Entries(service, value => Text(value.Value.Reveal())) ?? Map())),
        ("localStorage", Optional(
            ("strategy", instance.LocalStorage.Strategy is { } strategy ? Text(Word(strategy.Value)) : null),
            ("mountPath", Text(instance.LocalStorage.MountPath?.Value)),
            ("disabledMounts", List(instance.LocalStorage.DisabledMounts?.Value ?? [], mount => Text(Word(mount)))),
            ("match", List(instance.LocalStorage.Match?.Value ?? [], Disk)),
            ("seed", instance.LocalStorage.Seed is { } seed ? Text(Word(seed.Value)) : null))),
        ("network", Optional(
            ("nameservers", List(instance.Nameservers?.Value ?? [], Text)),
            ("domains", List(instance.Domains?.Value ?? [], Text)))),
        ("storage", Optional(
            ("early", instance.StorageEarly is { } early ? TreeScalar.Of(early.Value, Here) : null),
            ("volumes", List(instance.Volumes, volume => Volume(volume.Value))))));

    // The settings that only eksnode's own version has.
    private static bool HasOwn(NodeConfig config) =>
        HasOwn(config.Instance) || HasOwnNetwork(config)
        || config.Preset is not null || config.MaxPods.IsSet || !config.Labels.IsEmpty || !config.Taints.IsEmpty
        || config.Kernel.IsSet || config.Limits.IsSet || !config.Hooks.ByStage.IsEmpty
        || config.Kubelet is not { ConfigMode: null, ConfigFile: null }
        || config.Containerd is not { ConfigFile: null, DropIns: null };

    private static bool HasOwn(InstanceSettings instance) =>
        instance.StorageEarly is not null || instance.LocalStorage is not { Match: null, Seed: null }
        || instance.Volumes.Any(v => !IsByDevice(v.Value.Match) || v.Value is not { Seed: StorageSeed.Copy, Early: null });

    private static bool IsByDevice(VolumeMatch match) => match is { VolumeId: null, Label: null, SizeBytes: null };

    private static TreeMap Disk(LocalDiskMatch disk) => Map(("model", Text(disk.Model)), ("serial", Text(disk.Serial)), ("device", Text(disk.Device)));

    private static TreeMap Volume(VolumeSettings volume) => Map(
        ("device", IsByDevice(volume.Match) ? Text(volume.Match.Device) : null),
        ("match", IsByDevice(volume.Match) ? null : Map(
            ("volumeId", Text(volume.Match.VolumeId)),
            ("label", Text(volume.Match.Label)),
            ("size", Text(volume.Match.SizeBytes?.ToString(CultureInfo.InvariantCulture))),
            ("device", Text(volume.Match.Device)))),
        ("mountTargets", List(volume.MountTargets, Text)),
        ("fsType", Text(volume.FileSystem)),
        ("seed", volume.Seed == StorageSeed.Copy ? null : Text(Word(volume.Seed))),
        ("early", volume.Early is { } early ? TreeScalar.Of(early, Here) : null));

    private static string Word(StorageSeed seed) => seed == StorageSeed.None ? "None" : "Copy";

    private static string Word(LocalStorageStrategy strategy) => strategy switch
    {
        LocalStorageStrategy.Raid0 => "RAID0",
        LocalStorageStrategy.Raid10 => "RAID10",
        _ => "Mount",
    };

    private static string Word(DisabledMount mount) => mount switch
    {
        DisabledMount.Containerd => "Containerd",
        DisabledMount.PodLogs => "PodLogs",
        _ => "SOCI",
    };

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static TreeScalar? Text(string? text) => text is null ? null : TreeScalar.Of(text, Here);

    private static TreeList? List<T>(ImmutableArray<T> items, Func<T, TreeNode> node) => items.IsEmpty ? null : new TreeList([.. items.Select(node)], Here);

    private static TreeMap? Entries<T>(SortedMap<T> entries, Func<T, TreeNode> node) =>
        entries.IsEmpty ? null : new TreeMap(entries.Select(e => new TreeEntry(e.Key, Here, node(e.Value))), Here);

    private static TreeMap? Optional(params ReadOnlySpan<(string Key, TreeNode? Value)> entries) => Map(entries) is { Entries.IsEmpty: false } map ? map : null;

    private static TreeMap Map(params ReadOnlySpan<(string Key, TreeNode? Value)> entries)
    {
        var list = new List<TreeEntry>();
        foreach (var (key, value) in entries)
        {
            if (value is not null)
            {
                list.Add(new TreeEntry(key, Here, value));
            }
        }

        return new TreeMap(list, Here);
    }
}
