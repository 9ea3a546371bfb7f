using System.CommandLine;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary>The form of a result.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For tools.</summary>
    Json,

    /// <summary>The same as YAML.</summary>
    Yaml,

    /// <summary>Comma-separated values, where the result is a list.</summary>
    Csv,

    /// <summary>Tables of Markdown, for documents.</summary>
    Markdown,
}

/// <summary>Options that several commands share, each defined once.</summary>
public sealed class CommonOptions
{
    /// <summary>The options of one command.</summary>
    /// <param name="resultIsList">Whether its result is a list, which may be printed as comma-separated values, too.</param>
    /// <param name="table">What the form for people is, where that is no table: <c>the facts file itself</c>.</param>
    /// <param name="hasMarkdown">Whether it may be printed as Markdown, too.</param>
    public CommonOptions(bool resultIsList = false, string? table = null, bool hasMarkdown = false)
    {
        ResultIsList = resultIsList;
        Propose(Level, Names<LogLevel>());
        Output = Choice<OutputFormat>("--output", "The form of the result", [.. Names<OutputFormat>().Where(n => n switch { "csv" => resultIsList, "markdown" => hasMarkdown, _ => true })], "-o");
        if (table is not null)
        {
            Output.Description = Output.Description!.Replace(" [", $"; table is {table} [", StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Whether the result is a list. Its JSON form is then an array, which has no place for diagnostics: they go to standard error, one JSON object
    /// a line.
    /// </summary>
    public bool ResultIsList { get; }

    /// <summary><c>--config-source</c>.</summary>
    public Option<string[]> Sources { get; } = new("--config-source", "-c")
    {
        Description = "Where the configuration is: imds://user-data, a file or a folder of drop-ins (file:// or a path), - for standard input. "
            + "May be given several times; later ones win. [default: /etc/eksnode/node.d, imds://user-data, /etc/eks/nodeadm.d]",
        HelpName = "SOURCE",
        DefaultValueFactory = _ => [],
    };

    /// <summary><c>--root</c>.</summary>
    public Option<string> Root { get; } = new("--root")
    {
        Description = "The root folder of the node",
        HelpName = "DIR",
        DefaultValueFactory = _ => "/",
    };

    /// <summary><c>--facts</c>.</summary>
    public Option<string?> Facts { get; } = new("--facts")
    {
        Description = "Take every fact from this file, and ask nothing of IMDS, AWS or the host (`eksnode facts` prints such a file)",
        HelpName = "FILE",
    };

    /// <summary><c>--output</c>.</summary>
    public Option<OutputFormat> Output { get; }

    /// <summary><c>--log-level</c>.</summary>
    public Option<LogLevel?> Level { get; } = new("--log-level")
    {
        Description = "What is logged to standard error: error, warn, info, debug or trace [default: warn, or EKSNODE_LOG]",
        HelpName = "LEVEL",
        CustomParser = result => Parse<LogLevel>(result, Names<LogLevel>()),
    };

    /// <summary><c>--log-format</c>.</summary>
    public Option<LogFormat> Format { get; } = Choice<LogFormat>("--log-format", "The form of the log");

    /// <summary>Another way to ask for everything that helps to find a fault; null: there is none.</summary>
    public Option<bool>? Debug { get; init; }

    /// <summary>What is logged when neither an option nor the environment says so.</summary>
    public LogLevel DefaultLevel { get; init; } = LogLevel.Warn;

    /// <summary>Adds them all to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Sources);
        AddToMachineCommand(command, withFacts: true);
    }

    /// <summary>Adds those of a command that reads no configuration.</summary>
    /// <param name="command">The command.</param>
    /// <param name="withFacts">Whether it takes a facts file.</param>
    public void AddToMachineCommand(Command command, bool withFacts = false)
    {
        command.Options.Add(Root);
        if (withFacts)
        {
            command.Options.Add(Facts);
        }

        command.Options.Add(Output);
        command.Options.Add(Level);
        command.Options.Add(Format);
    }

    /// <summary>The log that the options ask for.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="io">The process.</param>
    /// <param name="redactor">Takes secrets out.</param>
    /// <param name="diagnostics">Takes a level in the environment that does not exist.</param>
    public ConsoleLog Log(ParseResult parsed, CommandIo io, Redactor redactor, DiagnosticBag diagnostics) =>
        new ConsoleLog(io, parsed.GetValue(Level) ?? (Debug is { } debug && parsed.GetValue(debug) ? LogLevel.Debug : OfEnvironment(io, diagnostics) ?? DefaultLevel), parsed.GetValue(Format), redactor);

    /// <summary>The level that <c>EKSNODE_LOG</c> names; null: it is not set, or wrong, which is reported.</summary>
    internal static LogLevel? OfEnvironment(CommandIo io, DiagnosticBag diagnostics)
    {
        if (io.Variable("EKSNODE_LOG") is not { } word)
        {
            return null;
        }

        if (Names<LogLevel>().Contains(word.ToLowerInvariant()))
        {
            return Enum.Parse<LogLevel>(word, ignoreCase: true);
        }

        diagnostics.Report(
            DiagnosticCatalogue.LogLevelUnknown,
            $"EKSNODE_LOG is `{word}`, and there is no such level: `warn` is used.",
            Suggestions.DidYouMean(word, Names<LogLevel>(), $"Set it to one of {string.Join(", ", Names<LogLevel>())}."));
        return null;
    }

    /// <summary>A mistyped option is no word of an argument that takes any number of words.</summary>
    /// <param name="argument">The argument.</param>
    public static void RefuseOptions(Argument<string[]> argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value is ['-', _, ..])
            {
                result.AddError($"`{token.Value}` is no option of this command.");
            }
        }
    });

    /// <summary>An option whose value is one of an enumeration's names, in lower case; its default is the first.</summary>
    public static Option<T> Choice<T>(string name, string description, params string[] aliases)
        where T : struct, Enum => Choice<T>(name, description, Names<T>(), aliases);

    private static Option<T> Choice<T>(string name, string description, string[] words, params string[] aliases)
        where T : struct, Enum
    {
        var option = new Option<T>(name, aliases)
        {
            Description = $"{description}: {string.Join(", ", words)} [default: {words[0]}]",
            HelpName = name.TrimStart('-').ToUpperInvariant(),
            CustomParser = result => Parse<T>(result, words) ?? default,
        };
        Propose(option, words);
        return option;
    }

    /// <summary>What the shells complete: by itself it is the names of an enumeration as C# writes them, which no option takes.</summary>
    /// <param name="option">The option.</param>
    /// <param name="words">The words that it takes.</param>
    internal static void Propose(Option option, params string[] words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
    }

    private static T? Parse<T>(System.CommandLine.Parsing.ArgumentResult result, string[] words)
        where T : struct, Enum
    {
        if (result.Tokens.Count == 0)
        {
            return null;
        }

        var word = result.Tokens[^1].Value;
        if (words.Contains(word) && Enum.TryParse<T>(word, ignoreCase: true, out var value))
        {
            return value;
        }

        result.AddError($"`{(result.Parent as System.CommandLine.Parsing.OptionResult)?.Option.Name}` is `{word}`, which is none of {string.Join(", ", words)}.");
        return null;
    }

    private static string[] Names<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
}
