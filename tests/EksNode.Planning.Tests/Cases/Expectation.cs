using System.Text;

namespace EksNode.Planning.Tests.Cases;

/// <summary>
/// The stored files of a case: <c>expected/</c>. A file for several members of the matrix is stored once; a case other than
/// <c>plain</c> stores only what differs from plain's for the same member, and in <c>removed</c> what plain has and it has not.
/// </summary>
internal static class Expectation
{
    private const string Removed = "removed";

    /// <summary>The effects of each member, as stored.</summary>
    /// <param name="stored">The stored files by their path below <c>expected/</c>.</param>
    /// <param name="plain">The effects of plain; null when this is plain.</param>
    public static Dictionary<MatrixMember, SortedDictionary<string, string>> Read(
        IReadOnlyDictionary<string, string> stored, IReadOnlyDictionary<MatrixMember, SortedDictionary<string, string>>? plain)
    {
        var files = stored.Select(f => (Parsed: MatrixRange.Parse(f.Key), Text: f.Value)).OrderByDescending(f => f.Parsed.Range.Size).ToList();
        var all = new Dictionary<MatrixMember, SortedDictionary<string, string>>();
        foreach (var member in MatrixMember.All)
        {
            var own = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var ((name, _), text) in files.Where(f => f.Parsed.Range.Contains(member)))
            {
                own[name] = text;
            }

            var removed = own.Remove(Removed, out var paths) ? paths.Split('\n') : [];
            var effects = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, text) in plain?[member].Where(f => !removed.Contains(f.Key)).Concat(own) ?? own)
            {
                effects[name] = text;
            }

            all.Add(member, effects);
        }

        return all;
    }

    /// <summary>The files to store for the effects, as few as can be.</summary>
    /// <param name="effects">The effects of each member.</param>
    /// <param name="plain">The effects of plain; null when this is plain.</param>
    public static SortedDictionary<string, string> Store(
        IReadOnlyDictionary<MatrixMember, SortedDictionary<string, string>> effects,
        IReadOnlyDictionary<MatrixMember, SortedDictionary<string, string>>? plain)
    {
        var stored = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in effects.SelectMany(e => e.Value.Keys).Distinct())
        {
            Add(path, effects
                .Where(e => e.Value.TryGetValue(path, out var text) && (plain is null || !plain[e.Key].TryGetValue(path, out var same) || same != text))
                .ToDictionary(e => e.Key, e => e.Value[path]));
        }

        Add(Removed, effects
            .Select(e => (e.Key, Paths: string.Concat((plain?[e.Key].Keys ?? Enumerable.Empty<string>()).Where(p => !e.Value.ContainsKey(p)).Select(p => p + "\n"))))
            .Where(e => e.Paths.Length > 0)
            .ToDictionary(e => e.Key, e => e.Paths));
        return stored;

        void Add(string path, Dictionary<MatrixMember, string> texts)
        {
            foreach (var (range, text) in MatrixRange.Of(texts, StringComparer.Ordinal))
            {
                stored.Add(path + range, text);
            }
        }
    }

    public static SortedDictionary<string, string> Load(string folder)
    {
        var stored = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(folder))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                stored.Add(Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllText(file, Encoding.UTF8));
            }
        }

        return stored;
    }

    /// <summary>Makes the folder hold exactly these files; one that is already as it should be is not written.</summary>
    public static void Save(string folder, IReadOnlyDictionary<string, string> files)
    {
        var before = Load(folder);
        foreach (var path in before.Keys.Where(p => !files.ContainsKey(p)))
        {
            File.Delete(Path.Combine(folder, path));
        }

        foreach (var (path, text) in files.Where(f => !before.TryGetValue(f.Key, out var same) || same != f.Value))
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }
}
