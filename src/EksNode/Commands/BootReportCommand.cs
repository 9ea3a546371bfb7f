using System.Collections.Immutable;
using System.CommandLine;
using EksNode.Configuration.Text;
using EksNode.Host.Boot;
using EksNode.Host.Systemd;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode boot-report</c>: where the time of this boot went.</summary>
public static class BootReportCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var command = new Command("boot-report", "Shows where the time of this boot went: machine, units, stages of eksnode and what they waited for");
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, ct) =>
            {
                var records = TimelineRecord.ReadAll(pipeline.Root, run.Diagnostics);
                var isThisMachine = Path.GetFullPath(run.Request.Root) == "/";
                var (machine, units) = isThisMachine ? await SystemdAsync(run, ct) : (null, []);
                var report = BootReport.Of(machine, units, records);
                if (report.Spans.IsEmpty)
                {
                    run.Diagnostics.Report(
                        DiagnosticCatalogue.BootNothingRecorded,
                        isThisMachine
                            ? "No stage of eksnode ran in this boot, and systemd cannot be asked."
                            : $"Below {run.Request.Root} no stage of eksnode has recorded its times.",
                        isThisMachine
                            ? "Run it as root on a node, after `eksnode-configure.service` or a join."
                            : "Give `--root` the root folder of a node that runs, with its /run, after `eksnode-configure.service` or a join.");
                    return new CommandResult(ExitCode.Failed);
                }

                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => BootReportText.Write(writer, report, run.Style),
                    WriteJson = json => BootReportText.Write(json, report),
                };
            },
            cancellation));
        return command;
    }

    // Without systemd there is still what the stages recorded.
    private static async Task<(MachineTimes? Machine, ImmutableArray<UnitStatus> Units)> SystemdAsync(CommandRun run, CancellationToken cancellation)
    {
        try
        {
            await using var systemd = await SystemdManager.ConnectAsync(new ConnectOptions(), cancellation);
            var machine = await BootTimes.ReadAsync(systemd, cancellation);
            var units = new List<UnitStatus>();
            foreach (var unit in BootReport.Units)
            {
                if (await systemd.StatusAsync(unit, cancellation) is { IsLoaded: true } status)
                {
                    units.Add(status);
                }
            }

            return (machine, units.ToImmutable());
        }
        catch (DiagnosticException failure)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.BootReportWithoutSystemd,
                $"The report lacks the machine and its units: {failure.Diagnostic.Message}",
                "Run it as root on a machine that systemd booted.");
            return (null, []);
        }
    }
}
