using EksNode.Host.Files;

namespace EksNode.Host.Engine;

/// <summary>What happens to files that were changed by hand.</summary>
public enum ApplyPolicy
{
    /// <summary>They stay, as long as the plan for them is what it was. The default.</summary>
    Preserve,

    /// <summary>The plan always wins.</summary>
    Enforce,
}

/// <summary>What is done to a resource.</summary>
public enum ChangeAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is made.</summary>
    Create,

    /// <summary>It is there and becomes another.</summary>
    Update,

    /// <summary>It is removed.</summary>
    Delete,
}

/// <summary>Whose a path is.</summary>
public enum Verdict
{
    /// <summary>eksnode wrote it, and nobody changed it since.</summary>
    Ours,

    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>eksnode never wrote it, and it is what eksnode would write: from now on it counts as ours.</summary>
    Adopted,

    /// <summary>eksnode never wrote it, and it is not what eksnode would write: the plan wins, its bytes are kept for reset.</summary>
    NeverOurs,

    /// <summary>It was changed by hand, and stays.</summary>
    ChangedByHandKept,

    /// <summary>It was changed by hand and can hold a secret that others could read: its content stays, its mode does not.</summary>
    ChangedByHandTightened,

    /// <summary>It was changed by hand; the plan wins, the other version is kept under <see cref="StatePlace.ReplacedPath"/>.</summary>
    ChangedByHandReplaced,
}

/// <summary>What is to be done to a path, and why.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Verdict">Whose it is.</param>
internal readonly record struct Ruling(ChangeAction Action, Verdict Verdict);

/// <summary>
/// Who wins when what is on disk, what eksnode remembers and what it plans are not the same. D is what is on disk, P what is
/// planned, W what eksnode last wrote, I what a killed run was about to write, O what was there before eksnode. Each is a whole
/// <see cref="ObjectIdentity"/>: content, mode and owner. The first row that fits decides.
/// <list type="table">
/// <listheader><term>planned path</term><description>action, verdict</description></listheader>
/// <item><term>D is missing</term><description>create, missing</description></item>
/// <item><term>D = P, remembered</term><description>none, ours</description></item>
/// <item><term>D = P, not remembered</term><description>none, adopted</description></item>
/// <item><term>not remembered</term><description>update, never ours</description></item>
/// <item><term>D = W or D = I</term><description>update, ours</description></item>
/// <item><term>W is unset and D = O (killed before the first write)</term><description>update, never ours</description></item>
/// <item><term>policy enforce</term><description>update, changed by hand and replaced</description></item>
/// <item><term>P = I (killed before the write that was to replace it)</term><description>update, changed by hand and replaced</description></item>
/// <item><term>P ≠ W, or another instance</term><description>update, changed by hand and replaced</description></item>
/// <item><term>P is closed to others (0600), D is open to them</term><description>update of the mode, changed by hand and tightened</description></item>
/// <item><term>otherwise</term><description>none, changed by hand and kept</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>remembered path that is planned no more</term><description>action, verdict</description></listheader>
/// <item><term>D is missing</term><description>none (forgotten), missing</description></item>
/// <item><term>D = O</term><description>none (forgotten), ours</description></item>
/// <item><term>D = W or D = I</term><description>O is put back, or the path removed; ours</description></item>
/// <item><term>policy enforce</term><description>the same, changed by hand and replaced</description></item>
/// <item><term>otherwise</term><description>none, changed by hand and kept</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>released path</term><description>action, verdict</description></listheader>
/// <item><term>remembered, D = W or D = I</term><description>delete, ours</description></item>
/// <item><term>otherwise</term><description>none, and not spoken of; forgotten</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>remembered path, in a reset</term><description>action, verdict</description></listheader>
/// <item><term>D is missing, O is not</term><description>O is put back; missing</description></item>
/// <item><term>otherwise</term><description>as for one that is planned no more, with policy preserve</description></item>
/// </list>
/// </summary>
internal static class WhoWins
{
    private const int OthersMay = 0x3F; // 0077

