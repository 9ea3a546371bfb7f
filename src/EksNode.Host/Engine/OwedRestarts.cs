using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Engine;

/// <summary>
/// A restart that a unit still needs, because files that it uses were changed. It is recorded before the first of them is
/// written, and paid when the unit is active again and healthy, whichever process or boot sees to that.
/// </summary>
/// <param name="Because">The ids of the resources that changed, in ordinal order.</param>
/// <param name="Boot">
/// The boot in which the last of them changed, as the kernel names it (<see cref="OwedRestarts.BootOf"/>); null when it is not
/// known, as for a root folder that is not running. What runs in another boot was started after the change.
/// </param>
public sealed record OwedRestart(ImmutableArray<string> Because, string? Boot)
{
    /// <inheritdoc/>
    public bool Equals(OwedRestart? other) => other is not null && Boot == other.Boot && Because.SequenceEqual(other.Because);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Boot, Because.Length);
}

/// <summary>The restarts that a host owes.</summary>
public static class OwedRestarts
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>
    /// The kernel's name for the boot that a root runs in: <c>/proc/sys/kernel/random/boot_id</c> (random(4)); null for a root
    /// without <c>proc</c>.
    /// </summary>
    /// <param name="root">The root.</param>
    public static string? BootOf(HostRoot root) =>
        root.ReadFile(BootIdPath) is { Length: > 0 } bytes ? Encoding.ASCII.GetString(bytes).Trim() : null;

    /// <summary>
    /// What is owed once some files change: what was owed, and their units. It has no time of its own, so that a run that goes on
    /// after a kill records the same.
    /// </summary>
    /// <param name="owed">What was owed before.</param>
    /// <param name="restarts">The units of the files.</param>
    /// <param name="boot">This boot.</param>
    internal static SortedMap<OwedRestart> Add(
        SortedMap<OwedRestart> owed, ImmutableArray<Restart> restarts, string? boot)
    {
        var all = owed.ToBuilder();
        foreach (var restart in restarts)
        {
            IEnumerable<string> because = restart.Because;
            if (all.TryGetValue(restart.Unit, out var before))
            {
                because = because.Union(before.Because, StringComparer.Ordinal);
            }

            all[restart.Unit] = new OwedRestart([.. because.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], boot);
        }

        return all.ToImmutable();
    }

    /// <summary>Records that a unit owes nothing any more. The caller holds the <see cref="HostLock"/>.</summary>
    /// <param name="root">The host.</param>
    /// <param name="state">Its state, as the last run left it.</param>
    /// <param name="unit">The unit, which is active and healthy, or will read its files when somebody starts it.</param>
    /// <returns>The state that is recorded now.</returns>
    /// <exception cref="Configuration.Text.DiagnosticException">It cannot be written.</exception>
    public static AppliedState Pay(HostRoot root, AppliedState state, string unit)
    {
        if (!state.Owed.ContainsKey(unit))
        {
            return state;
        }

        var paid = state with { Owed = state.Owed.Remove(unit) };
        var bytes = AppliedStateFormat.Write(paid);
        var transaction = new FileTransaction(root);
        transaction.Write(state.Place.FilePath, bytes, Modes.OwnerFile);
        transaction.Stage();
        transaction.Commit();
        return paid with { Source = bytes };
    }
}
