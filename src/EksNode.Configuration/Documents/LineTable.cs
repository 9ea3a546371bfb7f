namespace EksNode.Configuration.Documents;

/// <summary>Where each line of a text begins, with the line breaks of YAML 1.1 (LF, CRLF, CR, NEL, LS, PS). Lines count from 0.</summary>
internal sealed class LineTable
{
    private readonly string text;
    private readonly List<int> starts = [0];

    /// <summary>Finds the lines of the text.</summary>
    public LineTable(string text)
    {
        this.text = text;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsBreak(text[i]) && !(text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n'))
            {
                starts.Add(i + 1);
            }
        }
    }

    /// <summary>The number of lines.</summary>
    public int Count => starts.Count;

    /// <summary>The line without its break; empty when there is no such line.</summary>
    public ReadOnlySpan<char> this[int line]
    {
        get
        {
            if (line < 0 || line >= starts.Count)
            {
                return [];
            }

            var end = line + 1 < starts.Count ? starts[line + 1] : text.Length;
            while (end > starts[line] && IsBreak(text[end - 1]))
            {
                end--;
            }

            return text.AsSpan(starts[line], end - starts[line]);
        }
    }

    /// <summary>The line and the column, both from 0, of an index into the text.</summary>
    public (int Line, int Column) Find(int index)
    {
        var at = starts.BinarySearch(index);
        var line = at >= 0 ? at : ~at - 1;
        return (line, index - starts[line]);
    }

    private static bool IsBreak(char c) => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';
}
