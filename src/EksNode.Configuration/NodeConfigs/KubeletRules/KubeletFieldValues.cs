using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks the values of fields whose type is right, by the table <c>kubelet-value-rules.tsv</c>.</summary>
internal static class KubeletFieldValues
{
    // Node-pressure eviction, Kubernetes documentation.
    private static readonly string[] EvictionSignals =
    [
        "memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree",
        "containerfs.available", "containerfs.inodesFree", "pid.available", "allocatableMemory.available",
    ];

    private static readonly Lazy<Lookup<string, Rule>> Rules = new(() => DataTable.Rows("kubelet-value-rules.tsv")
        .Select(row => new Rule(row[0], row[1], row[2], DataTable.Minor(row[3]) ?? 0, DataTable.Minor(row[4]) ?? int.MaxValue))
        .ToLookup(rule => rule.Field, StringComparer.Ordinal));

    private sealed record Rule(string Field, string Kind, string Argument, int First, int Last)
    {
        public bool Holds(int minor) => minor >= First && minor <= Last;
    }

    /// <summary>Whether a value of the field is refused only after the document was accepted, when the kubelet's managers start.</summary>
    public static bool IsRefusedLater(string field, KubeletRun run)
    {
        foreach (var rule in Rules.Value[field])
        {
            if (rule.Kind == "late" && (run.Minor is not { } minor || rule.Holds(minor)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The fields that have rules.</summary>
    public static ImmutableArray<string> Fields => [.. Rules.Value.Select(group => group.Key).Order(StringComparer.Ordinal)];

    /// <summary>Checks one value.</summary>
    public static void Check(KubeletField field, TreeNode value, KubeletRun run, string path)
    {
        if (IsRefusedLater(field.Path, run))
        {
            run = run.Later();
        }

        if (field.Type.StartsWith("enum:", StringComparison.Ordinal) && value is TreeScalar word && word.Text.Length > 0)
        {
            Choice(field.Type["enum:".Length..].Split('|'), word, run, path);
        }

        // When the version is not known, only rules that hold in every minor are sure.
        foreach (var rule in Rules.Value[field.Path])
        {
            if (run.Minor is { } minor ? rule.Holds(minor) : rule is { First: 0, Last: int.MaxValue } && rule.Kind != "gate")
            {
                Apply(rule, value, run, path);
            }
        }
    }

    private static void Apply(Rule rule, TreeNode value, KubeletRun run, string path)
    {
        switch (rule.Kind, value)
        {
            case ("choices", TreeList list):
                for (var i = 0; i < list.Items.Length; i++)
                {
                    // A null item is an empty word to the kubelet.
                    if (list.Items[i] is TreeScalar item)
                    {
                        Choice(rule.Argument.Split('|'), item.Kind == ScalarKind.Null ? TreeScalar.Of("", item.Origin) : item, run, SettingPath.Item(path, i));
                    }
                }

                break;
            case ("choices", TreeScalar scalar):
                Choice(rule.Argument.Split('|'), scalar, run, path);
                break;
            case ("unique", TreeList list):
                Unique(list, run, path);
                break;
            case ("range", TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } scalar):
                if (decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
                {
                    Range(rule.Argument, amount, scalar, run, path);
                }
                else
                {
                    Refused(rule.Argument, scalar, run, path);
                }

                break;
            case ("quantity", TreeScalar scalar):
                QuantityRange(rule.Argument, scalar, run, path);
                break;
            case ("duration", TreeScalar { Kind: ScalarKind.String } scalar):
                DurationRange(rule.Argument, scalar, run, path);
                break;
            case ("path", TreeScalar scalar) when scalar.Text.Length > 0:
                FolderPath(scalar, run, path);
                break;
            case ("ip", TreeScalar scalar) when scalar.Text.Length > 0:
                if (IpLiteral.Parse(scalar.Text).Problem is { } bad)
                {
                    run.Report(DiagnosticCatalogue.BadIpAddress, bad, scalar.Origin, path);
                }

                break;
            case ("addresses", TreeList list):
                for (var i = 0; i < list.Items.Length; i++)
                {
                    if (list.Items[i] is TreeScalar { Kind: ScalarKind.String } item && IpLiteral.Parse(item.Text).Problem is { } noAddress)
                    {
                        run.Warn(DiagnosticCatalogue.BadIpAddress, noAddress, item.Origin, SettingPath.Item(path, i));
                    }
                }

                break;
            case ("runtime-endpoint" or "tracing-endpoint", TreeScalar scalar):
                KubeletEndpoints.Check(rule.Kind, scalar, run, path);
                break;
            case ("images", TreeList list):
                KubeletImagePatterns.Check(list, run, path);
                break;
            case ("previous-minor", TreeScalar scalar) when scalar.Text.Length > 0 && run.Minor is { } current:
                Choice(["", string.Create(CultureInfo.InvariantCulture, $"1.{current - 1}")], scalar, run, path);
                break;
            case ("cpuset", TreeScalar scalar):
                CpuSet(scalar, run, path);
                break;
            case ("resources", TreeMap map):
                Resources(rule.Argument.Split('|'), map, run, path);
                break;
            case ("signals" or "signal-durations", TreeMap map):
                Signals(map, rule.Kind == "signal-durations", run, path);
                break;
        }
    }

    /// <summary>The fields with a rule of a kind, and its argument: gates that fields need (<c>gate</c>: <c>NAME=VALUE</c>, a value that needs none).</summary>
    public static IEnumerable<(string Field, string Argument)> Of(string kind)
    {
        foreach (var group in Rules.Value)
        {
            foreach (var rule in group)
            {
                if (rule.Kind == kind)
                {
                    yield return (rule.Field, rule.Argument);
                }
            }
        }
    }

    private static void Unique(TreeList list, KubeletRun run, string path)
    {
        for (var i = 1; i < list.Items.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (list.Items[i] is TreeScalar later && list.Items[j] is TreeScalar earlier && later.Text == earlier.Text)
                {
                    run.Report(
                        DiagnosticCatalogue.KubeletFieldValue, $"`{path}` has {Quoted.Text(later.Text)} twice: the kubelet refuses it.", "Keep one of them.",
                        later.Origin, SettingPath.Item(path, i));
                    break;
                }
            }
        }
    }

    private static void Choice(string[] choices, TreeScalar scalar, KubeletRun run, string path)
    {
        if (Array.Exists(choices, c => c == scalar.Text))
        {
            return;
        }

        var words = choices.Where(c => c.Length > 0).ToList();
        run.Report(
            DiagnosticCatalogue.KubeletFieldValue,
            words.Count <= 8
                ? $"`{path}` must be {Quoted.Choices(words)}, but it is {Quoted.Text(scalar.Text)}: the kubelet refuses it."
                : $"`{path}` has the value {Quoted.Text(scalar.Text)}, which the kubelet does not know.",
            Suggestions.DidYouMean(scalar.Text, words, words.Count == 1 ? $"Write {Quoted.Choices(words)}, or leave it out." : words.Count <= 8 ? "Write one of these." : "Correct it, or leave it out."),
            scalar.Origin,
            path);
    }

    private static void Range(string argument, decimal number, TreeScalar scalar, KubeletRun run, string path)
    {
        if (!Bounds(argument, text => decimal.Parse(text, CultureInfo.InvariantCulture)).Contains(number))
        {
            Refused(argument, scalar, run, path);
        }
    }

    private static void QuantityRange(string argument, TreeScalar scalar, KubeletRun run, string path, bool cpu = false)
    {
        if (!Quantity.Parse(scalar.Text, cpu).TryGet(out var quantity, out var problem))
        {
            run.Report(DiagnosticCatalogue.BadQuantity, problem, scalar.Origin, path);
        }
        else
        {
            Range(argument, quantity.Value, scalar, run, path);
        }
    }

    private static void DurationRange(string argument, TreeScalar scalar, KubeletRun run, string path)
    {
        var bar = argument.IndexOf('|', StringComparison.Ordinal);
        var nanoseconds = GoDuration.Parse(scalar.Text).Value.Nanoseconds;
        if ((bar < 0 || nanoseconds != 0) && !Bounds(argument[(bar + 1)..], text => GoDuration.Parse(text).Value.Nanoseconds).Contains(nanoseconds))
        {
            Refused(argument, scalar, run, path);
        }
    }

    private static void Refused(string argument, TreeScalar scalar, KubeletRun run, string path) => run.Report(
        DiagnosticCatalogue.KubeletFieldValue,
        $"`{path}` is {Quoted.Text(scalar.Text)}: the kubelet refuses it.",
        Allowed(argument),
        scalar.Origin,
        path);

    private static string Allowed(string argument)
    {
        var bar = argument.IndexOf('|', StringComparison.Ordinal);
        var zero = bar < 0 ? "" : "0, or ";
        var range = argument[(bar + 1)..];
        var dots = range.IndexOf("..", StringComparison.Ordinal);
        var (least, most) = (range[..dots], range[(dots + 2)..]);
        return (least.EndsWith('<'), most.Length) switch
        {
            (true, 0) => $"Write {zero}more than {least[..^1]}.",
            (true, _) => $"Write {zero}more than {least[..^1]}, and at most {most}.",
            (false, 0) => $"Write {zero}{least} or more.",
            _ => $"Write {zero}{least} to {most}.",
        };
    }

    private static Interval Bounds(string range, Func<string, decimal> read)
    {
        var dots = range.IndexOf("..", StringComparison.Ordinal);
        var (least, most) = (range[..dots], range[(dots + 2)..]);
        var open = least.EndsWith('<');
        return new Interval(read(open ? least[..^1] : least), open, most.Length == 0 ? null : read(most));
    }

    private readonly record struct Interval(decimal Least, bool Open, decimal? Most)
    {
        public bool Contains(decimal number) => (Open ? number > Least : number >= Least) && (Most is null || number <= Most);
    }

    // The kubelet compares with Go's filepath.Clean, so that a slash at the end is refused, too, and takes ASCII alone.
    private static void FolderPath(TreeScalar scalar, KubeletRun run, string path)
    {
        if (!AbsolutePath.Parse(scalar.Text).TryGet(out var clean, out var problem))
        {
            // It would take a control character.
            (scalar.Text.Any(char.IsControl) ? run.Later() : run).Report(DiagnosticCatalogue.BadPath, problem, scalar.Origin, path);
        }
        else if (clean != scalar.Text || !System.Text.Ascii.IsValid(scalar.Text))
        {
            run.Report(
                DiagnosticCatalogue.BadPath,
                $"The path {Quoted.Text(scalar.Text)} {(clean != scalar.Text ? "ends with a slash" : "has characters outside of ASCII")}: the kubelet refuses it.",
                clean != scalar.Text ? $"Write {Quoted.Text(clean)}." : "Write it with ASCII characters alone.",
                scalar.Origin,
                path);
        }
    }

    private static void CpuSet(TreeScalar scalar, KubeletRun run, string path)
    {
        foreach (var part in scalar.Text.Length == 0 ? [] : scalar.Text.Split(','))
        {
            var hyphen = part.IndexOf('-', StringComparison.Ordinal);
            var good = hyphen < 0
                ? Cpu(part) is not null
                : Cpu(part[..hyphen]) is { } first && Cpu(part[(hyphen + 1)..]) is { } last && first <= last;
            if (!good)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldValue,
                    $"`{path}` is not a set of CPUs: {Quoted.Text(part)} is no CPU and no range.",
                    "Write numbers and ranges, such as `0-1,4`.",
                    scalar.Origin,
                    path);
                return;
            }
        }
    }

    private static int? Cpu(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Resources(string[] names, TreeMap map, KubeletRun run, string path)
    {
        foreach (var entry in map.Entries)
        {
            var itemPath = SettingPath.Child(path, entry.Key);
            if (!Array.Exists(names, n => n == entry.Key))
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldValue,
                    $"The kubelet cannot reserve the resource {Quoted.Text(entry.Key)}: it refuses it.",
                    $"Write {Quoted.Choices(names)}.",
                    entry.KeyOrigin,
                    itemPath);
            }
            else if (entry.Value is TreeScalar { Kind: ScalarKind.String } scalar)
            {
                QuantityRange("0..", scalar, run, itemPath, entry.Key == "cpu");
            }
        }
    }

