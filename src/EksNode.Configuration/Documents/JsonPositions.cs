using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Documents;

/// <summary>Turns byte positions of a UTF-8 text into origins, whose columns count characters.</summary>
internal sealed class JsonPositions
{
    private readonly byte[] bytes;
    private readonly SourcePlace place;
    private readonly List<int> starts = [0];

    // Where the last position was: tokens come in order, so that a long line is counted only once.
    private (int Start, int Byte, int Column) last;

    /// <summary>Finds the lines of the text.</summary>
    public JsonPositions(byte[] bytes, SourcePlace place)
    {
        this.bytes = bytes;
        this.place = place;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
            {
                starts.Add(i + 1);
            }
        }
    }

    /// <summary>The origin of a byte of the text.</summary>
    public Origin At(long index)
    {
        var at = starts.BinarySearch((int)index);
        var line = at >= 0 ? at : ~at - 1;
        return At(line, (int)index - starts[line]);
    }

    /// <summary>The origin of a byte of a line, both counted from 0.</summary>
    public Origin At(int line, int byteInLine)
    {
        line = Math.Clamp(line, 0, starts.Count - 1);
        var start = starts[line];
        var end = start + Math.Clamp(byteInLine, 0, bytes.Length - start);
        if (last.Start != start || last.Byte > end)
        {
            last = (start, start, 0);
        }

        last = (start, end, last.Column + Encoding.UTF8.GetCharCount(bytes, last.Byte, end - last.Byte));
        return place.At(line, last.Column);
    }
}
