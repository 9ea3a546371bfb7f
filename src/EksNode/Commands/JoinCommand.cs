using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Systemd;
using EksNode.Joining;

namespace EksNode.Commands;

/// <summary><c>eksnode join</c>: configure this host as a node of its cluster.</summary>
public static class JoinCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var policy = CommonOptions.Choice<ApplyPolicy>("--policy", "Whether files changed by hand are kept");
        var stage = new Option<JoinStages>("--stage")
        {
            Description = "The stages to run: configure, start or both with a comma [default: configure,start]",
            HelpName = "STAGES",
            CustomParser = Stages,
        };
        var noStart = new Option<bool>("--no-start") { Description = "Write what the node needs, but start no service" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change and end with 0: the same as plan" };
        var command = new Command("join", "Configures this host as a node of its cluster (this version needs --no-start)") { stage, noStart, dryRun, policy };
        options.AddTo(command);
        command.Options.Add(new HelpOption { Action = new HelpWithDeadlines() });
        command.SetAction((parsed, cancellation) =>
        {
            var stages = parsed.GetValue(stage) is not 0 and var given ? given : JoinStages.Configure | JoinStages.Start;
            var boot = new BootStage(io, parsed.GetValue(noStart) ? JoinStages.Configure : stages);
            return CommandRun.RunAsync(parsed, options, io, JoinAsync, cancellation, parsed.GetValue(dryRun) ? null : boot.End);

            async Task<CommandResult> JoinAsync(CommandRun run, NodePipeline pipeline, CancellationToken ct)
            {
                var starts = stages.HasFlag(JoinStages.Start) && !parsed.GetValue(noStart);
                if (parsed.GetValue(dryRun))
                {
                    return await PlanCommand.ShowAsync(run, pipeline, parsed.GetValue(policy), ExitCode.Done, ct);
                }

                if (starts)
                {
                    run.Diagnostics.Report(
                        DiagnosticCatalogue.StartNotAvailable,
                        "This version of eksnode configures a node but does not start its services.",
                        "Add `--no-start` (or `--stage configure`), and start containerd and the kubelet yourself.");
                    return new CommandResult(ExitCode.Wrong);
                }

                Func<CancellationToken, Task<IServiceManager>> connect = async c => await SystemdManager.ConnectAsync(new ConnectOptions { PreferPrivate = true }, c);
                var join = new JoinRun(run, pipeline, io, new JoinRequest(JoinStages.Configure, parsed.GetValue(policy)), connect);
                return await boot.RunAsync(run, pipeline, connect, join, ct);
            }
        });
        return command;
    }

    // The usual help, then what join waits for and how long.
    private sealed class HelpWithDeadlines : SynchronousCommandLineAction
    {
        private const string Deadlines =
            "Deadlines:\n  IMDS 60 s; EC2 and EKS 10 min (AWS_MAX_ATTEMPTS is honoured); another join of the same root 5 min\n";

        public override int Invoke(ParseResult parseResult)
        {
            var exit = new HelpAction().Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Deadlines);
            return exit;
        }
    }

    private static JoinStages Stages(System.CommandLine.Parsing.ArgumentResult result)
    {
        JoinStages stages = 0;
        foreach (var word in result.Tokens.SelectMany(t => t.Value.Split(',')))
        {
            switch (word)
            {
                case "configure":
                    stages |= JoinStages.Configure;
                    break;
                case "start":
                    stages |= JoinStages.Start;
                    break;
                default:
                    result.AddError($"`{word}` is no stage of join; there are configure and start.");
                    break;
            }
        }

        return stages;
    }
}
