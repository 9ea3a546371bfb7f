using System.CommandLine;
using EksNode.Planning.Facts;

namespace EksNode.Commands;

/// <summary><c>eksnode facts</c>: what this host, instance and cluster look like, in the format of <c>--facts</c>.</summary>
public static class FactsCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions(table: "the facts file itself");
        var command = new Command("facts", "Prints what this host, its instance and its cluster look like, as a file for --facts");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, ct) =>
            {
                if (await pipeline.ReadAsync(new ReadOptions(NeedsConfiguration: false), ct) is not { } view)
                {
                    return new CommandResult(ExitCode.Failed);
                }

                // The facts file is the result in either form; it is JSON by itself.
                var text = FactsFile.Write(view.Facts);
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => writer.Write(text),
                    WriteJson = json =>
                    {
                        using var document = System.Text.Json.JsonDocument.Parse(text);
                        foreach (var member in document.RootElement.EnumerateObject())
                        {
                            member.WriteTo(json);
                        }
                    },
                };
            },
            cancellation));
        return command;
    }
}
