using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Systemd;

namespace EksNode.Host.Services;

/// <summary>What is wrong with a service, as diagnostics.</summary>
public static class ServiceFailure
{
    private const int MostLines = 10;
    private const int LongestLine = 300;

    /// <summary>Why a unit that a node needs cannot be started at all, or null when it can.</summary>
    public static Diagnostic? OfUnit(UnitStatus status) => status.LoadState switch
    {
        "loaded" => null,
        "not-found" => New(
            DiagnosticCatalogue.ServiceMissing,
            $"There is no {status.Unit} on this machine.",
            "Install the package that has it, or use an image of a node."),
        "masked" => New(
            DiagnosticCatalogue.ServiceMasked,
            $"{status.Unit} is masked, so that nothing can start it.",
            $"Run `systemctl unmask {status.Unit}`, and look for what masks it: a node needs it."),
        var other => New(
            DiagnosticCatalogue.ServiceUnitInvalid,
            $"systemd cannot use {(status.FragmentPath.Length > 0 ? status.FragmentPath : status.Unit)}: {other}.",
            $"Run `systemd-analyze verify {status.Unit}`: it names the line."),
    };

    /// <summary>A service that ended.</summary>
    /// <param name="status">What systemd says of it.</param>
    /// <param name="ends">How often it ended since it was started.</param>
    /// <param name="lines">Its last lines.</param>
    /// <param name="hint">What is known about why.</param>
    public static Diagnostic Ended(UnitStatus status, int ends, IReadOnlyList<string> lines, FailureHint? hint)
    {
        var isUnknown = status is { Result: "success" or "", ExecMainCode: 0 };
        var how = !isUnknown ? HowItEnded(status) : ends > 1 ? "it ends soon after each start" : "it did not start";
        var often = ends > 1 ? string.Create(CultureInfo.InvariantCulture, $", {ends} times in a row") : "";
        return New(
            DiagnosticCatalogue.ServiceFailed,
            $"{status.Unit} fails: {how}{often}.{Cause(hint)}{Quote(lines)}",
            Help(status, hint));
    }

    /// <summary>A job that systemd did not carry out.</summary>
    public static Diagnostic NotStarted(UnitStatus status, JobResult job, IReadOnlyList<string> lines, FailureHint? hint) => New(
        DiagnosticCatalogue.ServiceNotStarted,
        job.Result switch
        {
            "dependency" => $"{status.Unit} was not started: a unit that it requires failed.",
            "canceled" => $"{status.Unit} was not started: something else told systemd to do the contrary.",
            "skipped" or "done" => $"{status.Unit} was not started: a condition in its unit is not met.",
            _ => $"{status.Unit} was not started: systemd says {job.Result}.",
        } + Quote(lines),
        Help(status, hint));

    /// <summary>A job that is not done at its deadline.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="deadline">The deadline that has passed.</param>
    /// <param name="state">What the unit is doing, as a clause.</param>
    /// <param name="others">Jobs that systemd works on meanwhile.</param>
    /// <param name="lines">Its last lines.</param>
    /// <param name="hint">What is known about why.</param>
    public static Diagnostic TooSlow(
        string unit, Deadline deadline, string state, IReadOnlyList<UnitJob> others, IReadOnlyList<string> lines, FailureHint? hint)
    {
        var waits = others.Count == 0 ? "" : $" systemd works on {string.Join(", ", others.Take(5).Select(j => $"{j.Unit} ({j.Type})"))}.";
        return New(
            DiagnosticCatalogue.ServiceTooSlow,
            $"{unit} did not start within {deadline.Text}: {state}.{waits}{Cause(hint)}{Quote(lines)}",
            hint?.Help ?? $"Look at `systemctl status {unit}` and `systemctl list-jobs`; more time is `--timeout`.");
    }

    /// <summary>A service that runs and is not healthy at its deadline.</summary>
    public static Diagnostic Unhealthy(string unit, Deadline deadline, string why, IReadOnlyList<string> lines, FailureHint? hint) => New(
        DiagnosticCatalogue.ServiceUnhealthy,
        $"{unit} runs, but was not healthy within {deadline.Text}: {why}.{Cause(hint)}{Quote(lines)}",
        hint?.Help ?? $"Look at `journalctl -u {unit}`; more time is `--timeout`.");

    /// <summary>The Node that is not Ready at its deadline.</summary>
    public static Diagnostic NotReady(string node, Deadline deadline, string why, IReadOnlyList<string> lines, FailureHint? hint) => New(
        DiagnosticCatalogue.NodeNotReady,
        $"The Node {node} was not Ready within {deadline.Text}: {why}.{Cause(hint)}{Quote(lines)}",
        hint?.Help ?? "Look at `kubectl describe node` and at the pods of the network plugin; more time is `--timeout`.");

    /// <summary>How a main process ended: <c>exit code 1</c>.</summary>
    public static string HowItEnded(UnitStatus status) => status.Result switch
    {
        "oom-kill" => "the kernel killed it for want of memory",
        "timeout" => "it was not ready within the time that its unit allows",
        "watchdog" => "it did not report to systemd's watchdog",
        "start-limit-hit" => "it was started too often in too short a time",
        "resources" => "systemd lacks something that its unit needs: a file that it names, memory or a cgroup",
        "protocol" => "it did not tell systemd that it was ready",
        "exec-condition" => "a condition in its unit is not met",
        _ => status.ExecMainCode switch
        {
            1 when status.ExecMainStatus == 0 => "it ended by itself, with exit code 0",
            1 => string.Create(CultureInfo.InvariantCulture, $"exit code {status.ExecMainStatus}{ExitName(status.ExecMainStatus)}"),
            2 or 3 => string.Create(CultureInfo.InvariantCulture, $"killed by signal {status.ExecMainStatus}{(status.ExecMainCode == 3 ? " (core dumped)" : "")}"),
            _ => status.Result.Length > 0 ? $"systemd says {status.Result}" : "systemd does not say why",
        },
    };

    // systemd.exec(5), "Process exit codes": what systemd itself exits with when it cannot run the program.
    private static string ExitName(int code) => code switch
    {
        200 => " (the working directory is not there)",
        203 => " (the program cannot be run: is it there, and for this machine?)",
        209 or 222 => " (a file for its output cannot be opened)",
        217 => " (its user does not exist)",
        219 => " (its cgroup cannot be joined)",
        226 => " (its mount namespace cannot be set up)",
        _ => "",
    };

    private static string Cause(FailureHint? hint) => hint is { Cause.Length: > 0 } ? $" Likely cause: {hint.Cause}." : "";

    private static string Help(UnitStatus status, FailureHint? hint) =>
        status.Result == "start-limit-hit"
            ? $"Mend the cause, then `systemctl reset-failed {status.Unit}` and run again."
            : hint?.Help ?? $"Look at `journalctl -u {status.Unit}`, mend the cause and run again.";

    private static string Quote(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return "";
        }

        var last = lines.Skip(Math.Max(0, lines.Count - MostLines)).Select(l => "\n    " + (l.Length > LongestLine ? l[..LongestLine] + "…" : l));
        return " Its last lines:" + string.Concat(last);
    }

    private static Diagnostic New(DiagnosticDescriptor descriptor, string message, string help) =>
        new(descriptor.Code, descriptor.Severity, message, help);
}
