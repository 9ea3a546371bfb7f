using System.CommandLine;
using System.CommandLine.Help;
using EksNode.Commands;
using EksNode.Host.Logging;

namespace EksNode.DropIns.Nodeadm;

/// <summary>
/// <c>nodeadm</c>: the arguments of the program of that name on EKS-optimized AL2023 images, for their unit files and for scripts. What it
/// does is <c>eksnode join</c>; docs/nodeadm.md says what differs.
/// </summary>
/// <remarks>Every failure ends with exit code 1; a call without a command prints the help and ends with 2.</remarks>
internal static class NodeadmCommand
{
    /// <summary>The name of the program.</summary>
    public const string Name = "nodeadm";

    private const string UserData = "imds://user-data";

    /// <summary>Its call: a tree of its own, but for the version, which is eksnode's.</summary>
    public static DropInCall Translate(IReadOnlyList<string> arguments) => VersionOr(Build, arguments);

    /// <summary><c>--version</c> before any command is eksnode's own; everything else is for a tree.</summary>
    internal static DropInCall VersionOr(Func<CommandIo, Command> tree, IReadOnlyList<string> arguments) =>
        arguments.TakeWhile(a => a.StartsWith('-')).Contains("--version") ? DropInCall.To("--version") : DropInCall.Of(tree, arguments);

    /// <summary><c>--version</c>, for the help: <see cref="VersionOr"/> has taken it before the tree is asked.</summary>
    internal static Option<bool> Version() => new("--version") { Description = "Show the version of eksnode" };

    /// <summary>The tree.</summary>
    public static Command Build(CommandIo io)
    {
        var debug = new Option<bool>("--development", "-d") { Description = "Log what helps to find a fault", Recursive = true };
        var command = new Command(Name, "Configures this host as a node of its cluster, with the arguments of nodeadm")
        {
            Init(io, debug),
            WithHelp(io, new Command("config", "Checks or prints the configuration") { Check(io, debug), Dump(io, debug) }),
        };
        command.Options.Add(debug);
        command.Options.Add(Version());
        command.Options.Add(new HelpOption());
        return WithHelp(io, command);
    }

    /// <summary>A command that does nothing by itself: its help, and exit code 2.</summary>
    internal static Command WithHelp(CommandIo io, Command command)
    {
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output = io.Error;
            new HelpAction().Invoke(parsed);
            return ExitCode.Wrong;
        });
        return command;
    }

    /// <summary>The options that every command of nodeadm has.</summary>
    internal static CommonOptions Options(Option<bool> debug, Command command)
    {
        // For tests alone: nodeadm knows no other root.
        var options = new CommonOptions { Debug = debug, DefaultLevel = LogLevel.Info };
        options.Root.Hidden = true;
        command.Options.Add(options.Root);
        return options;
    }

    /// <summary>Runs a command; whatever fails ends with exit code 1.</summary>
    internal static async Task<int> RunAsync(
        ParseResult parsed,
        CommonOptions options,
        CommandIo io,
        Func<CommandRun, NodePipeline, CancellationToken, Task<CommandResult>> action,
        CancellationToken cancellation,
        Action<CommandRun, int>? atEnd = null) =>
        await CommandRun.RunAsync(parsed, options, io, action, cancellation, atEnd) == ExitCode.Done ? ExitCode.Done : ExitCode.Failed;

    private static Command Init(CommandIo io, Option<bool> debug)
    {
        var cache = CacheOption();
        var skip = new Option<string[]>("--skip", "-s") { Description = "A phase to leave out: config or run; may be given several times", HelpName = "PHASE", DefaultValueFactory = _ => [] };
        var daemon = new Option<string[]>("--daemon", "-d") { Description = "Refused: eksnode brings up all that the node needs", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var command = new Command("init", "Configures this host and starts it as a node");
        var options = Options(debug, command);
        AddSources(options, command);
        command.Options.Add(cache);
        command.Options.Add(skip);
        command.Options.Add(daemon);
        command.SetAction((parsed, cancellation) =>
        {
            NodeadmInit? init = null;
            return RunAsync(parsed, options, io, InitAsync, cancellation, (_, exitCode) => init?.End(exitCode));

            Task<CommandResult> InitAsync(CommandRun run, NodePipeline pipeline, CancellationToken ct)
            {
                init = new NodeadmInit(run, pipeline, io, parsed.GetValue(cache), parsed.GetValue(skip)!, parsed.GetValue(daemon)!);
                return init.RunAsync(ct);
            }
        });
        return command;
    }

    private static Command Check(CommandIo io, Option<bool> debug)
    {
        var command = new Command("check", "Checks the configuration");
        var options = Options(debug, command);
        AddSources(options, command);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed, options, io, async (run, pipeline, ct) => await NodeadmConfig.CheckAsync(run, pipeline, ct), cancellation));
        return command;
    }

    private static Command Dump(CommandIo io, Option<bool> debug)
    {
        var cache = CacheOption();
        var output = new Option<string?>("--config-output", "-o") { Description = "A file instead of standard output", HelpName = "PATH" };
        var command = new Command("dump", "Prints the configuration of all sources together, as JSON");
        var options = Options(debug, command);
        AddSources(options, command);
        command.Options.Add(cache);
        command.Options.Add(output);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed, options, io, (run, pipeline, ct) => NodeadmConfig.DumpAsync(run, pipeline, parsed.GetValue(cache), parsed.GetValue(output), ct), cancellation));
        return command;
    }

    private static void AddSources(CommonOptions options, Command command)
    {
        options.Sources.DefaultValueFactory = _ => [UserData];
        options.Sources.Description = $"Where the configuration is: {UserData}, file://PATH of a file or a folder; may be given several times, later ones win";
        command.Options.Add(options.Sources);
    }

    private static Option<string?> CacheOption() => new("--config-cache")
    {
        Description = "The file in which the configuration of the last run is kept",
        HelpName = "PATH",
    };
}
