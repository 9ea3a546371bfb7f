using System.CommandLine;
using System.Text;

namespace EksNode.Help;

/// <summary>
/// Completion scripts for bash, zsh and fish, made from the command tree. They know all commands and options by themselves: completing
/// runs nothing but the shell.
/// </summary>
internal static class CompletionScript
{
    /// <summary>The shells.</summary>
    public static string[] Shells { get; } = ["bash", "zsh", "fish"];

    /// <summary>The script for a shell.</summary>
    /// <param name="shell">One of <see cref="Shells"/>.</param>
    /// <param name="root">The command tree.</param>
    public static string Of(string shell, Command root)
    {
        var shapes = CommandShape.All(root);
        return shell switch
        {
            "bash" => Bash(shapes),
            "zsh" => Zsh(shapes),
            _ => Fish(shapes),
        };
    }

    // `path` is the command so far with a space before each word; bash parts --output=json at the equals sign.
    private static string Bash(List<CommandShape> shapes)
    {
        var script = new StringBuilder("""
            # bash completion for eksnode: eksnode completion bash > /etc/bash_completion.d/eksnode
            _eksnode() {
                local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= words= i IFS=$' \t\n'
                if [[ $cur == "=" ]]; then
                    cur=
                elif [[ $previous == "=" ]]; then
                    previous=${COMP_WORDS[COMP_CWORD-2]}
                fi
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case "$path ${COMP_WORDS[i]}" in

            """);
        script.Append("            ").AppendJoin('|', Paths(shapes)).Append(") path=\"$path ${COMP_WORDS[i]}\" ;;\n        esac\n    done\n    case \"$path|$previous\" in\n");
        Values(script, shapes, words => $"COMPREPLY=($(compgen -W '{words}' -- \"$cur\")); return", "_eksnode_files; return", "return", "        ");
        script.Append("    esac\n    case \"$path\" in\n");
        Commands(script, shapes, words => $"words='{words}'", "[[ $cur == -* ]] || _eksnode_files", "        ");
        return script.Append("""
                esac
                COMPREPLY+=($(compgen -W "$words" -- "$cur"))
            }
            _eksnode_files() {
                local IFS=$'\n'
                compopt -o filenames 2>/dev/null
                COMPREPLY=($(compgen -f -- "$cur"))
            }
            complete -F _eksnode eksnode

            """).ToString();
    }

    private static string Zsh(List<CommandShape> shapes)
    {
        var script = new StringBuilder("""
            #compdef eksnode
            # zsh completion for eksnode: eksnode completion zsh > a folder of $fpath/_eksnode
            _eksnode() {
                local previous=$words[CURRENT-1] here= i
                if [[ $PREFIX == --*=* ]]; then
                    previous=${PREFIX%%=*}
                    compset -P '*='
                fi
                for ((i = 2; i < CURRENT; i++)); do
                    case "$here $words[i]" in

            """);
        script.Append("            ").AppendJoin('|', Paths(shapes)).Append(") here=\"$here $words[i]\" ;;\n        esac\n    done\n    case \"$here|$previous\" in\n");
        Values(script, shapes, words => $"compadd -- {words}; return", "_files; return", "return", "        ");
        script.Append("    esac\n    case \"$here\" in\n");
        Commands(script, shapes, words => $"compadd -- {words}", "[[ $PREFIX == -* ]] || _files", "        ");
        return script.Append("""
                esac
            }
            if [[ $funcstack[1] == _eksnode ]]; then
                _eksnode "$@"
            else
                compdef _eksnode eksnode
            fi

            """).ToString();
    }

    private static string Fish(List<CommandShape> shapes)
    {
        var script = new StringBuilder("""
            # fish completion for eksnode: eksnode completion fish > ~/.config/fish/completions/eksnode.fish
            function __eksnode_at
                set -l path
                set -l words (commandline -opc)
                for word in $words[2..]
                    if contains -- (string join ' ' -- $path $word)
            """);
        foreach (var shape in shapes)
        {
            if (shape.Path.Length > 0)
            {
                script.Append(" '").Append(shape.Path).Append('\'');
            }
        }

        script.Append("\n            set -a path $word\n        end\n    end\n    test (string join ' ' -- $path) = \"$argv[1]\"\nend\ncomplete -c eksnode -f\n");
        foreach (var shape in shapes)
        {
            var at = $"complete -c eksnode -n '__eksnode_at \"{shape.Path}\"'";
            foreach (var (name, description) in shape.Commands)
            {
                script.Append(at).Append(" -a ").Append(name).Append(" -d ").Append(Quoted(description)).Append('\n');
            }

            if (shape.Arguments != ValueKind.None)
            {
                script.Append(at).Append(shape.Arguments == ValueKind.File ? " -F" : $" -a {Quoted(string.Join(' ', shape.ArgumentWords))}").Append('\n');
            }

            foreach (var option in shape.Options)
            {
                script.Append(at);
                foreach (var name in option.Names)
                {
                    script.Append(name.StartsWith("--", StringComparison.Ordinal) ? " -l " : " -s ").Append(name.TrimStart('-'));
                }

                script.Append(option.Kind switch
                {
                    ValueKind.None => "",
                    ValueKind.File => " -r -F",
                    ValueKind.Word => $" -x -a {Quoted(string.Join(' ', option.Words))}",
                    _ => " -x",
                }).Append(" -d ").Append(Quoted(option.Description)).Append('\n');
            }
        }

        return script.ToString();
    }

    private static IEnumerable<string> Paths(List<CommandShape> shapes)
    {
        foreach (var shape in shapes)
        {
            if (shape.Path.Length > 0)
            {
                yield return $"' {shape.Path}'";
            }
        }
    }

    // One branch for each option that has a value: what follows it.
    private static void Values(StringBuilder script, List<CommandShape> shapes, Func<string, string> words, string files, string nothing, string indent)
    {
        foreach (var shape in shapes)
        {
            foreach (var option in shape.Options)
            {
                if (option.Kind == ValueKind.None)
                {
                    continue;
                }

                script.Append(indent).AppendJoin('|', option.Names.Select(n => $"'{Key(shape)}|{n}'")).Append(") ").Append(option.Kind switch
                {
                    ValueKind.Word => words(string.Join(' ', option.Words)),
                    ValueKind.File => files,
                    _ => nothing,
                }).Append(" ;;\n");
            }
        }
    }

    // One branch for each command: its subcommands, options and arguments.
    private static void Commands(StringBuilder script, List<CommandShape> shapes, Func<string, string> words, string files, string indent)
    {
        foreach (var shape in shapes)
        {
            var all = new List<string>();
            foreach (var (name, _) in shape.Commands)
            {
                all.Add(name);
            }

            all.AddRange(shape.ArgumentWords);
            foreach (var option in shape.Options)
            {
                all.AddRange(option.Names);
            }

            script.Append(indent).Append('\'').Append(Key(shape)).Append("') ").Append(words(string.Join(' ', all)));
            if (shape.Arguments == ValueKind.File)
            {
                script.Append("; ").Append(files);
            }

            script.Append(" ;;\n");
        }
    }

    private static string Key(CommandShape shape) => shape.Path.Length == 0 ? "" : " " + shape.Path;

    private static string Quoted(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
