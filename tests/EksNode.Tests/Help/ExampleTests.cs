using System.Collections.Immutable;
using System.CommandLine;
using EksNode.Help;

namespace EksNode.Tests.Help;

/// <summary>The help of every command has examples, and every example is a command line that the tree takes.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Paths => [.. CommandTree.All().Select(CommandHelp.PathOf)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_command_has_examples_that_parse(string path)
    {
        var (_, examples) = CommandHelp.Of(path);
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            var words = CommandTree.Words(example);
            Assert.Equal("eksnode", words[0]);
            var parsed = CommandTree.Root().Parse(words[1..]);
            Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join("; ", parsed.Errors.Select(e => e.Message))}");
            var command = CommandHelp.PathOf(parsed.CommandResult.Command);
            Assert.True(command == path || command.StartsWith(path.Length == 0 ? "" : path + " ", StringComparison.Ordinal), $"{example} is an example of `{command}`, not of `{path}`.");
        }
    }

    [Fact]
    public void Every_section_is_of_a_command()
    {
        var sections = File.ReadLines(Path.Combine(Repository.Root, "src/EksNode/Help/examples.txt")).Where(l => l.StartsWith('[')).Select(l => l[1..^1]).ToList();
        Assert.Equal(sections.Distinct().Order(StringComparer.Ordinal), CommandTree.All().Select(CommandHelp.PathOf).Order(StringComparer.Ordinal));
        Assert.Equal(sections.Count, sections.Distinct().Count());
    }

    [Theory]
    [InlineData("max-pods", "joinDefault is what join writes", "  eksnode max-pods --all")]
    [InlineData("join", "Deadlines:", "  eksnode join --no-start")]
    [InlineData("config convert", "--from", "  eksnode config convert --from bootstrap.sh -- my-cluster")]
    [InlineData("", "max-pods", "  eksnode plan")]
    public async Task Help_shows_notes_and_examples(string path, params string[] parts)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        var exit = await CommandLine.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], io, TestContext.Current.CancellationToken);
        Assert.Equal(0, exit);
        Assert.Contains("Examples:", output.ToString(), StringComparison.Ordinal);
        Assert.All(parts, p => Assert.Contains(p, output.ToString(), StringComparison.Ordinal));
    }
}

/// <summary>The command tree, without running anything.</summary>
internal static class CommandTree
{
    public static RootCommand Root() => CommandLine.Build(new CommandIo
    {
        Out = TextWriter.Null,
        Error = TextWriter.Null,
        OpenInput = () => Stream.Null,
        Environment = ImmutableDictionary<string, string>.Empty,
    });

    /// <summary>Every command that help lists, the root first.</summary>
    public static IEnumerable<Command> All() => Below(Root());

    /// <summary>The words of an example as a shell parts them, without redirections.</summary>
    public static List<string> Words(string example)
    {
        var words = example.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        var redirection = words.FindIndex(w => w is ">" or "<");
        return [.. (redirection < 0 ? words : words[..redirection]).Select(w => w.Trim('\''))];
    }

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(Below).Prepend(command);
}
