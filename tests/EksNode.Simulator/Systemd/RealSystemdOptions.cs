using System.Collections.Immutable;

namespace EksNode.Simulation.Systemd;

/// <summary>How a real systemd is booted.</summary>
public sealed record RealSystemdOptions
{
    /// <summary>The root file system below the overlay: a folder that <c>script/systemd-root</c> made.</summary>
    public string Root { get; init; } = Environment.GetEnvironmentVariable(RealSystemd.RootVariable) ?? "";

    /// <summary>Whether there is a system bus; without it there is systemd's private socket alone, as early in a boot.</summary>
    public bool SystemBus { get; init; } = true;

    /// <summary>Whether /sys can be written, which is what makes udevd run.</summary>
    public bool Udev { get; init; }

    /// <summary>Whether it shares the network of the tests, and reaches what they serve on loopback. Otherwise it has a network of its own, with <c>lo</c> up.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>
    /// Whether tests outside can talk to the private socket, at <see cref="RealSystemd.PrivateRelay"/>: systemd refuses a peer whose
    /// process it cannot see from its own pid namespace, so a relay of its own connects for them.
    /// </summary>
    public bool PrivateRelay { get; init; }

    /// <summary>Arguments of systemd, as on the kernel's command line: <c>--unit=rescue.target</c>.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];
}

/// <summary>What a program inside did.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record RealSystemdResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}
