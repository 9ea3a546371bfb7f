using System.CommandLine;
using System.CommandLine.Completions;

namespace EksNode.Help;

/// <summary>What the shells complete of a value.</summary>
internal enum ValueKind
{
    /// <summary>There is no value: a switch.</summary>
    None,

    /// <summary>Nothing can be proposed.</summary>
    Text,

    /// <summary>The name of a file or folder.</summary>
    File,

    /// <summary>One of several words.</summary>
    Word,
}

/// <summary>An option as the shells see it.</summary>
/// <param name="names">Its names, with their dashes, the first one first.</param>
/// <param name="description">What it does.</param>
/// <param name="kind">What its value is.</param>
/// <param name="words">The words that the value may be.</param>
internal sealed class OptionShape(string[] names, string description, ValueKind kind, string[] words)
{
    /// <summary>Its names, with their dashes, the first one first.</summary>
    public string[] Names => names;

    /// <summary>What it does.</summary>
    public string Description => description;

    /// <summary>What its value is.</summary>
    public ValueKind Kind => kind;

    /// <summary>The words that the value may be.</summary>
    public string[] Words => words;
}

/// <summary>A command as the shells see it: what can stand after it.</summary>
/// <param name="path">The words by which it is called after <c>eksnode</c>; empty for the root.</param>
/// <param name="commands">Its subcommands and what they do.</param>
/// <param name="options">Its options, hidden ones left out.</param>
/// <param name="arguments">What its arguments are.</param>
/// <param name="argumentWords">The words that its arguments may be.</param>
internal sealed class CommandShape(
    string path, (string Name, string Description)[] commands, OptionShape[] options, ValueKind arguments, string[] argumentWords)
{
    // Values with these names are files; a configuration source is one most of the time.
    private static readonly string[] FileNames = ["FILE", "DIR", "PATH", "SOURCE"];

    /// <summary>The words by which it is called after <c>eksnode</c>; empty for the root.</summary>
    public string Path => path;

    /// <summary>Its subcommands and what they do.</summary>
    public (string Name, string Description)[] Commands => commands;

    /// <summary>Its options, hidden ones left out.</summary>
    public OptionShape[] Options => options;

    /// <summary>What its arguments are.</summary>
    public ValueKind Arguments => arguments;

    /// <summary>The words that its arguments may be.</summary>
    public string[] ArgumentWords => argumentWords;

    /// <summary>A command and all below it, in the order of the help.</summary>
    /// <param name="command">The command.</param>
    public static List<CommandShape> All(Command command)
    {
        var shapes = new List<CommandShape>();
        Add(command, shapes);
        return shapes;
    }

    private static void Add(Command command, List<CommandShape> shapes)
    {
        var commands = new List<(string, string)>();
        var options = new List<OptionShape>();
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
            {
                commands.Add((below.Name, FirstSentence(below.Description)));
            }
        }

        foreach (var option in command.Options)
        {
            if (!option.Hidden)
            {
                options.Add(Of(option));
            }
        }

        // Every command has it, and the tree names it once.
        if (!options.Exists(o => o.Names[0] == "--help"))
        {
            options.Add(new OptionShape(["--help", "-h"], "Show help and usage information", ValueKind.None, []));
        }

        var (kind, words) = (ValueKind.None, (string[])[]);
        foreach (var argument in command.Arguments)
        {
            words = Words(argument.GetCompletions(CompletionContext.Empty));
            kind = words.Length > 0 ? ValueKind.Word : IsFile(argument.Name) ? ValueKind.File : ValueKind.Text;
        }

        shapes.Add(new CommandShape(CommandHelp.PathOf(command), [.. commands], [.. options], kind, words));
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
            {
                Add(below, shapes);
            }
        }
    }

    private static OptionShape Of(Option option)
    {
        string[] names = [option.Name, .. option.Aliases.Where(a => a is not ("/?" or "/h" or "-?")).Order(StringComparer.Ordinal)];
        var isSwitch = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;
        var words = isSwitch ? [] : Words(option.GetCompletions(CompletionContext.Empty));
        var kind = isSwitch ? ValueKind.None : words.Length > 0 ? ValueKind.Word : IsFile(option.HelpName ?? "") ? ValueKind.File : ValueKind.Text;
        return new OptionShape(names, FirstSentence(option.Description), kind, words);
    }

    private static string[] Words(IEnumerable<CompletionItem> items)
    {
        var words = new List<string>();
        foreach (var item in items)
        {
            words.Add(item.Label);
        }

        return [.. words];
    }

    private static bool IsFile(string name)
    {
        foreach (var file in FileNames)
        {
            if (name.Contains(file, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string FirstSentence(string? text)
    {
        var all = text ?? "";
        var end = all.IndexOfAny(['\n', '[', ':', ';']);
        var stop = all.IndexOf(". ", StringComparison.Ordinal);
        end = end < 0 || (stop >= 0 && stop < end) ? stop : end;
        return (end < 0 ? all : all[..end]).TrimEnd('.', ' ');
    }
}
