using System.CommandLine;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.DropIns;
using EksNode.Help;
using EksNode.Host.Files;

namespace EksNode;

/// <summary>The command tree, and how a run of it ends.</summary>
public static class CommandLine
{
    /// <summary>Parses the arguments and runs the command.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="io">The process.</param>
    /// <param name="cancellation">Ends the command.</param>
    /// <param name="program">The name that it was called by: see <see cref="ProgramNames"/>.</param>
    /// <returns>The exit code: see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, CommandIo io, CancellationToken cancellation, string program = "eksnode")
    {
        var call = ProgramNames.Resolve(program, arguments);
        if (call.Problem is { } problem)
        {
            Mistakes.Print(problem, arguments, io);
            return ExitCode.Wrong;
        }

        if (call.Usage is { } usage)
        {
            io.Out.WriteLine(usage);
            return ExitCode.Done;
        }

        arguments = [.. call.Arguments];
        if (call.Tree is { } tree)
        {
            return await RunTreeAsync(tree(io), arguments, io, ExitCode.Failed, cancellation);
        }

        // What the kubelet runs does without the command tree.
        if (TokenCommand.Recognize(arguments) is { } token)
        {
            return await TokenCommand.RunAsync(token, io, cancellation);
        }

        if (arguments is [CredentialProviderCommand.Name])
        {
            return await CredentialProviderCommand.RunAsync(new IdentitySettings(), io, cancellation);
        }

        if (arguments is ["--version"])
        {
            io.Out.WriteLine(ProductVersion.Text);
            return ExitCode.Done;
        }

        var root = Build(io);
        if (arguments is [])
        {
            await root.Parse(["--help"]).InvokeAsync(Invocation(io.Error, io.Error), cancellation);
            return ExitCode.Wrong;
        }

        return await RunTreeAsync(root, arguments, io, ExitCode.Wrong, cancellation);
    }

    /// <summary>Runs the command, and says so when its output cannot be written; one that nobody reads any more ends in silence.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="io">The process.</param>
    /// <param name="cancellation">Ends the command.</param>
    /// <param name="program">The name that it was called by.</param>
    /// <returns>The exit code: see <see cref="ExitCode"/>.</returns>
    internal static async Task<int> RunAndTellAsync(string[] arguments, CommandIo io, CancellationToken cancellation, string program = "eksnode")
    {
        try
        {
            return await RunAsync(arguments, io, cancellation, program);
        }
        catch (Exception failure) when (DescriptorStream.IsClosedPipe(failure))
        {
            return ExitCode.NobodyReads;
        }
        catch (Exception failure) when (StandardStreams.IsFailure(failure))
        {
            Mistakes.Print(OutputUnwritable(failure), arguments, io);
            return ExitCode.Failed;
        }
    }

    // The exit code for arguments that the tree does not take is the caller's: other programs have one for every failure.
    private static async Task<int> RunTreeAsync(Command root, string[] arguments, CommandIo io, int whenRefused, CancellationToken cancellation)
    {
        // An argument `@FILE` is no list of arguments: the file would be shown in the messages about them.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var mistake in Mistakes.Of(parsed))
            {
                Mistakes.Print(mistake, arguments, io);
            }

            return whenRefused;
        }

        return await parsed.InvokeAsync(Invocation(io.Out, io.Error), cancellation);
    }

    /// <summary>The diagnostic for output that cannot be written.</summary>
    /// <param name="failure">What the stream said.</param>
    internal static Diagnostic OutputUnwritable(Exception failure) => new(
        DiagnosticCatalogue.OutputUnwritable.Code,
        DiagnosticCatalogue.OutputUnwritable.Severity,
        $"The output cannot be written: {(failure.InnerException ?? failure).Message.TrimEnd('.')}.",
        "Give standard output a file, pipe or terminal with room; what the command did before stays done.");

    /// <summary>The diagnostic for a file that was asked for instead of standard output and cannot be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failure">What the system said.</param>
    internal static Diagnostic FileUnwritable(string path, Exception failure)
    {
        var why = failure switch
        {
            _ when Directory.Exists(path) => "it is a folder",
            DirectoryNotFoundException => "the folder that it would be in does not exist",
            UnauthorizedAccessException => "permissions do not allow it",
            _ => failure.Message.Split(" : '")[0].TrimEnd('.'),
        };
        return new(
            DiagnosticCatalogue.OutputUnwritable.Code,
            DiagnosticCatalogue.OutputUnwritable.Severity,
            $"The file `{path}` cannot be written: {why}.",
            "Name a file in a folder that exists and has room.");
    }

    // A fault ends in a diagnostic of the run, never in a stack trace of the parser.
    private static InvocationConfiguration Invocation(TextWriter output, TextWriter error) =>
        new() { Output = output, Error = error, EnableDefaultExceptionHandler = false };

    /// <summary>The whole command tree.</summary>
    /// <param name="io">The process.</param>
    internal static RootCommand Build(CommandIo io)
    {
        var root = new RootCommand("Joins an EC2 instance to its Amazon EKS cluster, and shows what that changes and why.")
        {
            JoinCommand.Build(io),
            PlanCommand.Build(io),
            VerifyCommand.Build(io),
            ResetCommand.Build(io),
            ExplainCommand.Build(io),
            FactsCommand.Build(io),
            MaxPodsCommand.Build(io),
            BootReportCommand.Build(io),
            PullCommand.Build(io),
            VersionsCommand.Build(io),
            CompletionCommand.Build(io),
            TokenCommand.Build(io),
            CredentialProviderCommand.Build(io),
            ConfigCommand.Build(io),
            NetworkCommand.Build(io),
            ImageCommand.Build(io),
        };
        CommandHelp.AddTo(root, io.OutWidth);
        return root;
    }
}
