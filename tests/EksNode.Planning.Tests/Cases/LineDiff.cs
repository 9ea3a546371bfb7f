using System.Text;

namespace EksNode.Planning.Tests.Cases;

/// <summary>The difference of two texts, line by line, with two lines of context.</summary>
internal static class LineDiff
{
    private const int Context = 2;

    public static string Of(string expected, string actual)
    {
        var (a, b) = (expected.Split('\n'), actual.Split('\n'));
        var lines = Script(a, b);
        var shown = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            for (var near = Math.Max(0, i - Context); lines[i].Mark != ' ' && near <= Math.Min(lines.Count - 1, i + Context); near++)
            {
                shown[near] = true;
            }
        }

        var text = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            if (shown[i])
            {
                text.Append("    ").Append(lines[i].Mark).Append(lines[i].Line).Append('\n');
            }
            else if (i > 0 && shown[i - 1])
            {
                text.Append("    …\n");
            }
        }

        return text.ToString();
    }

    private static List<(char Mark, string Line)> Script(string[] a, string[] b)
    {
        // Length of the longest common subsequence of what follows.
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
            {
                common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var script = new List<(char Mark, string Line)>();
        var (x, y) = (0, 0);
        while (x < a.Length || y < b.Length)
        {
            if (x < a.Length && y < b.Length && a[x] == b[y])
            {
                script.Add((' ', a[x++]));
                y++;
            }
            else if (y == b.Length || (x < a.Length && common[x + 1, y] >= common[x, y + 1]))
            {
                script.Add(('-', a[x++]));
            }
            else
            {
                script.Add(('+', b[y++]));
            }
        }

        return script;
    }
}
