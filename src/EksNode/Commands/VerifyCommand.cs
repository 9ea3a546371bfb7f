using System.CommandLine;
using EksNode.Rendering;
using EksNode.Verifying;

namespace EksNode.Commands;

/// <summary><c>eksnode verify</c>: what of this host is not as it was applied, or not as it is planned. It changes nothing.</summary>
public static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var command = new Command(
            "verify", "Shows what was changed on this host since join wrote it, and what is no longer as planned, without changing anything; exit 3 on drift");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, ct) =>
            {
                if (await new VerifyRun(run, pipeline, io).RunAsync(ct) is not { } report)
                {
                    return new CommandResult(ExitCode.Failed);
                }

                return new CommandResult(report.Drift > 0 ? ExitCode.Different : ExitCode.Done)
                {
                    WriteText = writer => new VerifyText(run.Style, run.Redactor).Write(writer, report),
                    WriteJson = json => VerifyJson.Write(json, report, run.Redactor),
                };
            },
            cancellation));
        return command;
    }
}
