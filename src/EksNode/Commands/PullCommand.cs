using System.CommandLine;
using System.CommandLine.Parsing;
using EksNode.Aws.Identity;
using EksNode.Configuration.Values;
using EksNode.Host.Containers;
using EksNode.Pulling;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode pull</c>: pull container images ahead of their pods.</summary>
public static class PullCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var images = new Argument<string[]>("IMAGE")
        {
            Description = "The name of an image, as a pod has it",
            Arity = ArgumentArity.OneOrMore,
        };
        images.Validators.Add(CheckNames);
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long all images may take, such as 90s or 1h [default: 15m]",
            HelpName = "DURATION",
            CustomParser = JoinCommand.Duration,
        };
        var socket = new Option<string>("--socket")
        {
            Description = "Where the container runtime listens",
            HelpName = "PATH",
            DefaultValueFactory = _ => CriClient.ContainerdSocket,
        };
        var pin = new Option<bool>("--pin") { Description = "Keep the images from the kubelet's garbage collection" };
        var aliases = new Option<string[]>("--alias") { Description = "A further name for the image; repeatable", HelpName = "NAME" };
        aliases.Validators.Add(CheckNames);
        var regions = new Option<string[]>("--alias-region")
        {
            Description = "Also under the name that an image of ECR has in this region; repeatable",
            HelpName = "REGION",
        };
        var command = new Command(
            "pull",
            "Pulls container images through containerd, with the node's own credentials for ECR") { images, pin, aliases, regions, timeout, socket };
        command.Validators.Add(result => CheckAliases(result, images, aliases, regions));
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, _, ct) =>
            {
                var outcomes = await new PullRun(run, io, new PullRequest
                {
                    Images = parsed.GetValue(images)!,
                    Timeout = parsed.GetValue(timeout) ?? TimeSpan.FromMinutes(15),
                    Socket = parsed.GetValue(socket)!,
                    Pin = parsed.GetValue(pin),
                    Aliases = parsed.GetValue(aliases) ?? [],
                    AliasRegions = parsed.GetValue(regions) ?? [],
                }).RunAsync(ct);
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => PullText.Write(writer, outcomes),
                    WriteJson = json => PullText.Write(json, outcomes),
                };
            },
            cancellation));
        return command;
    }

    private static void CheckNames(SymbolResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (ImageName.Parse(token.Value).Problem is { } problem)
            {
                result.AddError($"{problem.Message} {problem.Help}");
            }
        }
    }

    private static void CheckAliases(System.CommandLine.Parsing.CommandResult result, Argument<string[]> images, Option<string[]> aliases, Option<string[]> regions)
    {
        // By tokens: a value that is asked for here is not checked by its own validators any more.
        var names = TokensOf(result.GetResult(images));
        if (names.Count > 1 && TokensOf(result.GetResult(aliases)) is [var alias, ..])
        {
            result.AddError($"`--alias {alias.Value}` is a name for one image, and {names.Count} are named. Run the command for each of them.");
        }

        foreach (var region in TokensOf(result.GetResult(regions)))
        {
            foreach (var name in names)
            {
                if (ImageName.Parse(name.Value).Problem is null && EcrAlias.InRegion(name.Value, region.Value).Problem is { } problem)
                {
                    result.AddError($"`--alias-region {region.Value}`: {problem.Message} {problem.Help}");
                }
            }
        }
    }

    private static IReadOnlyList<Token> TokensOf(SymbolResult? result) => result?.Tokens ?? [];
}
