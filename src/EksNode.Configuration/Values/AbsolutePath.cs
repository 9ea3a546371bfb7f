namespace EksNode.Configuration.Values;

/// <summary>An absolute, normalised path: it begins with <c>/</c> and has no empty, <c>.</c> or <c>..</c> segment.</summary>
public static class AbsolutePath
{
    private const int LongestPath = 4095;
    private const int LongestSegment = 255;

    /// <summary>Reads a path; one slash at its end is dropped. Limits: Linux PATH_MAX and NAME_MAX.</summary>
    public static ValueResult<string> Parse(string text)
    {
        if (!text.StartsWith('/'))
        {
            // A file's name alone may be anywhere.
            return new ValueProblem(
                $"The path {Quoted.Text(text)} is not absolute.",
                text.TrimStart('.', '/', '~') is var rest && (rest.Contains('/', StringComparison.Ordinal) || !rest.Contains('.', StringComparison.Ordinal)) ? $"Write {Quoted.Text("/" + rest)}, beginning with `/`." : "Write the whole path, beginning with `/`.");
        }

        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return new ValueProblem($"The path {Quoted.Text(text)} has a control character.", "Leave it out: the path becomes part of a unit.");
            }
        }

        var path = text.Length > 1 && text.EndsWith('/') ? text[..^1] : text;
        var segments = path[1..].Split('/');
        if (path.Length > LongestPath || Array.Exists(segments, s => System.Text.Encoding.UTF8.GetByteCount(s) > LongestSegment))
        {
            return new ValueProblem($"The path {Quoted.Text(text)} is too long.", $"A segment has at most {LongestSegment} bytes, a path {LongestPath}.");
        }

        return path.Length > 1 && Array.Exists(segments, s => s is "" or "." or "..")
            ? new ValueProblem($"The path {Quoted.Text(text)} is not normalised.", $"Did you mean {Quoted.Text(Normalise(segments))}?")
            : path;
    }

    private static string Normalise(string[] segments)
    {
        var result = new List<string>();
        foreach (var segment in segments)
        {
            if (segment == ".." && result.Count > 0)
            {
                result.RemoveAt(result.Count - 1);
            }
            else if (segment is not ("" or "." or ".."))
            {
                result.Add(segment);
            }
        }

        return "/" + string.Join('/', result);
    }
}
