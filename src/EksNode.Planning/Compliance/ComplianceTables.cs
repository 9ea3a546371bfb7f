using System.Collections.Immutable;

namespace EksNode.Planning.Compliance;

/// <summary>What a control asks of a file that join writes.</summary>
internal enum ControlRule
{
    /// <summary>The setting gets the value.</summary>
    Set,

    /// <summary>The setting has the value without any profile.</summary>
    Has,

    /// <summary>The setting is not in the file.</summary>
    Unset,

    /// <summary>The file has no more permission bits than the value.</summary>
    Mode,

    /// <summary>The file belongs to root, as all that join writes does.</summary>
    Owner,
}

/// <summary>One rule of one control.</summary>
/// <param name="Id">The control with its benchmark: <c>CIS Amazon EKS 1.8.0 3.2.5</c>.</param>
/// <param name="File">The path of the file.</param>
/// <param name="Setting">The dotted setting in the file; empty when the rule is about the file itself.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Value">Its value, as the table has it.</param>
/// <param name="Why">Why it is this value, as a clause; may be empty.</param>
internal sealed record ControlRow(string Id, string File, string Setting, ControlRule Rule, string Value, string Why);

/// <summary>The tables of <c>data/compliance-*.tsv</c>: profiles, the benchmarks that they apply, and what these ask of a node's files.</summary>
internal sealed class ComplianceTables
{
    /// <summary>The benchmark of FIPS mode, which applies by the fact <c>image.fips</c> whatever the profile.</summary>
    public const string Fips = "fips";

    private static readonly Lazy<ComplianceTables> Loaded = new(() => new ComplianceTables());

    private readonly Dictionary<string, ImmutableArray<ControlRow>> rowsByBenchmark = new(StringComparer.Ordinal);

    private ComplianceTables()
    {
        var titles = DataTable.Rows("compliance-benchmarks.tsv").ToDictionary(r => r[0], r => $"{r[1]} {r[2]}", StringComparer.Ordinal);
        foreach (var benchmark in DataTable.Rows("compliance-node-settings.tsv").GroupBy(r => r[0], StringComparer.Ordinal))
        {
            rowsByBenchmark.Add(
                benchmark.Key,
                [.. benchmark.Select(r => new ControlRow($"{titles[r[0]]} {r[1]}", r[2], r[3], Rule(r[4]), r[5], r[6]))]);
        }

        Profiles = SortedMap.Empty<ImmutableArray<string>>().With(DataTable.Rows("compliance-profiles.tsv")
            .Select(r => new KeyValuePair<string, ImmutableArray<string>>(r[0], [.. r[1].Split(' ')])));
    }

    /// <summary>The tables.</summary>
    public static ComplianceTables Default => Loaded.Value;

    /// <summary>The benchmarks of each profile, those that win last.</summary>
    public SortedMap<ImmutableArray<string>> Profiles { get; }

    /// <summary>What a benchmark asks.</summary>
    public ImmutableArray<ControlRow> RowsOf(string benchmark) => rowsByBenchmark[benchmark];

    private static ControlRule Rule(string cell) => cell switch
    {
        "set" => ControlRule.Set,
        "has" => ControlRule.Has,
        "unset" => ControlRule.Unset,
        "mode" => ControlRule.Mode,
        "owner" => ControlRule.Owner,
        _ => throw new InvalidOperationException($"A control has the rule {cell}, which is none."),
    };
}
