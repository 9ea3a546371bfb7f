using System.Text;

namespace EksNode.Host.Engine;

/// <summary>
/// The text of a hosts file with eksnode's blocks in it. A block is <c># eksnode begin NAME</c>, one line for each address,
/// <c># eksnode end</c>; no other line is ever touched. Bytes, not text: other lines may be in any encoding.
/// </summary>
/// <param name="content">The bytes of the file.</param>
/// <param name="observed">What is at the path.</param>
internal sealed class HostsFile(byte[] content, ObservedObject observed)
{
    /// <summary>The bytes as they are now.</summary>
    public byte[] Content { get; private set; } = content;

    /// <summary>What is at the path on disk.</summary>
    public ObservedObject Observed { get; } = observed;

    /// <summary>The block of a name as eksnode writes it.</summary>
    public static string Block(string name, IEnumerable<string> addresses)
    {
        var text = new StringBuilder().Append("# eksnode begin ").Append(name).Append('\n');
        foreach (var address in addresses)
        {
            text.Append(address).Append('\t').Append(name).Append('\n');
        }

        return text.Append("# eksnode end\n").ToString();
    }

    /// <summary>The block of a name as it is in the file, or null.</summary>
    public string? Find(string name) => Locate(name) is { } at ? Encoding.UTF8.GetString(Content[at]) : null;

    /// <summary>Puts a block in place of the one with its name, or at the end.</summary>
    public void Put(string name, string block)
    {
        var bytes = Encoding.UTF8.GetBytes(block);
        if (Locate(name) is { } at)
        {
            Content = [.. Content[..at.Start], .. bytes, .. Content[at.End..]];
        }
        else if (Content.Length > 0 && Content[^1] != '\n')
        {
            Content = [.. Content, (byte)'\n', .. bytes];
        }
        else
        {
            Content = [.. Content, .. bytes];
        }
    }

    /// <summary>Takes a block out.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="withLineEnd">Whether the end of the line before it goes too, when the block is the last of the file.</param>
    public void Remove(string name, bool withLineEnd = false)
    {
        if (Locate(name) is { } at)
        {
            var isLast = at.End.Value == Content.Length;
            Content = [.. Content[..at.Start], .. Content[at.End..]];
            if (withLineEnd && isLast && Content is [.., (byte)'\n'])
            {
                Content = Content[..^1];
            }
        }
    }

    // A block whose end somebody deleted ends before the first line that is not one of its own: nothing else may be lost.
    private Range? Locate(string name)
    {
        var begin = Encoding.UTF8.GetBytes("# eksnode begin " + name);
        var own = Encoding.UTF8.GetBytes("\t" + name);
        var inside = false;
        var start = 0;
        for (var at = 0; at < Content.Length;)
        {
            var next = Content.AsSpan(at).IndexOf((byte)'\n') is var length and >= 0 ? at + length + 1 : Content.Length;
            var line = Content.AsSpan(at..next).TrimEnd("\r\n"u8);
            if (!inside)
            {
                inside = line.SequenceEqual(begin);
                start = at;
            }
            else if (line.SequenceEqual("# eksnode end"u8))
            {
                return start..next;
            }
            else if (!line.EndsWith(own))
            {
                return start..at;
            }

            at = next;
        }

        return inside ? start..Content.Length : null;
    }
}
