using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Plans;

/// <summary>When a resource is written.</summary>
public enum Phase
{
    /// <summary>Baked: written when the image is built.</summary>
    Image,

    /// <summary>Written when the node joins.</summary>
    Boot,
}

/// <summary>The stage of join that applies a resource of phase <see cref="Phase.Boot"/>.</summary>
public enum Stage
{
    /// <summary>Early: before the user's own scripts run. Files that those scripts may read and change.</summary>
    Configure,

    /// <summary>Late: after the user's own scripts, when services start. What those scripts may still use as it was, such as disks.</summary>
    Start,
}

/// <summary>Why a value of a resource is what it is.</summary>
/// <param name="Setting">The setting, dotted: <c>kubelet.maxPods</c>, <c>spec.cluster.name</c>.</param>
/// <param name="Value">The value as text, redacted when it is secret.</param>
/// <param name="Origin">What decided it; its note says why.</param>
public sealed record Reason(string Setting, string Value, Origin Origin)
{
    /// <summary>The parts of a value that is a list, redacted, when not one thing decided them all; empty otherwise.</summary>
    public ImmutableArray<Sourced<string>> Parts { get; init; } = [];

    /// <summary>Whether both say the same; the parts follow from the value and its origin.</summary>
    public bool Equals(Reason? other) => other is not null && (Setting, Value) == (other.Setting, other.Value) && Origin == other.Origin;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Setting, Value, Origin);
}

/// <summary>One thing that a node needs. A plan is a graph of these.</summary>
public abstract record Resource
{
    /// <summary>The stable id: the kind, a colon and the path: <c>file:/etc/kubernetes/kubelet/config.json</c>.</summary>
    public abstract string Id { get; }

    /// <summary>The absolute path, inside the root.</summary>
    public required string Path { get; init; }

    /// <summary>Whether nothing else may have its path: the path is what is written, not only where something is.</summary>
    public virtual bool OwnsPath => true;

    /// <summary>When it is written.</summary>
    public Phase Phase { get; init; } = Phase.Boot;

    /// <summary>The stage of join that applies it; a start brings everything up to date, whatever its stage.</summary>
    public Stage Stage { get; init; } = Stage.Configure;

    /// <summary>Ids of the resources that must be there first.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>Units that must restart when it changes, with their suffix: <c>containerd.service</c>.</summary>
    public ImmutableArray<string> Restarts { get; init; } = [];

    /// <summary>For every value in it, what decided it.</summary>
    public ImmutableArray<Reason> Reasons { get; init; } = [];

    /// <summary>Ids of the compliance controls that it satisfies.</summary>
    public ImmutableArray<string> Controls { get; init; } = [];

    /// <summary>What it gains and costs to have it in the image, where nothing in it is of an instance; null: something always is, or see <see cref="NotBaked"/>.</summary>
    public Baking? Baking { get; init; }

    /// <summary>Why no image can have it, although it may follow from the configuration alone, as a clause; null: nothing speaks against it.</summary>
    public virtual string? NotBaked => null;
}

/// <summary>A file with its whole content.</summary>
public sealed record FileResource : Resource
{
    /// <inheritdoc/>
    public override string Id => "file:" + Path;

    /// <inheritdoc/>
    public override string? NotBaked => Path.StartsWith("/run/", StringComparison.Ordinal) ? "/run is empty after every boot" : null;

    /// <summary>The bytes.</summary>
    public required ImmutableArray<byte> Content { get; init; }

    /// <summary>The permission bits.</summary>
    public int Mode { get; init; } = 0x1A4; // 0644

    /// <summary>Whether it can hold a user's secret: it is 0600, and its content is not printed as it is.</summary>
    public bool Sensitive { get; init; }

    /// <summary>Values of eksnode that are not in it, because the user's configuration replaces them.</summary>
    public ImmutableArray<Reason> Dropped { get; init; } = [];

    /// <summary>The settings that eksnode adds to a user's configuration that replaces its own, dotted: <c>clusterDNS</c>.</summary>
    public ImmutableArray<string> Added { get; init; } = [];

    /// <summary>Values that are not in it, because another setting of the user's says something else of the same.</summary>
    public ImmutableArray<Reason> Outdone { get; init; } = [];

    /// <summary>The document that the content was written from, each leaf with its origin; null where the content is no document.</summary>
    public TreeMap? Document { get; init; }

    /// <summary>What the document replaced: the same document without its upper layers, lowest first.</summary>
    public ImmutableArray<TreeMap> DocumentLayers { get; init; } = [];

    /// <summary>The arguments of a program, in a file that holds them.</summary>
    public ImmutableArray<Sourced<string>> Arguments { get; init; } = [];
}

/// <summary>A directory.</summary>
public sealed record DirectoryResource : Resource
{
    /// <inheritdoc/>
    public override string Id => "directory:" + Path;

    /// <summary>The permission bits, when eksnode makes it; those of an existing directory stay.</summary>
    public int Mode { get; init; } = 0x1ED; // 0755
}

/// <summary>A symbolic link.</summary>
public sealed record SymlinkResource : Resource
{
    /// <inheritdoc/>
    public override string Id => "symlink:" + Path;

    /// <summary>What it points to.</summary>
    public required string Target { get; init; }
}

/// <summary>
/// A block of lines in a hosts file, between markers; the other lines are never touched. <see cref="Resource.Path"/> is the
/// hosts file.
/// </summary>
public sealed record HostsEntryResource : Resource
{
    /// <inheritdoc/>
    public override string Id => "hosts:" + HostName;

    /// <inheritdoc/>
    public override string NotBaked => "it is a part of a file, and its addresses are those of the day";

    /// <inheritdoc/>
    public override bool OwnsPath => false;

    /// <summary>The host name.</summary>
    public required string HostName { get; init; }

    /// <summary>Its addresses, sorted. Empty: an existing block stays as it is.</summary>
    public required ImmutableArray<string> Addresses { get; init; }
}

/// <summary>
/// A path that eksnode may have written for another configuration and that belongs to somebody else in this one: eksnode's own
/// file is removed, anything else is neither touched nor called drift.
/// </summary>
public sealed record ReleasedResource : Resource
{
    /// <inheritdoc/>
    public override string Id => "released:" + Path;

    /// <inheritdoc/>
    public override string NotBaked => "there is nothing to write";

    /// <summary>Who owns it now, for people: <c>the kubelet, which writes its own kubeconfig on Outposts</c>.</summary>
    public required string Owner { get; init; }
}
