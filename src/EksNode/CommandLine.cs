using System.CommandLine;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.DropIns;
using EksNode.Help;
using EksNode.Rendering;

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
            io.Error.WriteLine(DiagnosticText.Render(problem, new Style(io.Colour(io.ErrorIsTerminal)), new Redactor()));
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

    // The exit code for arguments that the tree does not take is the caller's: other programs have one for every failure.
    private static async Task<int> RunTreeAsync(Command root, string[] arguments, CommandIo io, int whenRefused, CancellationToken cancellation)
    {
        // An argument `@FILE` is no list of arguments: the file would be shown in the messages about them.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            Refuse(parsed, io);
            return whenRefused;
        }

        return await parsed.InvokeAsync(Invocation(io.Out, io.Error), cancellation);
    }

    /// <summary>The diagnostic for output that cannot be written.</summary>
    /// <param name="failure">What the stream said.</param>
    internal static string OutputFailure(Exception failure) => DiagnosticText.Render(OutputUnwritable(failure), new Style(false), new Redactor());

    /// <summary>The same as a diagnostic.</summary>
    /// <param name="failure">What the stream said.</param>
    internal static Diagnostic OutputUnwritable(Exception failure) => new(
        DiagnosticCatalogue.OutputUnwritable.Code,
        DiagnosticCatalogue.OutputUnwritable.Severity,
        $"The output cannot be written: {(failure.InnerException ?? failure).Message.TrimEnd('.')}.",
        "Give standard output a file, pipe or terminal with room; what the command did before stays done.");

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
            CompletionCommand.Build(io),
            TokenCommand.Build(io),
            CredentialProviderCommand.Build(io),
            ConfigCommand.Build(io),
            NetworkCommand.Build(io),
        };
        CommandHelp.AddTo(root);
        return root;
    }

    // One diagnostic for each mistake, with the nearest command or option; the parser's own text is kept for the rest.
    private static void Refuse(ParseResult parsed, CommandIo io)
    {
        var style = new Style(io.Colour(io.ErrorIsTerminal));
        var command = parsed.CommandResult.Command;
        var words = command.Subcommands.Select(c => c.Name)
            .Concat(command.Options.Where(o => !o.Hidden).Select(o => o.Name))
            .ToList();
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in parsed.UnmatchedTokens)
        {
            named.Add(word);
            Print(
                word.StartsWith('-') || command.Subcommands.Count > 0
                    ? $"`{word}` is no {(word.StartsWith('-') ? "option" : "command")} of `{Name(command)}`."
                    : $"`{Name(command)}` takes no argument `{word}`.",
                Help(word));
        }

        foreach (var error in parsed.Errors.Where(e => !named.Any(n => e.Message.Contains($"'{n}'", StringComparison.Ordinal))))
        {
            if (named.Count == 0)
            {
                Print(error.Message, $"`{Name(command)} --help` shows how it is called.");
            }
        }

        // One level down is another command; a folder is the root of a node.
        string Help(string word)
        {
            if (command.Subcommands.SelectMany(c => c.Subcommands).FirstOrDefault(c => c.Name == word) is { } deeper)
            {
                return $"Did you mean `{Name(deeper)}`?";
            }

            return word.Contains('/', StringComparison.Ordinal) && command.Subcommands.Count == 0 && words.Contains("--root")
                ? $"The root folder of a node is given with `--root {word}`."
                : Suggestions.DidYouMean(word, words, $"`{Name(command)} --help` lists what there is.");
        }

        void Print(string message, string help) => io.Error.WriteLine(DiagnosticText.Render(
            new Diagnostic(DiagnosticCatalogue.WrongCommandLine.Code, Severity.Error, message, help), style, new Redactor()));
    }

    // The root of eksnode's own tree has the name of the file that runs.
    private static string Name(Command command) => command switch
    {
        RootCommand => "eksnode",
        _ when command.Parents.OfType<Command>().FirstOrDefault() is { } parent => $"{Name(parent)} {command.Name}",
        _ => command.Name,
    };
}
