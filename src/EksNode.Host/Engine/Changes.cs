using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>One version of what is at a path, for people and tools.</summary>
/// <param name="Identity">Kind, mode, owner, SHA-256 or link target.</param>
/// <param name="Content">The bytes of a file; default when there are none or they are too many to be kept in memory.</param>
/// <param name="Sensitive">Whether it can hold a secret, so that its content is not printed as it is.</param>
public sealed record ObjectVersion(ObjectIdentity Identity, ImmutableArray<byte> Content, bool Sensitive)
{
    /// <summary>The permission bits as four octal digits: <c>0644</c>.</summary>
    public string Mode => Identity.ModeText;

    /// <summary>User and group: <c>root:root</c>, or numbers for others than root.</summary>
    public string Owner => $"{NameOf(Identity.User)}:{NameOf(Identity.Group)}";

    /// <summary>
    /// The content as text: null when it can hold a secret, when it is not UTF-8 text, and when there is none.
    /// </summary>
    public string? Text => Sensitive || !IsText ? null : Encoding.UTF8.GetString(Content.AsSpan());

    /// <summary>Whether the content is UTF-8 text without a NUL.</summary>
    public bool IsText => !Content.IsDefault && !Content.AsSpan().Contains((byte)0) && Utf8.IsValid(Content.AsSpan());

    /// <summary>Whether it has a mode and an owner: not so what is no file, such as an array of disks.</summary>
    public bool HasOwner => Identity.Kind != FileKind.Special;

    /// <summary>
    /// What somebody changed of a file beside its bytes: <c>mode 0644 → 0600, owner root:root → 1000:1000</c>; null when its bytes are others, and for
    /// what is no file.
    /// </summary>
    /// <param name="before">The file before.</param>
    /// <param name="after">The same file after.</param>
    public static string? MetadataChange(ObjectIdentity? before, ObjectIdentity after)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (before is not { Kind: FileKind.File } || after.Kind != FileKind.File || before.Sha256 != after.Sha256)
        {
            return null;
        }

        var mode = before.Mode == after.Mode ? "" : $"mode {before.ModeText} → {after.ModeText}";
        var (old, now) = (new ObjectVersion(before, default, false).Owner, new ObjectVersion(after, default, false).Owner);
        return old == now ? mode : $"{mode}{(mode.Length > 0 ? ", " : "")}owner {old} → {now}";
    }

    private static string NameOf(int id) => id == 0 ? "root" : id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What becomes of one resource, or of one path that is planned no more.</summary>
public sealed record Change
{
    /// <summary>The resource's id; for a path that is planned no more, what its id was.</summary>
    public required string ResourceId { get; init; }

    /// <summary>The absolute path, inside the root.</summary>
    public required string Path { get; init; }

    /// <summary>What is done.</summary>
    public required ChangeAction Action { get; init; }

    /// <summary>Whose it is now.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The resource; null when it is planned no more.</summary>
    public Resource? Resource { get; init; }

    /// <summary>What is there; null when nothing is.</summary>
    public ObjectVersion? Before { get; init; }

    /// <summary>What will be there; null when nothing will.</summary>
    public ObjectVersion? After { get; init; }

    /// <summary>What the plan has for what was changed by hand and stays; null otherwise.</summary>
    public ObjectVersion? Planned { get; init; }

    /// <summary>The units that must restart because of this change.</summary>
    public ImmutableArray<string> Restarts { get; init; } = [];

    /// <summary>Where the version that is replaced is kept for people, or null.</summary>
    public string? KeptAs { get; init; }

    /// <summary>For every value in it, what decided it.</summary>
    public ImmutableArray<Reason> Reasons => Resource?.Reasons ?? [];

    /// <summary>Where what is kept for it goes.</summary>
    internal StatePlace Place { get; init; } = StatePlace.Join;

    /// <summary>What was seen at the path, for <see cref="Effect.Apply"/>.</summary>
    internal ObservedObject? Observed { get; init; }

    /// <summary>Whether the bytes that are there are kept for reset.</summary>
    internal bool SavesOriginal { get; init; }

    /// <summary>What applies it.</summary>
    internal Effect Effect { get; init; } = PathEffect.Instance;
}

/// <summary>A unit that must restart.</summary>
/// <param name="Unit">The unit, with its suffix: <c>containerd.service</c>.</param>
/// <param name="Because">The ids of the resources whose change is the reason, in the order of the plan.</param>
public sealed record Restart(string Unit, ImmutableArray<string> Because);

/// <summary>
/// The difference between a host and a plan: what <c>plan</c> prints, <c>join</c> applies, and JSON output is made from. Made
/// by <see cref="Differ"/>; looking at it changes nothing.
/// </summary>
public sealed record Changes
{
    /// <summary>Every resource and every path that is planned no more, in the order of the plan, then by path.</summary>
    public required ImmutableArray<Change> All { get; init; }

    /// <summary>What eksnode has to say: what was kept or replaced against somebody's hand, and errors that stop an apply.</summary>
    public required ImmutableArray<Diagnostic> Diagnostics { get; init; }

    /// <summary>The units that must restart, sorted by name.</summary>
    public required ImmutableArray<Restart> Restarts { get; init; }

    /// <summary>
    /// Everything that a start has to restart once this is applied: <see cref="Restarts"/>, and what earlier runs left owed.
    /// </summary>
    public ImmutableArray<Restart> Owed => [.. Final.Owed.Select(o => new Restart(o.Key, o.Value.Because))];

    /// <summary>What something is done to.</summary>
    public IEnumerable<Change> Actions => All.Where(c => c.Action != ChangeAction.None);

    /// <summary>Whether anything on the host differs from what it should be, so that <c>plan</c> exits with 3.</summary>
    public bool Any => All.Any(c => c.Action != ChangeAction.None);

    /// <summary>How many planned resources stay as they are.</summary>
    public int Unchanged => All.Count(c => c is { Action: ChangeAction.None, Resource: not (null or ReleasedResource) });

    /// <summary>What was changed by hand and stays as it is.</summary>
    public IEnumerable<Change> Kept => All.Where(c => c is { Verdict: Verdict.ChangedByHandKept, Resource: not (null or ReleasedResource) });

    /// <summary>Whether an error stops <see cref="Applier"/>.</summary>
    public bool HasErrors => Diagnostics.Any(d => d.Severity == Severity.Error);

    /// <summary>The state that this was made from.</summary>
    internal AppliedState Previous { get; init; } = AppliedState.Empty;

    /// <summary>The state to record before the first change.</summary>
    internal AppliedState Intent { get; init; } = AppliedState.Empty;

    /// <summary>The state to record after the last.</summary>
    internal AppliedState Final { get; init; } = AppliedState.Empty;

    /// <summary>Directories that a killed run made without finishing, with the mode that they must have.</summary>
    internal ImmutableArray<(string Path, int Mode)> Unsettled { get; init; } = [];

    /// <summary>Directories to look for left-overs of killed runs in.</summary>
    internal ImmutableArray<string> Swept { get; init; } = [];
}
