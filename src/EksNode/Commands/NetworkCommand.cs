using System.CommandLine;
using System.Globalization;
using EksNode.Aws;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Network;
using EksNode.Network;
using EksNode.Planning.Network;

namespace EksNode.Commands;

/// <summary>
/// <c>eksnode network</c>: interfaces as they come and go (run by udev and systemd for each one), and the wait of the boot for the links.
/// </summary>
public static class NetworkCommand
{
    /// <summary>How long the links may take.</summary>
    internal static readonly TimeSpan LinkDeadline = TimeSpan.FromMinutes(1);

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io) =>
        new("network", "Gives systemd-networkd the interfaces of this host, leaves those of pods alone, and waits for the links")
        {
            new Command("interface", "An interface has come or is gone")
            {
                Interface(io, "add", "Decides who configures an interface that has come, and writes its network file", AddAsync),
                Interface(io, "remove", "Removes the network file of an interface that is gone", (setup, name, _) => Task.FromResult(setup.RemoveIfGone(name))),
            },
            Wait(io),
        };

    /// <summary>Runs the hook for an interface, and has systemd-networkd read its files again where it runs.</summary>
    internal static async Task<CommandResult> ChangeAsync(
        CommandRun run,
        NodePipeline pipeline,
        CommandIo io,
        string text,
        Func<InterfaceSetup, string, CancellationToken, Task<InterfaceResult>> change,
        CancellationToken cancellation)
    {
        if (!InterfaceName.Parse(text).TryGet(out var name, out var problem))
        {
            run.Diagnostics.Report(DiagnosticCatalogue.WrongCommandLine, problem.Message, problem.Help);
            return new CommandResult(ExitCode.Wrong);
        }

        var result = await change(new InterfaceSetup(pipeline.Root, Options(run, pipeline, io)), name, cancellation);
        // Also when nothing changed: a run before this one may have ended between writing and telling.
        var concernsNetworkd = result.Manager == InterfaceManager.Networkd || !result.Changed.IsEmpty;
        var reload = concernsNetworkd && Path.GetFullPath(run.Request.Root) == "/"
            ? await new NetworkdReload(pipeline.Root, io.Clock, run.Log).RunAsync(cancellation)
            : ReloadOutcome.NotRunning;
        return new CommandResult(ExitCode.Done)
        {
            WriteText = writer =>
            {
                var manager = result.Manager is { } by ? $" is configured by {InterfaceManagers.Write(by)}" : "";
                writer.WriteLine($"{result.Name}{manager}: {(result.Changed.IsEmpty ? "no file changed" : "changed " + string.Join(", ", result.Changed))}");
            },
            WriteJson = json =>
            {
                json.WriteString("interface", result.Name);
                if (result.Manager is { } by)
                {
                    json.WriteString("manager", InterfaceManagers.Write(by));
                }

                json.WriteStartArray("changed");
                foreach (var path in result.Changed)
                {
                    json.WriteStringValue(path);
                }

                json.WriteEndArray();
                json.WriteBoolean("reloaded", reload == ReloadOutcome.Reloaded);
            },
        };
    }

    /// <summary>Waits for the links.</summary>
    internal static async Task<CommandResult> WaitAsync(CommandRun run, NodePipeline pipeline, CommandIo io, TimeSpan timeout, CancellationToken cancellation)
    {
        var (required, elapsed) = await new InterfaceSetup(pipeline.Root, Options(run, pipeline, io)).WaitAsync(timeout, io.Clock, cancellation);
        return new CommandResult(ExitCode.Done)
        {
            WriteText = writer => writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{string.Join(", ", required)} configured after {elapsed.TotalMilliseconds:0} ms")),
            WriteJson = json =>
            {
                json.WriteStartArray("required");
                foreach (var name in required)
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
                json.WriteNumber("milliseconds", Math.Round(elapsed.TotalMilliseconds));
            },
        };
    }

    private static Task<InterfaceResult> AddAsync(InterfaceSetup setup, string name, CancellationToken cancellation) => setup.AddAsync(name, cancellation);

    private static Command Interface(
        CommandIo io, string verb, string description, Func<InterfaceSetup, string, CancellationToken, Task<InterfaceResult>> change)
    {
        var options = new CommonOptions();
        var name = new Argument<string>("NAME") { Description = "The interface, as the kernel names it" };
        var command = new Command(verb, description) { name };
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed, options, io, (run, pipeline, ct) => ChangeAsync(run, pipeline, io, parsed.GetValue(name)!, change, ct), cancellation));
        return command;
    }

    private static Command Wait(CommandIo io)
    {
        var options = new CommonOptions();
        var command = new Command("wait", "Waits until systemd-networkd has configured what is the host's, and left alone what is not; at most a minute");
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed, options, io, (run, pipeline, ct) => WaitAsync(run, pipeline, io, LinkDeadline, ct), cancellation));
        return command;
    }

    private static AwsOptions Options(CommandRun run, NodePipeline pipeline, CommandIo io) => new()
    {
        Environment = io.Environment,
        Clock = io.Clock,
        Log = run.Log,
        Timeline = run.Timeline,
        KnowsInstanceType = _ => false,
        ReadHostFile = file => pipeline.Root.ReadFile(file) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null,
    };
}
