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

        var flags = new List<Sourced<string>>();
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
                        entry.Key.Contains('=', StringComparison.Ordinal) ? "Put the flag in quotes." : $"Write it with `=`: `\"{entry.Key}=…\"`.",
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

    // Only the name: the value may be a header or a password.
    private static string Shown(string text) =>
        Quoted.Text(text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? text[..equals] + "=…" : text);

    private static bool Check(TreeScalar scalar, string path, string? before, DiagnosticBag diagnostics)
    {
        var text = scalar.Text;
        var shown = Shown(text);
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not '\t')
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NotAKubeletFlag,
                    character is '\n' or '\r'
                        ? $"The kubelet flag {shown} has a line break in it."
                        : $"The kubelet flag {shown} has the control character U+{(int)character:X4}.",
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
            $"{shown} is not a kubelet flag: it does not begin with `--`.",
            !char.IsAscii(text[0])
                ? $"It begins with the character {Quoted.Text(text[..1])}: write plain hyphens and quotes, as in `--name=value`."
                : text.Contains('=', StringComparison.Ordinal) && !text.Contains(' ', StringComparison.Ordinal)
                ? $"Did you mean {Shown("--" + text)}?"
                : "Write each flag as `--name=value`.",
            scalar.Origin,
            path);
        return false;
    }
}
