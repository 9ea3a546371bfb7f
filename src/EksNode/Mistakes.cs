using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Rendering;

namespace EksNode;

/// <summary>What is wrong with a command line, in words of our own: what of it, and what to write instead.</summary>
internal static class Mistakes
{
    private static readonly string[] Endings = [".yaml", ".yml", ".json", ".mime"];
    private static readonly string[] OutputOptions = ["--output", "-o", "--log-format"];

    /// <summary>A diagnostic for each mistake.</summary>
    /// <param name="parsed">A command line that the tree does not take.</param>
    public static List<Diagnostic> Of(ParseResult parsed)
    {
        var found = new List<Diagnostic>();
        var command = parsed.CommandResult.Command;
        var previous = "";
        for (var i = 0; i < parsed.UnmatchedTokens.Count; i++)
        {
            // What follows an option that does not exist was meant for it.
            var word = parsed.UnmatchedTokens[i];
            if (word.StartsWith('-') || !previous.StartsWith('-') || previous.Contains('='))
            {
                found.Add(Unknown(word, command, i + 1 < parsed.UnmatchedTokens.Count ? parsed.UnmatchedTokens[i + 1] : ""));
            }

            previous = word;
        }

        if (found.Count > 0)
        {
            return found;
        }

        foreach (var error in parsed.Errors)
        {
            var mistake = Of(error, command);
            if (!found.Contains(mistake))
            {
                found.Add(mistake);
            }
        }

        return found;
    }

    /// <summary>Prints one on standard error: as JSON when that is the form of the output or of the log that is asked for.</summary>
    /// <param name="mistake">The mistake.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="io">The process.</param>
    public static void Print(Diagnostic mistake, IReadOnlyList<string> arguments, CommandIo io)
    {
        var asJson = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            foreach (var option in OutputOptions)
            {
                asJson |= arguments[i] == option + "=json" || (arguments[i] == option && i + 1 < arguments.Count && arguments[i + 1] == "json");
            }
        }

        new ConsoleLog(io, LogLevel.Error, asJson ? LogFormat.Json : LogFormat.Text, new Redactor()).Write(mistake);
    }

    private static Diagnostic Unknown(string word, Command command, string next = "")
    {
        var isOption = word.StartsWith('-');
        return Wrong(
            isOption || command.Subcommands.Count > 0
                ? $"`{word}` is no {(isOption ? "option" : "command")} of `{Name(command)}`."
                : $"`{Name(command)}` takes no argument `{word}`.",
            Help());

        // One level down is another command; a folder is the root of a node.
        string Help()
        {
            foreach (var below in command.Subcommands)
            {
                foreach (var deeper in below.Subcommands)
                {
                    if (deeper.Name == word)
                    {
                        return $"Did you mean `{Name(deeper)}`?";
                    }
                }
            }

            var words = new List<string>();
            foreach (var below in command.Subcommands)
            {
                words.Add(below.Name);
            }

            foreach (var option in command.Options)
            {
                if (!option.Hidden)
                {
                    words.Add(option.Name);
                }
            }

            // A file, or an option with one, where the configuration has an option of its own.
            if (words.Contains("--config-source") && (isOption ? word is "-f" or "--file" or "--filename" or "--config" : IsFile(word)))
            {
                return $"The configuration is given with `-c {(!isOption ? word : IsFile(next) ? next : "FILE")}`.";
            }

            var name = isOption && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? word[..equals] : word;
            return !isOption && word.Contains('/', StringComparison.Ordinal) && command.Subcommands.Count == 0 && words.Contains("--root")
                ? $"The root folder of a node is given with `--root {word}`."
                : Suggestions.DidYouMean(name, words, $"`{Name(command)} --help` lists what there is.");
        }
    }

    private static bool IsFile(string word)
    {
        foreach (var ending in Endings)
        {
            if (word.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return File.Exists(word);
    }

    // The parser says which part of the command line it did not take; what it says of it is for programmers. Sentences of our own begin with a quote.
    private static Diagnostic Of(ParseError error, Command command)
    {
        var shows = $"`{Name(command)} --help` shows how it is called.";
        var part = error.SymbolResult is ArgumentResult { Parent: OptionResult parent } ? parent : error.SymbolResult;
        var words = Words(part);
        var word = part is { Tokens: [.., var last] } ? last.Value : "";
        var choose = words.Count == 0 ? shows : $"Give one of {string.Join(", ", words)}.";
        if (error.Message.StartsWith('`'))
        {
            return part is ArgumentResult && error.Message is ['`', '-', ..]
                ? Unknown(error.Message[1..error.Message.IndexOf('`', 1)], command)
                : Wrong(error.Message, Suggestions.DidYouMean(word, words, shows));
        }

        switch (part)
        {
            case OptionResult { Option: var option } when part.Tokens.Count == 0:
                return Wrong(
                    option.Required && error.SymbolResult is not OptionResult { IdentifierTokenCount: > 0 }
                        ? $"`{Name(command)}` needs `{option.Name} {option.HelpName}`."
                        : $"`{option.Name}` has no value.",
                    words.Count == 0 ? $"Write `{option.Name} {option.HelpName}`." : choose);
            case OptionResult { Option: var option } when part.Tokens.Count > option.Arity.MaximumNumberOfValues:
                return Wrong($"`{option.Name}` is given more than once, and only one can count.", "Leave all but one out.");
            case OptionResult { Option: var option }:
                return Wrong(
                    $"`{option.Name}` cannot be `{word}`.", Suggestions.DidYouMean(word, words, choose));
            case ArgumentResult when part.Tokens.Count > 0:
                return Wrong($"`{word}` is nothing that `{Name(command)}` takes.", Suggestions.DidYouMean(word, words, choose));
            default:
                return Missing(command, choose);
        }
    }

    // Something must follow: a command, an argument or an option.
    private static Diagnostic Missing(Command command, string help)
    {
        if (command.Subcommands.Count > 0)
        {
            var names = new List<string>();
            foreach (var below in command.Subcommands)
            {
                names.Add(below.Name);
            }

            return Wrong($"`{Name(command)}` needs a command.", $"Give one of {string.Join(", ", names)}.");
        }

        foreach (var option in command.Options)
        {
            if (option.Required)
            {
                return Wrong($"`{Name(command)}` needs `{option.Name} {option.HelpName}`.", help);
            }
        }

        return Wrong($"`{Name(command)}` needs {(command.Arguments.Count > 0 ? $"an argument: `{command.Arguments[0].Name}`" : "more")}.", help);
    }

    private static List<string> Words(SymbolResult? part)
    {
        var words = new List<string>();
        IEnumerable<CompletionItem> items = part switch
        {
            OptionResult option => option.Option.GetCompletions(CompletionContext.Empty),
            ArgumentResult argument => argument.Argument.GetCompletions(CompletionContext.Empty),
            _ => [],
        };
        foreach (var item in items)
        {
            words.Add(item.Label);
        }

        return words;
    }

    private static Diagnostic Wrong(string message, string help) => new(DiagnosticCatalogue.WrongCommandLine.Code, Severity.Error, message, help);

    // The root of eksnode's own tree has the name of the file that runs.
    private static string Name(Command command)
    {
        foreach (var parent in command.Parents)
        {
            if (parent is Command above)
            {
                return $"{Name(above)} {command.Name}";
            }
        }

        return command is RootCommand ? "eksnode" : command.Name;
    }
}
