using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;

namespace EksNode.Joining;

/// <summary>
/// What a run knows of the unit that it is the process of. Units of a node say their name in <c>EKSNODE_UNIT</c>
/// (<c>Environment=EKSNODE_UNIT=%n</c>).
/// </summary>
public static class BootUnit
{
    // 5, 10, 20 … 300 s between two attempts, of which RestartSec=5 of the units is the first part.
    private static readonly TimeSpan first = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan longest = TimeSpan.FromMinutes(5);

    /// <summary>The unit; null when the run belongs to none.</summary>
    public static string? Of(CommandIo io) => io.Variable("EKSNODE_UNIT");

    /// <summary>Whether what is written to standard error goes to the journal.</summary>
    public static bool LogsToJournal(CommandIo io) => !io.ErrorIsTerminal && (io.Variable("JOURNAL_STREAM") is not null || Of(io) is not null);

    /// <summary>
    /// How long an attempt waits before it begins, beyond the pause of the unit itself, so that pauses grow. systemd's own
    /// <c>RestartSteps=</c> does this from version 254 on, which Amazon Linux 2023 does not have.
    /// </summary>
    /// <param name="restarts">How often systemd has restarted the unit by itself: <c>NRestarts</c>.</param>
    public static TimeSpan PauseBefore(uint restarts) =>
        restarts == 0 ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(restarts - 1, 10)))) - first;

    /// <summary>Waits before an attempt that systemd began because the one before failed. Without systemd there is no pause.</summary>
    /// <param name="io">The process.</param>
    /// <param name="log">Where it says that it waits.</param>
    /// <param name="timeline">Takes the wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The number of this attempt, from 1.</returns>
    public static async Task<uint> PauseAsync(CommandIo io, ILog log, Timeline timeline, CancellationToken cancellation)
    {
        if (Of(io) is not { } unit)
        {
            return 1;
        }

        uint restarts;
        try
        {
            // Before sysinit.target there is no bus yet; systemd's own socket is always there.
            await using var systemd = await SystemdManager.ConnectAsync(new ConnectOptions { PreferPrivate = true, Clock = io.Clock }, cancellation);
            restarts = (await systemd.StatusAsync(unit, cancellation)).NRestarts;
        }
        catch (DiagnosticException failure)
        {
            // Only the pause depends on it; what needs systemd itself will say that it is not there.
            log.Write(LogLevel.Debug, "the number of this attempt is unknown", ("reason", failure.Diagnostic.Message));
            return 1;
        }

        var pause = PauseBefore(restarts);
        if (pause > TimeSpan.Zero)
        {
            log.Write(
                LogLevel.Warn,
                "waiting before the next attempt",
                ("attempt", (restarts + 1).ToString(CultureInfo.InvariantCulture)),
                ("seconds", pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)));
            using var step = timeline.Begin("pause before the attempt");
            await Task.Delay(pause, io.Clock, cancellation);
        }

        return restarts + 1;
    }
}
