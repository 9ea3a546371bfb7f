using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Host.Services;

/// <summary>What is known about why a service fails.</summary>
/// <param name="Cause">The likely cause, as a clause; empty when only the help is known.</param>
/// <param name="Help">What to do: one or more sentences.</param>
public sealed record FailureHint(string Cause, string Help);

/// <summary>
/// Finds the likely cause of a failure: first what eksnode predicted when it read the configuration, then what the service's last
/// lines say, by the table <c>data/service-failures.tsv</c>.
/// </summary>
public static class FailureHints
{
    private static readonly Lazy<ImmutableArray<Row>> rows = new(Load);

    /// <summary>The hint, or null when nothing is known.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="lines">The last lines of its log.</param>
    /// <param name="diagnostics">What this run found.</param>
    public static FailureHint? Find(string unit, IReadOnlyList<string> lines, IEnumerable<Diagnostic> diagnostics)
    {
        var predicted = diagnostics.Where(d => IsPrediction(unit, d)).ToList();
        var said = rows.Value.FirstOrDefault(r => r.Fits(unit, lines));
        if (predicted.Count == 0)
        {
            return said is null ? null : new FailureHint(said.Cause, said.Help);
        }

        var first = predicted[0];
        var more = predicted.Count == 1 ? "" : FormattableString.Invariant($" (and {predicted.Count - 1} more predictions above)");
        var place = first.Origin is { } origin ? $" at {origin}" : "";
        return new FailureHint($"what was predicted as {first.Code}{place}: {first.Message.TrimEnd('.')}{more}", first.Help);
    }

    // EKN04xx: what a kubelet refuses. EKN05xx: what containerd refuses; EKN0509 is what keeps the kubelet from it. EKN0609: both together.
    private static bool IsPrediction(string unit, Diagnostic diagnostic)
    {
        var code = diagnostic.Code;
        return diagnostic.Severity == Severity.Warning && (unit switch
        {
            ServiceUnits.Kubelet => code.StartsWith("EKN04", StringComparison.Ordinal) || code is "EKN0509" or "EKN0609" or "EKN0612",
            ServiceUnits.Containerd => code.StartsWith("EKN05", StringComparison.Ordinal) && code != "EKN0509",
            _ => false,
        });
    }

    private static ImmutableArray<Row> Load()
    {
        var found = new List<Row>();
        foreach (var cells in EmbeddedTable.Rows(typeof(FailureHints).Assembly, "service-failures.tsv"))
        {
            found.Add(new Row(cells[0], cells[1], cells[2], cells[3]));
        }

        return found.ToImmutable();
    }

    private sealed record Row(string Unit, string Pattern, string Cause, string Help)
    {
        public bool Fits(string unit, IReadOnlyList<string> lines) =>
            (Unit == "*" || Unit == unit) && lines.Any(l => l.Contains(Pattern, StringComparison.OrdinalIgnoreCase));
    }
}
