using System.Collections.Immutable;
using System.Globalization;

namespace EksNode.StandInKubelet;

/// <summary>The tables of what kubelets accept: flags, configuration fields and feature gates of this minor.</summary>
internal static class Tables
{
    /// <summary>The kubelet that this program stands in for.</summary>
    public const int Minor = 33;

    public static string Version => $"v1.{Minor.ToString(CultureInfo.InvariantCulture)}.0";

    /// <summary>Flags with their types.</summary>
    public static ImmutableDictionary<string, string> Flags { get; } = Rows("kubelet-flags.tsv")
        .Where(row => Since(row[5]) <= Minor && Until(row[6]) >= Minor)
        .ToImmutableDictionary(row => row[0], row => row[1], StringComparer.Ordinal);

    /// <summary>Configuration fields, <c>a.b</c> and <c>a[].b</c>, with their types.</summary>
    public static ImmutableDictionary<string, string> Fields { get; } = Rows("kubelet-configuration-fields.tsv")
        .Where(row => Since(row[3]) <= Minor && Until(row[4]) >= Minor)
        .ToImmutableDictionary(row => row[0], row => row[1], StringComparer.Ordinal);

    /// <summary>Feature gates that this minor knows.</summary>
    public static ImmutableHashSet<string> Gates { get; } = ReadGates();

    private static ImmutableHashSet<string> ReadGates()
    {
        var lines = Lines("kubelet-feature-gates.tsv");
        var column = Array.IndexOf(lines[0].Split('\t'), $"1.{Minor.ToString(CultureInfo.InvariantCulture)}");
        return [.. lines.Skip(1).Select(line => line.Split('\t')).Where(row => row[column] is not ("-" or "")).Select(row => row[0])];
    }

    private static IEnumerable<string[]> Rows(string name) => Lines(name).Skip(1).Select(line => line.Split('\t'));

    private static string[] Lines(string name)
    {
        using var stream = typeof(Tables).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // `1.33`, `<=1.30`, `current (1.36)`, `1.36 (current)`.
    private static int Since(string text) => text.StartsWith("<=", StringComparison.Ordinal) ? 0 : Number(text);

    private static int Until(string text) => text.Contains("current", StringComparison.Ordinal) ? int.MaxValue : Number(text);

    private static int Number(string text) => int.Parse(text.AsSpan(text.IndexOf('.', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
}
