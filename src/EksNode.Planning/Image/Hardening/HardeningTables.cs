using System.Collections.Immutable;

namespace EksNode.Planning.Image.Hardening;

/// <summary>A row of <c>data/image-controls.tsv</c>.</summary>
internal sealed class ImageControlRow
{
    /// <summary>The title and version of its benchmark.</summary>
    public required string Benchmark { get; init; }

    /// <summary>Its number in the benchmark.</summary>
    public required string Number { get; init; }

    /// <summary>The level from which on it applies, <see cref="HardeningTables.FipsLevel"/> included.</summary>
    public required string Level { get; init; }

    /// <summary>What becomes of it while no row of the other table satisfies it; null: rows should.</summary>
    public required ControlStatus? Verdict { get; init; }

    /// <summary>What it wants.</summary>
    public required string Title { get; init; }

    /// <summary>Why it is not applied.</summary>
    public required string Reason { get; init; }

    /// <summary>Why Debian and Ubuntu have nothing that it could be about; empty: they have.</summary>
    public required string Debian { get; init; }
}

/// <summary>A row of <c>data/image-hardening.tsv</c>: what satisfies controls.</summary>
internal sealed class HardeningRow
{
    /// <summary>The numbers of the controls, empty where a row only belongs to others.</summary>
    public required ImmutableArray<string> Controls { get; init; }

    /// <summary>The level of the image from which on it applies.</summary>
    public required string Level { get; init; }

    /// <summary>The family of distributions, or empty for all.</summary>
    public required string Family { get; init; }

    /// <summary>With what it does not apply: <c>efa</c>, <c>fips</c>; or empty.</summary>
    public required string Unless { get; init; }

    /// <summary>What it plans.</summary>
    public required string Kind { get; init; }

    /// <summary>The setting, path, package, unit or word that it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>The value.</summary>
    public required string Value { get; init; }

    /// <summary>Why, where the control does not say it.</summary>
    public required string Why { get; init; }
}

/// <summary>The tables of what hardens an image.</summary>
internal static class HardeningTables
{
    /// <summary>The level of what FIPS mode asks for, whatever the profile.</summary>
    public const string FipsLevel = "fips";

    private const string Apply = "apply";

    /// <summary>The controls, in the order of their benchmark.</summary>
    public static List<ImageControlRow> Controls()
    {
        var titles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in DataTable.Rows("compliance-benchmarks.tsv"))
        {
            titles.Add(row[0], $"{row[1]} {row[2]}");
        }

        var controls = new List<ImageControlRow>();
        foreach (var row in DataTable.Rows("image-controls.tsv"))
        {
            controls.Add(new ImageControlRow
            {
                Benchmark = titles[row[0]],
                Number = row[1],
                Level = row[2],
                Verdict = row[3] == Apply ? null : Verdict(row[3]),
                Title = row[4],
                Reason = row[5],
                Debian = row[6],
            });
        }

        return controls;
    }

    /// <summary>What satisfies them, in the order in which it is planned.</summary>
    public static List<HardeningRow> Rows()
    {
        var rows = new List<HardeningRow>();
        foreach (var row in DataTable.Rows("image-hardening.tsv"))
        {
            rows.Add(new HardeningRow
            {
                Controls = row[0].Length == 0 ? [] : [.. row[0].Split(' ')],
                Level = row[1],
                Family = row[2],
                Unless = row[3],
                Kind = row[4],
                Subject = row[5],
                Value = row[6],
                Why = row[7],
            });
        }

        return rows;
    }

    private static ControlStatus Verdict(string cell)
    {
        for (var status = ControlStatus.Exception; status <= ControlStatus.Later; status++)
        {
            if (ImageControl.Word(status) == cell)
            {
                return status;
            }
        }

        throw new InvalidOperationException($"A control has the verdict {cell}, which is none.");
    }
}
