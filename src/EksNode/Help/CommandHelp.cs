using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;
using EksNode.Commands;

namespace EksNode.Help;

/// <summary>
/// The help of every command: the parser's own, then what is to be said of the command, and examples. The texts of all commands are in
/// <c>examples.txt</c>.
/// </summary>
internal static class CommandHelp
{
    private const string Prompt = "  $ ";
    private const int UsualWidth = 80;
    private const int LeastWidth = 60;
    private const int MostWidth = 110;

    /// <summary>Gives the help of a command tree its examples.</summary>
    /// <param name="root">The root of the tree.</param>
    /// <param name="width">How many characters a line of the terminal has; null: there is none.</param>
    public static void AddTo(RootCommand root, int? width)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption help)
            {
                help.Action = new HelpWithExamples(Math.Clamp(width ?? UsualWidth, LeastWidth, MostWidth));
            }
        }
    }

    /// <summary>The words by which a command is called after <c>eksnode</c>: <c>config validate</c>; empty for the root.</summary>
    /// <param name="command">The command.</param>
    public static string PathOf(Command command)
    {
        foreach (var parent in command.Parents)
        {
            if (parent is Command above)
            {
                var path = PathOf(above);
                return path.Length == 0 ? command.Name : $"{path} {command.Name}";
            }
        }

        return "";
    }

    /// <summary>What is to be said of a command beside its options: notes and examples, each by line; empty when there is nothing.</summary>
    /// <param name="path">The words by which it is called.</param>
    public static (IReadOnlyList<string> Notes, IReadOnlyList<string> Examples) Of(string path)
    {
        using var stream = typeof(CommandHelp).Assembly.GetManifestResourceStream("examples.txt")
            ?? throw new InvalidOperationException("The examples are not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var notes = new List<string>();
        var examples = new List<string>();
        var isHere = false;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                isHere = line == $"[{path}]";
            }
            else if (isHere && line.StartsWith(Prompt, StringComparison.Ordinal))
            {
                examples.Add(line[Prompt.Length..]);
            }
            else if (isHere && line.Length > 0)
            {
                notes.Add(line);
            }
        }

        return (notes, examples);
    }

    private sealed class HelpWithExamples(int width) : SynchronousCommandLineAction
    {
        // Who asks for help need not know yet what else is required.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exit = new HelpAction { MaxWidth = width }.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            var path = PathOf(parseResult.CommandResult.Command);
            var (notes, examples) = Of(path);
            foreach (var note in notes)
            {
                output.WriteLine("  " + note);
            }

            if (path == JoinCommand.Name)
            {
                output.WriteLine(JoinCommand.Deadlines);
            }
            else if (notes.Count > 0)
            {
                output.WriteLine();
            }

            if (examples.Count > 0)
            {
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            return exit;
        }
    }
}
