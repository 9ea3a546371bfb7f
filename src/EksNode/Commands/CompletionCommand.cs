using System.CommandLine;
using EksNode.Help;

namespace EksNode.Commands;

/// <summary><c>eksnode completion</c>: the completion script for a shell.</summary>
internal static class CompletionCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var shell = new Argument<string>("SHELL") { Description = $"The shell: {string.Join(", ", CompletionScript.Shells)}" };
        shell.AcceptOnlyFromAmong(CompletionScript.Shells);
        var command = new Command("completion", "Prints the script by which a shell completes commands, options and files") { shell };
        command.SetAction(parsed =>
        {
            io.Out.Write(CompletionScript.Of(parsed.GetValue(shell)!, parsed.RootCommandResult.Command));
            return ExitCode.Done;
        });
        return command;
    }
}
