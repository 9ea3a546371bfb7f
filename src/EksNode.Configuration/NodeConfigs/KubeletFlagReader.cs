using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// Reads <c>spec.kubelet.flags</c>: only what would break the environment file is refused here; what the kubelet thinks of a
/// flag is for <see cref="KubeletRules.KubeletFlagRules"/>.
/// </summary>
internal static class KubeletFlagReader
{
    public static ImmutableArray<Sourced<string>> Read(Section section)
    {
        const string Key = "flags";
        if (section.List(Key) is not { } list)
        {
            return [];
        }

        var flags = ImmutableArray.CreateBuilder<Sourced<string>>();
        for (var i = 0; i < list.Items.Length; i++)
        {
            var path = SettingPath.Item(section.PathOf(Key), i);
            switch (list.Items[i])
            {
                case TreeScalar { Kind: ScalarKind.String } scalar:
                    if (Check(scalar, path, flags.Count > 0 ? flags[^1].Value : null, section.Diagnostics))
                    {
                        flags.Add(new Sourced<string>(scalar.Text, scalar.Origin));
                    }

                    break;
                case TreeMap { Entries: [var entry] } map when entry.Key.StartsWith('-'):
                    section.Diagnostics.Report(
                        DiagnosticCatalogue.WrongType,
                        $"`{path}` must be a string, but it is a map: YAML reads `{entry.Key}: …` as a key and its value.",
                        $"Write it with `=`: `\"{entry.Key}=…\"`.",
                        map.Origin,
                        path);
                    break;
                default:
                    SettingTypes.ReportNotText(list.Items[i], path, secret: false, section.Diagnostics);
                    break;
            }
        }

        return flags.ToImmutable();
    }

    private static bool Check(TreeScalar scalar, string path, string? before, DiagnosticBag diagnostics)
    {
        var text = scalar.Text;
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not '\t')
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NotAKubeletFlag,
                    character is '\n' or '\r'
                        ? $"The kubelet flag {Quoted.Text(text)} has a line break in it."
                        : $"The kubelet flag {Quoted.Text(text)} has the control character U+{(int)character:X4}.",
                    character is '\n' or '\r' ? "Write one flag per list item, each on one line." : "Leave it out.",
                    scalar.Origin,
                    path);
                return false;
            }
        }

        if (text.Trim().Length == 0)
        {
            diagnostics.Report(
                DiagnosticCatalogue.NotAKubeletFlag, "A kubelet flag is empty.", "Leave the item out.", scalar.Origin, path);
            return false;
        }

        // All items are joined by spaces, so the value of a flag may stand in the item after it.
        if (text.TrimStart().StartsWith('-') || (before is not null && before.StartsWith('-') && !before.Contains('=', StringComparison.Ordinal)))
        {
            return true;
        }

        diagnostics.Report(
            DiagnosticCatalogue.NotAKubeletFlag,
            $"{Quoted.Text(text)} is not a kubelet flag: it does not begin with `--`.",
            text.Contains('=', StringComparison.Ordinal) && !text.Contains(' ', StringComparison.Ordinal)
                ? $"Did you mean {Quoted.Text("--" + text)}?"
                : "Write each flag as `--name=value`.",
            scalar.Origin,
            path);
        return false;
    }
}
