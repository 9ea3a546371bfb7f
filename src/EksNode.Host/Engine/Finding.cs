using System.Collections.Immutable;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>Whose a path is, for somebody who wants to know and change nothing.</summary>
public enum Ownership
{
    /// <summary>eksnode wrote it and nobody changed it.</summary>
    OursUnchanged,

    /// <summary>eksnode wrote it and somebody changed it.</summary>
    OursChangedByHand,

    /// <summary>It is planned, or was written, and is not there.</summary>
    Missing,

    /// <summary>It is there, and eksnode never wrote it.</summary>
    NotOurs,
}

/// <summary>What <see cref="Verifier"/> says of one resource, in one word.</summary>
public enum FindingStatus
{
    /// <summary>As it was applied, and as it is planned.</summary>
    Unchanged,

    /// <summary>Somebody changed it since eksnode wrote it.</summary>
    Changed,

    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>Something is there that eksnode never wrote, and it is not what is planned.</summary>
    NotOurs,

    /// <summary>As it was applied, but the plan has changed since: a join would write another.</summary>
    Outdated,

    /// <summary>eksnode wrote it, it is still there, and no plan wants it any more.</summary>
    NotPlanned,
}

/// <summary>What <see cref="Verifier"/> found about one resource.</summary>
/// <param name="resourceId">The resource's id.</param>
/// <param name="path">The path.</param>
/// <param name="ownership">Whose it is.</param>
public sealed class Finding(string resourceId, string path, Ownership ownership)
{
    /// <summary>The resource's id; for a path that is planned no more, what its id was.</summary>
    public string ResourceId => resourceId;

    /// <summary>The path.</summary>
    public string Path => path;

    /// <summary>Whose it is.</summary>
    public Ownership Ownership => ownership;

    /// <summary>The resource; null when it is planned no more, and when there is no plan to compare with.</summary>
    public Resource? Resource { get; init; }

    /// <summary>Whether it is exactly what is planned, whoever wrote it; false for what is planned no more.</summary>
    public bool AsPlanned { get; init; }

    /// <summary>Whether there was a plan to compare with.</summary>
    public bool HasPlan { get; init; } = true;

    /// <summary>Whether it is planned no more, and nothing of it is left to undo.</summary>
    public bool IsUndone { get; init; }

    /// <summary>What eksnode wrote; null for what it never wrote and for what is no file.</summary>
    public ObjectIdentity? Applied { get; init; }

    /// <summary>What is planned; null without a plan for it, and for what is no file.</summary>
    public ObjectVersion? Planned { get; init; }

    /// <summary>What is there; null when nothing is, and for what is no file.</summary>
    public ObjectVersion? Actual { get; init; }

    /// <summary>What it is, in one word.</summary>
    public FindingStatus Status => ownership switch
    {
        _ when IsUndone => FindingStatus.Unchanged,
        Ownership.Missing => FindingStatus.Missing,
        _ when HasPlan && Resource is null => FindingStatus.NotPlanned,
        Ownership.OursChangedByHand when !AsPlanned => FindingStatus.Changed,
        Ownership.NotOurs when !AsPlanned => FindingStatus.NotOurs,
        Ownership.OursUnchanged when !AsPlanned && HasPlan => FindingStatus.Outdated,
        _ => FindingStatus.Unchanged,
    };

    /// <summary>Whether the host is not what it should be here.</summary>
    public bool IsDrift => Status != FindingStatus.Unchanged;

    /// <summary>
    /// What differs, for a file or link that is there: <c>kind</c>, <c>content</c>, <c>target</c>, <c>mode</c>, <c>owner</c>; of one that was
    /// changed by hand from what was applied, else from what is planned.
    /// </summary>
    public ImmutableArray<string> Differences
    {
        get
        {
            var expected = Status is FindingStatus.Changed or FindingStatus.NotPlanned ? Applied ?? Planned?.Identity : Planned?.Identity;
            if (expected is null || Actual?.Identity is not { } actual || !IsDrift)
            {
                return [];
            }

            if (expected.Kind != actual.Kind)
            {
                return ["kind"];
            }

            var names = new List<string>();
            Add("content", expected.Sha256 != actual.Sha256);
            Add("target", expected.Target != actual.Target);
            Add("mode", expected.Mode != actual.Mode);
            Add("owner", expected.User != actual.User || expected.Group != actual.Group);
            return names.ToImmutable();

            void Add(string name, bool differs)
            {
                if (differs)
                {
                    names.Add(name);
                }
            }
        }
    }
}