    /// <summary>The ruling for a planned path.</summary>
    /// <param name="actual">D.</param>
    /// <param name="planned">P.</param>
    /// <param name="record">What is remembered: W, I and O; null when nothing is.</param>
    /// <param name="sameInstance">Whether the state is of this instance.</param>
    /// <param name="policy">The policy.</param>
    public static Ruling ForPlanned(
        ObjectIdentity actual, ObjectIdentity planned, FileRecord? record, bool sameInstance, ApplyPolicy policy)
    {
        if (!actual.Exists)
        {
            return new(ChangeAction.Create, Verdict.Missing);
        }

        if (actual == planned)
        {
            return new(ChangeAction.None, record is null ? Verdict.Adopted : Verdict.Ours);
        }

        if (record is null)
        {
            return new(ChangeAction.Update, Verdict.NeverOurs);
        }

        if (IsOurs(actual, record))
        {
            return new(ChangeAction.Update, Verdict.Ours);
        }

        if (record.Written is null && actual == record.Original)
        {
            return new(ChangeAction.Update, Verdict.NeverOurs);
        }

        if (policy == ApplyPolicy.Enforce || planned == record.Intended || planned != record.Written || !sameInstance)
        {
            return new(ChangeAction.Update, Verdict.ChangedByHandReplaced);
        }

        return IsOpened(actual, planned)
            ? new(ChangeAction.Update, Verdict.ChangedByHandTightened)
            : new(ChangeAction.None, Verdict.ChangedByHandKept);
    }

    /// <summary>The ruling for a remembered path that is planned no more.</summary>
    public static Ruling ForStale(ObjectIdentity actual, FileRecord record, ApplyPolicy policy)
    {
        if (!actual.Exists)
        {
            return new(ChangeAction.None, Verdict.Missing);
        }

        if (actual == record.Original)
        {
            return new(ChangeAction.None, Verdict.Ours);
        }

        var undo = record.Original.Exists ? ChangeAction.Update : ChangeAction.Delete;
        if (IsOurs(actual, record))
        {
            return new(undo, Verdict.Ours);
        }

        return policy == ApplyPolicy.Enforce
            ? new(undo, Verdict.ChangedByHandReplaced)
            : new(ChangeAction.None, Verdict.ChangedByHandKept);
    }

    /// <summary>
    /// The ruling for a remembered path when everything is undone: as for one that is planned no more with policy preserve, but what was there
    /// before comes back where nothing is.
    /// </summary>
    public static Ruling ForReset(ObjectIdentity actual, FileRecord record) =>
        !actual.Exists && record.Original.Exists
            ? new(ChangeAction.Create, Verdict.Missing)
            : ForStale(actual, record, ApplyPolicy.Preserve);

    /// <summary>The ruling for a path that belongs to somebody else in this configuration.</summary>
    public static Ruling ForReleased(ObjectIdentity actual, FileRecord? record) =>
        record is not null && actual.Exists && IsOurs(actual, record)
            ? new(ChangeAction.Delete, Verdict.Ours)
            : new(ChangeAction.None, actual.Exists ? Verdict.NeverOurs : Verdict.Missing);

    /// <summary>Whether the path holds what eksnode wrote, or was about to write when it was killed.</summary>
    public static bool IsOurs(ObjectIdentity actual, FileRecord record) => actual == record.Written || actual == record.Intended;

    /// <summary>Whether others may read what is planned for nobody else's eyes.</summary>
    private static bool IsOpened(ObjectIdentity actual, ObjectIdentity planned) =>
        actual.Kind == FileKind.File && planned.Kind == FileKind.File && (planned.Mode & OthersMay) == 0
        && ((actual.Mode & OthersMay) != 0 || actual.User != planned.User || actual.Group != planned.Group);
}
