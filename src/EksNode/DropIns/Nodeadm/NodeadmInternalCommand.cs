using System.CommandLine;
using System.CommandLine.Help;
using EksNode.Commands;
using EksNode.Configuration.Text;

namespace EksNode.DropIns.Nodeadm;

/// <summary><c>nodeadm-internal</c>: what the boot units of EKS-optimized AL2023 images call for the network. It does what <c>eksnode network</c> does.</summary>
internal static class NodeadmInternalCommand
{
    /// <summary>The name of the program.</summary>
    public const string Name = "nodeadm-internal";

    /// <summary>Its call: a tree of its own, but for the version, which is eksnode's.</summary>
    public static DropInCall Translate(IReadOnlyList<string> arguments) => NodeadmCommand.VersionOr(Build, arguments);

    /// <summary>The tree.</summary>
    public static Command Build(CommandIo io)
    {
        var debug = new Option<bool>("--development", "-d") { Description = "Log what helps to find a fault", Recursive = true };
        var command = new Command(Name, "The network of a node's boot, with the arguments of nodeadm-internal") { Hook(io, debug), Manager(io, debug) };
        command.Options.Add(debug);
        command.Options.Add(NodeadmCommand.Version());
        command.Options.Add(new HelpOption());
        return NodeadmCommand.WithHelp(io, command);
    }

    private static Command Hook(CommandIo io, Option<bool> debug)
    {
        var command = new Command("boot-hook", "Waits until the network is configured");
        var options = NodeadmCommand.Options(debug, command);
        command.SetAction((parsed, cancellation) => NodeadmCommand.RunAsync(
            parsed, options, io, (run, pipeline, ct) => NetworkCommand.WaitAsync(run, pipeline, io, NetworkCommand.LinkDeadline, ct), cancellation));
        return command;
    }

    private static Command Manager(CommandIo io, Option<bool> debug)
    {
        var name = new Option<string>("--interface", "-i") { Description = "The network interface", HelpName = "NAME", Required = true };
        var action = new Option<string>("--action", "-a") { Description = "What has happened to it: add or remove", HelpName = "ACTION", Required = true };
        var command = new Command("udev-net-manager", "A network interface has come or is gone") { name, action };
        var options = NodeadmCommand.Options(debug, command);
        command.SetAction((parsed, cancellation) => NodeadmCommand.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, ct) =>
            {
                switch (parsed.GetValue(action))
                {
                    case "add":
                        return await NetworkCommand.ChangeAsync(run, pipeline, io, parsed.GetValue(name)!, (setup, n, cancel) => setup.AddAsync(n, cancel), ct);
                    case "remove":
                        return await NetworkCommand.ChangeAsync(run, pipeline, io, parsed.GetValue(name)!, (setup, n, _) => Task.FromResult(setup.Remove(n)), ct);
                    case var other:
                        run.Diagnostics.Report(DiagnosticCatalogue.WrongCommandLine, $"`--action {other}` is no action.", "Write `--action add` or `--action remove`.");
                        return new CommandResult(ExitCode.Wrong);
                }
            },
            cancellation));
        return command;
    }
}
