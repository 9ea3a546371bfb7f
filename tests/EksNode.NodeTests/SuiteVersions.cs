namespace EksNode.NodeTests;

/// <summary>The Debian packages that a run used, against those that the tests last passed with: a failure may be a suite that moved.</summary>
internal static class SuiteVersions
{
    /// <summary>What moved, for a report of a failure.</summary>
    public static string Moved(NodeTestOptions options)
    {
        var known = Read(Path.Combine(AppContext.BaseDirectory, "suite-versions.txt"));
        var found = Read(Path.Combine(options.Work, "versions"));
        var moved = found.Where(pair => known.GetValueOrDefault(pair.Key) != pair.Value)
            .Select(pair => $"{pair.Key} is {pair.Value}, was {known.GetValueOrDefault(pair.Key, "not there")}").ToList();
        return moved.Count == 0
            ? "The Debian packages are those that these tests passed with."
            : $"Debian's suite has moved since these tests last passed; that may be all that is wrong:\n{string.Join('\n', moved)}";
    }

    private static Dictionary<string, string> Read(string path) => File.ReadLines(path)
        .Select(line => line.Split(' ', 2))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