    private static void Signals(TreeMap map, bool durations, KubeletRun run, string path)
    {
        foreach (var entry in map.Entries)
        {
            var itemPath = SettingPath.Child(path, entry.Key);
            if (!Array.Exists(EvictionSignals, s => s == entry.Key))
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldValue,
                    $"There is no eviction signal {Quoted.Text(entry.Key)}: the kubelet refuses it.",
                    Suggestions.DidYouMean(entry.Key, EvictionSignals, "Write a signal such as `memory.available` or `nodefs.available`."),
                    entry.KeyOrigin,
                    itemPath);
            }

            if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                continue;
            }

            if (durations)
            {
                if (GoDuration.Parse(scalar.Text).Problem is { } bad)
                {
                    run.Report(DiagnosticCatalogue.BadDuration, bad, scalar.Origin, itemPath);
                }
            }
            else
            {
                Threshold(scalar, run, itemPath);
            }
        }
    }

    private static void Threshold(TreeScalar scalar, KubeletRun run, string path)
    {
        if (!scalar.Text.EndsWith('%'))
        {
            QuantityRange("0..", scalar, run, path);
        }
        else if (!decimal.TryParse(scalar.Text.AsSpan(0, scalar.Text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            || percent > 100)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldValue,
                $"`{path}` is {Quoted.Text(scalar.Text)}: the kubelet refuses it.",
                "Write a percentage from `0%` to `100%`, or a quantity.",
                scalar.Origin,
                path);
        }
    }
}
