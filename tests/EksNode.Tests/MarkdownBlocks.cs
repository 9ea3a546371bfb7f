using System.Text.RegularExpressions;

namespace EksNode.Tests;

/// <summary>A block of code of a Markdown page, fenced or indented.</summary>
/// <param name="Line">Its first line; of a fenced one the fence.</param>
/// <param name="Text">Its lines, without their common indentation.</param>
/// <param name="Before">The last line of text before it.</param>
/// <param name="Language">The language that its fence names.</param>
internal sealed record MarkdownBlock(int Line, string Text, string Before, string Language)
{
    /// <summary>Whether it is YAML by its fence, or begins as a document or a part of one does: with a key alone on its line, or one of every document.</summary>
    public bool LooksLikeYaml => Language is "yaml" or "yml"
        || Text.Split('\n').FirstOrDefault(l => l.Length > 0 && l[0] != '#') is { } first && Regex.IsMatch(first, @"^(apiVersion: |kind: |spec: |[A-Za-z]+:\s*(#.*)?$)");
}

/// <summary>Finds the blocks of code of a page.</summary>
internal static class MarkdownBlocks
{
    /// <param name="page">The page's text.</param>
    public static List<MarkdownBlock> Of(string page)
    {
        var blocks = new List<MarkdownBlock>();
        var lines = page.Split('\n');
        var before = "";
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var start = i;
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                var body = lines.Skip(i + 1).TakeWhile(l => !l.TrimStart().StartsWith("```", StringComparison.Ordinal)).ToList();
                i += body.Count + 1;
                blocks.Add(new MarkdownBlock(start + 1, Joined(body), before, line.Trim().Trim('`')));
            }
            else if (line.StartsWith("    ", StringComparison.Ordinal) && (i == 0 || lines[i - 1].Length == 0))
            {
                var body = lines.Skip(i).TakeWhile(l => l.Length == 0 || l.StartsWith("    ", StringComparison.Ordinal)).ToList();
                i += body.Count - 1;
                body.RemoveRange(body.FindLastIndex(l => l.Length > 0) + 1, body.Count - body.FindLastIndex(l => l.Length > 0) - 1);
                blocks.Add(new MarkdownBlock(start + 1, Joined(body), before, ""));
            }
            else if (line.Length > 0)
            {
                before = line;
            }
        }

        return blocks;
    }

    private static string Joined(List<string> lines)
    {
        var indent = lines.Where(l => l.Trim().Length > 0).Select(l => l.Length - l.TrimStart(' ').Length).DefaultIfEmpty(0).Min();
        return string.Concat(lines.Select(l => (l.Length > indent ? l[indent..] : "") + "\n"));
    }
}
