using System.CommandLine;
using EksNode.Configuration.Values;
using EksNode.Host.Engine;
using EksNode.Host.Services;
using EksNode.Joining;

namespace EksNode.Commands;

/// <summary><c>eksnode join</c>: configure this host as a node of its cluster.</summary>
public static class JoinCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "join";

    /// <summary>What join waits for and how long, for its help.</summary>
    public static string Deadlines { get; } =
        "Deadlines:\n  IMDS 60 s; EC2 and EKS 10 min (AWS_MAX_ATTEMPTS is honoured)\n"
        + "  another join of the same root 5 min; cloud-init's network stage 10 min\n"
        + "  cloud-init's last stage, which runs the user's own scripts, 2 h with a line\n"
        + "  a minute\n"
        + $"  containerd {Deadline.TextOf(ServiceDeadlines.Containerd)}; kubelet {Deadline.TextOf(ServiceDeadlines.Kubelet)}; Node Ready {Deadline.TextOf(ServiceDeadlines.Ready)} (with --wait ready)\n";

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
        CommonOptions.Propose(stage, "configure", "start");
        var noStart = new Option<bool>("--no-start") { Description = "Write what the node needs, but start no service" };
        var wait = CommonOptions.Choice<WaitFor>("--wait", "How far a start waits: until the kubelet is healthy, not at all, or until the Node is Ready; one of");
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long services may take in all, such as 90s or 15m, in place of the deadlines below",
            HelpName = "DURATION",
            CustomParser = Duration,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change and end with 0: the same as plan" };
        var command = new Command(Name, "Configures this host and starts it as a node of its cluster") { stage, noStart, wait, timeout, dryRun, policy };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var stages = parsed.GetValue(stage) is not 0 and var given ? given : JoinStages.Configure | JoinStages.Start;
            if (parsed.GetValue(noStart))
            {
                stages &= ~JoinStages.Start;
            }

            var boot = new BootStage(io, stages);
            return CommandRun.RunAsync(parsed, options, io, JoinAsync, cancellation, parsed.GetValue(dryRun) ? null : boot.End);

            async Task<CommandResult> JoinAsync(CommandRun run, NodePipeline pipeline, CancellationToken ct)
            {
                if (parsed.GetValue(dryRun))
                {
                    return await PlanCommand.ShowAsync(run, pipeline, parsed.GetValue(policy), ExitCode.Done, ct);
                }

                // Whoever calls join by hand on such a machine knows why.
                if (BootUnit.Of(io) is not null && BuilderGuard.IsBuilder(pipeline.Root))
                {
                    return boot.Skip("this machine builds an image, and joins no cluster");
                }

                if (!StartGuard.Allows(stages, run, pipeline))
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                var request = new JoinRequest(stages, parsed.GetValue(policy))
                {
                    Wait = parsed.GetResult(wait) is null ? null : parsed.GetValue(wait),
                    Deadlines = new ServiceDeadlines { Whole = parsed.GetValue(timeout) },
                };
                return await boot.RunAsync(run, pipeline, new JoinRun(run, pipeline, io, request, c => StartGuard.ConnectAsync(io, run, !stages.HasFlag(JoinStages.Start), c)), ct);
            }
        });
        return command;
    }

    /// <summary>Reads the length of a wait.</summary>
    /// <param name="result">The option.</param>
    internal static TimeSpan? Duration(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (GoDuration.ParseWait(text, "Give one such as 90s or 15m.").TryGet(out var duration, out var problem))
        {
            return TimeSpan.FromTicks(duration.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }

        result.AddError($"{problem.Message} {problem.Help}");
        return null;
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
