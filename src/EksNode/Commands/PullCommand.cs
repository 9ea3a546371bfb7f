using System.CommandLine;
using System.Globalization;
using EksNode.Aws.Identity;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Containers;
using EksNode.Host.Logging;
using EksNode.Host.Services;

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
        images.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (ImageName.Parse(token.Value).Problem is { } problem)
                {
                    result.AddError($"{problem.Message} {problem.Help}");
                }
            }
        });
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
        var command = new Command(
            "pull",
            "Pulls container images through containerd, with the node's own credentials for ECR") { images, timeout, socket };
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            (run, _, ct) => RunAsync(run, io, parsed.GetValue(images)!, parsed.GetValue(timeout) ?? TimeSpan.FromMinutes(15), parsed.GetValue(socket)!, ct),
            cancellation));
        return command;
    }

    private static async Task<CommandResult> RunAsync(
        CommandRun run, CommandIo io, string[] images, TimeSpan timeout, string socket, CancellationToken cancellation)
    {
        using CriClient cri = new(socket, io.Clock);
        ImagePuller puller = new(cri, (image, cancel) => RegistryPasswords.OfAsync(image, run, IdentityRun.EnvironmentOf(run.Request.Root, io), io.Clock, cancel), run.Log, io.Clock);
        Deadline deadline = new(timeout, io.Clock);
        List<PullOutcome> outcomes = [];
        for (var i = 0; i < images.Length; i++)
        {
            if (io.ErrorIsTerminal)
            {
                io.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{i + 1}/{images.Length}] {images[i]}"));
            }

            var outcome = await puller.PullAsync(images[i], deadline, cancellation);
            outcomes.Add(outcome);
            run.Log.Write(LogLevel.Info, "image " + outcome.State, ("image", outcome.Image), ("seconds", Seconds(outcome)));
            if (outcome.Problem is { } problem)
            {
                run.Diagnostics.Report(
                    DiagnosticCatalogue.ImageNotPulled,
                    $"The image {outcome.Image} cannot be pulled: {problem}.",
                    EcrRegistry.Find(outcome.Image) is null
                        ? "Look whether the name is right and the registry can be reached from here, and without credentials, or through a mirror in `spec.registries`."
                        : "Look whether the node's role may pull from ECR, and the VPC endpoints of ECR and S3, or a proxy, can be reached.");
            }
        }

        return new CommandResult(ExitCode.Done)
        {
            WriteText = writer =>
            {
                foreach (var outcome in outcomes)
                {
                    writer.WriteLine($"{outcome.State,-8} {Size(outcome),10} {Seconds(outcome),8} s  {outcome.Image}");
                }
            },
            WriteJson = json =>
            {
                json.WriteStartArray("images");
                foreach (var outcome in outcomes)
                {
                    json.WriteStartObject();
                    json.WriteString("image", outcome.Image);
                    json.WriteString("state", outcome.State);
                    if (outcome.Bytes is { } bytes)
                    {
                        json.WriteNumber("bytes", bytes);
                    }

                    json.WriteNumber("seconds", Math.Round(outcome.Duration.TotalSeconds, 3));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            },
        };
    }

    private static string Seconds(PullOutcome outcome) => outcome.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Size(PullOutcome outcome) =>
        outcome.Bytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB") : "-";
}
