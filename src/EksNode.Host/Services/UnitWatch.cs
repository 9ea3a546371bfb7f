using EksNode.Host.Systemd;

namespace EksNode.Host.Services;

/// <summary>How a unit that should run does.</summary>
internal enum UnitCondition
{
    /// <summary>It is active.</summary>
    Active,

    /// <summary>It is on its way: starting, or between two tries.</summary>
    Coming,

    /// <summary>It has ended, or ends again and again.</summary>
    Failed,
}

/// <summary>
/// Watches one unit that was started, to tell one that needs a second try from one that never comes up. systemd counts the
/// restarts that it makes by itself (<c>NRestarts</c>): one when it begins each.
/// </summary>
internal sealed class UnitWatch
{
    /// <summary>
    /// A service that ends this often in a row does not come up. A first end may be an accident (a socket that was not there yet),
    /// and with the units' usual pause of 5 s the third comes after some 10 s.
    /// </summary>
    private const int MostEnds = 3;

    private uint? before;

    /// <summary>How often the unit ended since the first look.</summary>
    public int Ends { get; private set; }

    /// <summary>The unit as it was last seen down: how it ended is forgotten when it runs again.</summary>
    public UnitStatus? Down { get; private set; }

    /// <summary>Judges the unit as systemd shows it now.</summary>
    public UnitCondition Judge(UnitStatus status)
    {
        // A unit that somebody starts by hand is counted from 0 again.
        before = before is { } known && known <= status.NRestarts ? known : status.NRestarts;
        var isDown = status.ActiveState == "failed" || status.SubState.StartsWith("auto-restart", StringComparison.Ordinal);
        Down = isDown ? status : Down;
        Ends = (int)(status.NRestarts - before.Value) + (isDown ? 1 : 0);
        return status.ActiveState switch
        {
            "failed" or "inactive" => UnitCondition.Failed,
            _ when Ends >= MostEnds => UnitCondition.Failed,
            _ when status.IsActive => UnitCondition.Active,
            _ => UnitCondition.Coming,
        };
    }
}
