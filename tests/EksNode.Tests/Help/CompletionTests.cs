using System.Diagnostics;
using EksNode.Help;

namespace EksNode.Tests.Help;

/// <summary>The completion scripts, run by the shells that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-completion-");

    public CompletionTests()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "user data.yaml"), "");
        File.WriteAllText(Path.Combine(folder.FullName, "user-data.mime"), "");
        foreach (var shell in CompletionScript.Shells)
        {
            File.WriteAllText(Path.Combine(folder.FullName, "script." + shell), CompletionScript.Of(shell, CommandTree.Root()));
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    // What stands before the cursor as bash parts it, and what is proposed.
    [Theory]
    [InlineData("eksnode|pla", "plan")]
    [InlineData("eksnode|config|va", "validate")]
    [InlineData("eksnode|network|interface|", "add -h --help remove")]
    [InlineData("eksnode|join|--no-", "--no-start")]
    [InlineData("eksnode|join|--wait|", "kubelet none ready")]
    [InlineData("eksnode|join|--wait|=|re", "ready")]
    [InlineData("eksnode|join|--wait|=", "kubelet none ready")]
    [InlineData("eksnode|max-pods|-o|", "csv json table yaml")]
    [InlineData("eksnode|max-pods|m5.large|--prefix-delegation|--custom", "--custom-networking")]
    [InlineData("eksnode|plan|-c|user", "user data.yaml user-data.mime")]
    [InlineData("eksnode|plan|--facts|user-", "user-data.mime")]
    [InlineData("eksnode|config|validate|user-", "user-data.mime")]
    [InlineData("eksnode|max-pods|--cap|", "")]
    [InlineData("eksnode|completion|", "bash fish -h --help zsh")]
    [InlineData("eksnode|--ver", "--version")]
    [InlineData("eksnode|nonsense|pl", "plan")]
    public void Bash_completes(string words, string expected)
    {
        var parts = words.Split('|');
        var program = $"""
            source script.bash
            COMP_WORDS=({string.Join(' ', parts.Select(p => $"'{p}'"))})
            COMP_CWORD={parts.Length - 1}
            COMPREPLY=()
            _eksnode
            printf '%s\n' "${'{'}COMPREPLY[@]{'}'}"
            complete -p eksnode >&2
            """;
        var (output, error) = Run("/bin/bash", "--norc", "-c", program);
        Assert.Contains("complete -F _eksnode eksnode", error, StringComparison.Ordinal);
        Assert.Equal(expected, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(w => w.TrimStart('-'), StringComparer.Ordinal).ThenBy(w => w.Length)));
    }

    [Theory]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Other_shells_read_their_scripts(string shell)
    {
        var program = $"/usr/bin/{shell}";
        Assert.SkipUnless(File.Exists(program), $"{program} is not installed.");
        var (_, error) = Run(program, "-n", "script." + shell);
        Assert.Empty(error);
    }

    // With the parts of zsh's completion system that the script calls.
    [Theory]
    [InlineData("eksnode|config|va", "config", "validate")]
    [InlineData("eksnode|join|--wait|", "join", "kubelet none ready")]
    [InlineData("eksnode|join|--wait=re", "join", "kubelet none ready")]
    [InlineData("eksnode|plan|--facts|", "plan", "FILES")]
    public void Zsh_completes(string words, string command, string expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/zsh"), "/usr/bin/zsh is not installed.");
        var parts = words.Split('|');
        var program = $$"""
            compdef() { : }; compset() { PREFIX=${PREFIX#*=} }; _files() { print FILES }
            compadd() { shift; print -l -- "$@" }
            source script.zsh
            words=({{string.Join(' ', parts.Select(p => $"'{p}'"))}}); CURRENT={{parts.Length}}; PREFIX='{{parts[^1]}}'
            _eksnode
            """;
        var (output, _) = Run("/usr/bin/zsh", "-f", "-c", program);
        var proposed = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToList();
        Assert.True(command == "config" ? proposed.Contains(expected) : string.Join(' ', proposed) == expected, output);
    }

    [Fact]
    public void Fish_completes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fish"), "/usr/bin/fish is not installed.");
        var (output, error) = Run("/usr/bin/fish", "--no-config", "-c", "source script.fish; complete -C 'eksnode join --wait '; complete -C 'eksnode config v'");
        Assert.Equal(["kubelet", "none", "ready", "validate"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0]).Order(StringComparer.Ordinal));
        Assert.Empty(error);
    }

    [Fact]
    public void Every_option_and_command_is_in_every_script()
    {
        foreach (var shell in CompletionScript.Shells)
        {
            var script = File.ReadAllText(Path.Combine(folder.FullName, "script." + shell));
            foreach (var command in CommandTree.All())
            {
                Assert.Contains(CommandHelp.PathOf(command), script, StringComparison.Ordinal);
                Assert.All(command.Options.Where(o => !o.Hidden), o => Assert.Contains(shell == "fish" ? "-l " + o.Name[2..] : o.Name, script, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Every_word_that_is_proposed_is_taken()
    {
        foreach (var command in CommandTree.All())
        {
            var path = CommandHelp.PathOf(command);
            foreach (var option in CommandShape.All(command)[0].Options)
            {
                foreach (var word in option.Words)
                {
                    var errors = CommandTree.Root().Parse([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), option.Names[0], word]).Errors;
                    Assert.DoesNotContain(errors, e => e.Message.Contains(word, StringComparison.Ordinal));
                }
            }
        }
    }

    // Of each command its own options: those of another one are no help at all. The manual page has them in the same order.
    [Fact]
    public void Every_option_of_every_command_is_proposed_there_and_is_in_its_part_of_the_manual()
    {
        var manual = File.ReadAllText(Path.Combine(Repository.Root, "docs/eksnode.1")).Replace("\\-", "-", StringComparison.Ordinal).Split("\n.SS eksnode ");
        var missing = new List<string>();
        foreach (var command in CommandTree.All())
        {
            var path = CommandHelp.PathOf(command);
            var page = manual.SingleOrDefault(s => s.Split('\n')[0].Split(' ').TakeWhile(w => w.Length > 0 && char.IsAsciiLetterLower(w[0])).SequenceEqual(path.Split(' ')));
            foreach (var option in command.Options.Where(o => !o.Hidden))
            {
                foreach (var name in (string[])[option.Name, .. option.Aliases.Where(a => a is not ("/?" or "/h" or "-?"))])
                {
                    var (at, flag) = ($"'__eksnode_at \"{path}\"'", name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]} " : $" -s {name[1..]} ");
                    Expect(Script("fish").Any(l => l.Contains(at, StringComparison.Ordinal) && (l + " ").Contains(flag, StringComparison.Ordinal)), "fish", name);
                    foreach (var shell in (string[])["bash", "zsh"])
                    {
                        // One line, or two of a case: `" config validate") words='…'`.
                        var here = Script(shell).Where(l => l.TrimStart().StartsWith(path.Length == 0 ? "'')" : $"' {path}')", StringComparison.Ordinal) || l.TrimStart().StartsWith($"\"{(path.Length == 0 ? "" : " " + path)}\")", StringComparison.Ordinal));
                        Expect(here.Any(l => l.Split(' ', '\'', ';').Contains(name)), shell, name);
                    }

                    Expect(page is null ? path.Length == 0 : page.Split('\n').Any(l => l.StartsWith(".B ", StringComparison.Ordinal) && l[3..].Split(' ', ',').Contains(name)), "manual", name);
                }
            }

            void Expect(bool there, string where, string name)
            {
                if (!there)
                {
                    missing.Add($"{where}: {path} {name}");
                }
            }
        }

        Assert.Empty(missing);

        string[] Script(string shell) => File.ReadAllLines(Path.Combine(folder.FullName, "script." + shell));
    }

    private (string Output, string Error) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
        return (output, error.GetAwaiter().GetResult());
    }
}
