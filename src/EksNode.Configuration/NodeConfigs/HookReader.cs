using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.hooks</c>.</summary>
internal static class HookReader
{
    private const string OurPrefix = "EKSNODE_";

    private static readonly string[] Operators = ["|", "||", "&&", "&", ";", ">", ">>", "<", "2>&1", "2>/dev/null", ">/dev/null"];

    private static readonly WordList<string> Reactions = WordList.Of("Fail", "Continue");

    public static HookSettings Read(Section section)
    {
        var stages = SortedMap.Empty<ImmutableArray<Sourced<Hook>>>();
        foreach (var stage in HookSettings.Stages)
        {
            var hooks = new List<Sourced<Hook>>();
            foreach (var item in section.Sections(stage, "Write `- command: [\"/usr/local/bin/program\", \"argument\"]`."))
            {
                if (Hook(item) is { } hook)
                {
                    hooks.Add(new Sourced<Hook>(hook, item.Map!.Origin));
                }
            }

            if (hooks.Count > 0)
            {
                stages = stages.Add(stage, hooks.ToImmutable());
            }
        }

        section.Finish();
        return new HookSettings { ByStage = stages };
    }

    private static Hook? Hook(Section section)
    {
        var command = Command(section);
        var timeout = section.Wait("timeout", "Write how long the hook may run, such as `5m`.", DiagnosticCatalogue.BadHook);
        var reaction = section.Choice("onFailure", Reactions);
        var environment = Variables(section);
        section.Finish();
        return command.IsEmpty ? null : new Hook
        {
            Command = command,
            Timeout = timeout ?? new Sourced<GoDuration>(GoDuration.Parse(NodeConfigs.Hook.DefaultTimeout).Value, Origin.Default("how long a hook may run")),
            ContinuesOnFailure = reaction?.Value == "Continue",
            Environment = environment,
        };
    }

    private static ImmutableArray<string> Command(Section section)
    {
        const string Key = "command";
        const string help = "Write a list: the absolute path of a program, then its arguments, as in `[\"/usr/local/bin/program\", \"--fast\"]`; no shell reads them.";
        switch (section.Value(Key))
        {
            case null:
                section.Diagnostics.Report(DiagnosticCatalogue.BadHook, $"`{section.Path}` has no `command`.", help, section.Map!.Origin, section.Path);
                return [];
            case TreeScalar { Kind: ScalarKind.String } text:
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadHook, $"`{section.PathOf(Key)}` is one string, and a hook is a program with its arguments as a list.", help, text.Origin, section.PathOf(Key));
                return [];
        }

        if (section.List(Key) is not { } list)
        {
            return [];
        }

        var words = new List<string>();
        var good = !list.Items.IsEmpty;
        for (var i = 0; i < list.Items.Length; i++)
        {
            var path = SettingPath.Item(section.PathOf(Key), i);
            if (list.Items[i] is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                SettingTypes.ReportNotText(list.Items[i], path, secret: false, section.Diagnostics);
                good = false;
                continue;
            }

            if (i == 0 && AbsolutePath.Parse(scalar.Text).Problem is { } problem)
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadHook, problem.Message, help, scalar.Origin, path);
                good = false;
            }

            if (scalar.Text.Contains('\0', StringComparison.Ordinal))
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadHook, $"`{path}` has a zero byte in it.", "Leave it out: no argument of a program can hold it.", scalar.Origin, path);
                good = false;
            }

            words.Add(scalar.Text);
        }

        if (list.Items.IsEmpty)
        {
            section.Diagnostics.Report(DiagnosticCatalogue.BadHook, $"`{section.PathOf(Key)}` is empty.", help, list.Origin, section.PathOf(Key));
        }

        if (good)
        {
            ReportShell(list, section);
        }

        return good ? words.ToImmutable() : [];
    }

    // No shell reads the words. One that the hook starts itself (`sh -c`) does.
    private static void ReportShell(TreeList list, Section section)
    {
        var program = (TreeScalar)list.Items[0];
        if (program.Text.Contains(' ', StringComparison.Ordinal))
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.BadHook,
                $"The program {Quoted.Text(program.Text)} has a blank in its path: the words are no arguments when they stand in one item.",
                "Write the program and each of its arguments as an item of its own.",
                program.Origin,
                SettingPath.Item(section.PathOf("command"), 0),
                Severity.Warning);
        }

        if (list.Items.Any(i => ((TreeScalar)i).Text.EndsWith('c') && ((TreeScalar)i).Text.StartsWith('-')))
        {
            return;
        }

        for (var i = 1; i < list.Items.Length; i++)
        {
            var word = ((TreeScalar)list.Items[i]).Text;
            if (Array.IndexOf(Operators, word) >= 0 || (word.Length > 1 && word[0] == '$' && (char.IsAsciiLetter(word[1]) || word[1] is '{' or '(' or '_')))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadHook,
                    $"{Quoted.Text(word)} is given to the program as it is: no shell reads the command of a hook.",
                    "Begin the command with `/bin/sh` and `-c`, and write the line of the shell as one item.",
                    list.Items[i].Origin,
                    SettingPath.Item(section.PathOf("command"), i),
                    Severity.Warning);
                return;
            }
        }
    }

    private static SortedMap<Sourced<Secret>> Variables(Section section)
    {
        const string Key = "environment";
        var variables = SortedMap.Empty<Sourced<Secret>>();
        foreach (var entry in section.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(section.PathOf(Key), entry.Key);
            if (EnvironmentVariable.ParseName(entry.Key).Problem is { } problem)
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadVariableName, problem.Message, problem.Help, entry.KeyOrigin, path);
            }
            else if (entry.Key.StartsWith(OurPrefix, StringComparison.Ordinal))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadVariableName, $"The variable {Quoted.Text(entry.Key)} begins with `{OurPrefix}`, as those do that eksnode gives to a hook.", "Choose another name.", entry.KeyOrigin, path);
            }
            else if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                SettingTypes.ReportNotText(entry.Value, path, secret: true, section.Diagnostics);
            }
            else if (EnvironmentVariable.ParseValue(scalar.Text).Problem is { } wrong)
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadVariableValue, wrong.Message, wrong.Help, scalar.Origin, path);
            }
            else
            {
                variables = variables.SetItem(entry.Key, new Sourced<Secret>(new Secret(scalar.Text), scalar.Origin));
            }
        }

        return variables;
    }
}
