namespace EksNode.Simulation.Systemd;

/// <summary>What a unit does when it is started.</summary>
public enum SimulatedStart
{
    /// <summary>It becomes active and stays so.</summary>
    Works,

    /// <summary>Its job fails.</summary>
    Fails,

    /// <summary>Its job is done, and its process ends again and again, and is started again.</summary>
    CrashLoops,

    /// <summary>Its job stays in the queue.</summary>
    Hangs,
}

/// <summary>A unit of the simulated systemd. Tests change it at any time.</summary>
public sealed class SimulatedUnit
{
    private static uint lastPid = 1000;

    public SimulatedUnit(string name) => Name = name;

    public string Name { get; }

    public string LoadState { get; set; } = "loaded";

    public string ActiveState { get; set; } = "inactive";

    public string SubState { get; set; } = "dead";

    public string Result { get; set; } = "success";

    public string UnitFileState { get; set; } = "disabled";

    public string[] DropInPaths { get; set; } = [];

    /// <summary>Files are newer than what was read: the next Reload mends it.</summary>
    public bool NeedDaemonReload { get; set; }

    public SimulatedStart Start { get; set; } = SimulatedStart.Works;

    /// <summary>How long a start takes.</summary>
    public TimeSpan StartTime { get; set; }

    /// <summary>How long a process lives in a crash loop.</summary>
    public TimeSpan CrashTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>After how many restarts systemd gives up (StartLimitBurst); null: never.</summary>
    public uint? StartLimit { get; set; }

    /// <summary>Called when it has become active, on the connection's task: makes a socket appear, say.</summary>
    public Action? Started { get; set; }

    /// <summary>Called when it has stopped.</summary>
    public Action? Stopped { get; set; }

    /// <summary>How often it was started, restarts on request included.</summary>
    public int Starts { get; private set; }

    public uint MainPid { get; private set; }

    public DateTimeOffset ActiveEnter { get; private set; }

    public DateTimeOffset InactiveExit { get; private set; }

    private long activeEnterMonotonic;
    private long inactiveExitMonotonic;
    private uint restarts;

    internal void BeginStart()
    {
        (ActiveState, SubState) = ("activating", "start");
        (InactiveExit, inactiveExitMonotonic) = (DateTimeOffset.UtcNow, Environment.TickCount64);
        restarts = 0;
    }

    /// <summary>Ends a start, and says how its job ended.</summary>
    internal string EndStart()
    {
        Starts++;
        if (Start == SimulatedStart.Fails)
        {
            (ActiveState, SubState, Result, MainPid) = ("failed", "failed", "exit-code", 0);
            return "failed";
        }

        (ActiveState, SubState, Result) = ("active", "running", "success");
        MainPid = Interlocked.Increment(ref lastPid);
        (ActiveEnter, activeEnterMonotonic) = (DateTimeOffset.UtcNow, Environment.TickCount64);
        Started?.Invoke();
        return "done";
    }

    internal void Stop()
    {
        if (ActiveState is "active" or "activating")
        {
            Stopped?.Invoke();
        }

        (ActiveState, SubState, MainPid) = ("inactive", "dead", 0);
    }

    internal void ResetFailed()
    {
        if (ActiveState == "failed")
        {
            (ActiveState, SubState, Result) = ("inactive", "dead", "success");
        }

        restarts = 0;
    }

    internal void WriteProperties(DBusWireWriter writer)
    {
        Crash();
        Dictionary<string, object> properties = new()
        {
            ["Id"] = Name,
            ["Names"] = new[] { Name },
            ["LoadState"] = LoadState,
            ["ActiveState"] = ActiveState,
            ["SubState"] = SubState,
            ["Result"] = Result,
            ["UnitFileState"] = UnitFileState,
            ["FragmentPath"] = LoadState == "loaded" ? "/etc/systemd/system/" + Name : "",
            ["DropInPaths"] = DropInPaths,
            ["Conditions"] = new (string, byte[], bool)[] { ("ConditionPathExists", [1, 2, 3], true), ("", [], false) },
            ["NeedDaemonReload"] = NeedDaemonReload,
            ["MainPID"] = MainPid,
            ["NRestarts"] = restarts,
            ["ExecMainCode"] = restarts > 0 ? 1 : 0,
            ["ExecMainStatus"] = restarts > 0 ? 1 : 0,
            ["ActiveEnterTimestamp"] = Microseconds(ActiveEnter),
            ["ActiveEnterTimestampMonotonic"] = (ulong)activeEnterMonotonic * 1000,
            ["InactiveExitTimestamp"] = Microseconds(InactiveExit),
            ["InactiveExitTimestampMonotonic"] = (ulong)inactiveExitMonotonic * 1000,
            ["ExecMainStartTimestamp"] = Microseconds(ActiveEnter),
            ["ExecMainStartTimestampMonotonic"] = (ulong)activeEnterMonotonic * 1000,
            ["Environment"] = Array.Empty<string>(),
            ["Nested"] = new Dictionary<string, object> { ["inner"] = new Dictionary<string, object> { ["number"] = 7u } },
        };
        writer.Array(8, w => properties.ToList().ForEach(p => w.Entry(p.Key, p.Value)));
    }

    private void Crash()
    {
        if (Start != SimulatedStart.CrashLoops || ActiveState is "inactive" or "failed")
        {
            return;
        }

        restarts = (uint)Math.Min(StartLimit ?? uint.MaxValue, (DateTimeOffset.UtcNow - ActiveEnter) / CrashTime);
        if (restarts > 0)
        {
            (ActiveState, SubState, Result, MainPid) = restarts == StartLimit
                ? ("failed", "failed", "start-limit-hit", 0u)
                : ("activating", "auto-restart", "exit-code", 0u);
        }
    }

    private static ulong Microseconds(DateTimeOffset time) => time == default ? 0 : (ulong)(time - DateTimeOffset.UnixEpoch).Ticks / 10;
}
