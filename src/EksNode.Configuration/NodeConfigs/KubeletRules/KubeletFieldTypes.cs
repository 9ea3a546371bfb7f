using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks the type of a field's value: what Go's JSON decoder would refuse.</summary>
internal sealed class KubeletFieldTypes(KubeletRun run)
{
    // Go types of more than 32 bits; all other integers of the configuration are int32.
    private static readonly string[] LongFields =
        ["podPidsLimit", "maxOpenFiles", "userNamespaces.idsPerPod", "shutdownGracePeriodByPodPriority[].shutdownGracePeriodSeconds"];

    /// <summary>Whether the value has the field's type; if not, it was reported.</summary>
    public bool Check(KubeletField field, TreeNode value, string path)
    {
        var type = field.Type;
        if (type.StartsWith("enum:", StringComparison.Ordinal))
        {
            return Text(value, path);
        }

        return type switch
        {
            "bool" => Bool(value, path),
            "int" => Integer(value, path, field),
            "number" => Number(value, path),
            "string" => Text(value, path),
            "duration" => Text(value, path, "Write a duration in quotes, such as `\"30s\"`.") && Duration(value, path),
            "duration-or-int" => value is TreeScalar { Kind: ScalarKind.Integer } || (Text(value, path) && Duration(value, path)),
            "time" => Text(value, path),
            "quantity" => QuantityValue(value, path),
            "object" => Expect(value is TreeMap, value, path, "a map", "Write its fields below it, indented."),
            "list<string>" => Items(value, path, item => Text(item.Node, item.Path)),
            "list<int>" => Items(value, path, item => Integer(item.Node, item.Path, field)),
            "list<object>" => Items(value, path, item => Expect(item.Node is TreeMap, item.Node, item.Path, "a map", "Write its fields after the `-`.")),
            "map<string>" => Entries(value, path, item => Text(item.Node, item.Path, ThresholdHelp(field, item.Node))),
            "map<bool>" => Entries(value, path, item => Bool(item.Node, item.Path)),
            "map<quantity>" => Entries(value, path, item => QuantityValue(item.Node, item.Path)),
            "map<list<string>>" => Entries(value, path, item => Items(item.Node, item.Path, inner => Text(inner.Node, inner.Path))),
            _ => throw new InvalidOperationException($"The table has the type {type}, which no rule checks."),
        };
    }

    private bool Bool(TreeNode value, string path) => Expect(
        value is TreeScalar { Kind: ScalarKind.Bool },
        value,
        path,
        "`true` or `false`",
        value is TreeScalar { Kind: ScalarKind.String } ? "Write `true` or `false` without quotes." : "Write `true` or `false`.");

    private bool Integer(TreeNode value, string path, KubeletField field)
    {
        if (value is not TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } scalar || !TryWhole(scalar.Text, out var number))
        {
            return Expect(
                false,
                value,
                path,
                "an integer",
                value is TreeScalar { Kind: ScalarKind.String } text && long.TryParse(text.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                    ? $"Write it without quotes: `{text.Text}`."
                    : "Write a whole number without quotes.");
        }

        var (least, most) = Array.Exists(LongFields, f => f == field.Path) ? (long.MinValue, (decimal)long.MaxValue) : (int.MinValue, int.MaxValue);
        return Expect(number >= least && number <= most, value, path, $"an integer from {least} to {most}", "Write a smaller number.");
    }

    private static bool TryWhole(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number == decimal.Truncate(number);

    private bool Number(TreeNode value, string path) => Expect(
        value is TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float }, value, path, "a number", "Write a number without quotes.");

    private bool Text(TreeNode value, string path, string? help = null) => Expect(
        value is TreeScalar { Kind: ScalarKind.String },
        value,
        path,
        "a string",
        help ?? (value is TreeScalar scalar ? SettingTypes.QuoteHelp(scalar) : "Write one value in quotes."));

    // A bare number of an eviction threshold would be bytes or inodes, which nobody means.
    private static string? ThresholdHelp(KubeletField field, TreeNode value) =>
        !field.Path.StartsWith("eviction", StringComparison.Ordinal) || value is not TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } number ? null
        : field.Path == "evictionSoftGracePeriod" ? $"Write a duration in quotes, such as `\"{number.Text}s\"`."
        : decimal.TryParse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) && amount is >= 0 and <= 100 ? $"Write it as a percentage in quotes: `\"{number.Text}%\"`."
        : "Write a percentage in quotes, such as `\"10%\"`, or an amount with its unit, such as `\"500Mi\"`.";

    private bool Duration(TreeNode value, string path)
    {
        if (value is not TreeScalar scalar || GoDuration.Parse(scalar.Text).TryGet(out _, out var problem))
        {
            return true;
        }

        run.Report(DiagnosticCatalogue.BadDuration, problem, value.Origin, path);
        return false;
    }

    private bool QuantityValue(TreeNode value, string path)
    {
        if (value is TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float })
        {
            return true;
        }

        if (!Text(value, path) || value is not TreeScalar scalar)
        {
            return false;
        }

        if (Quantity.Parse(scalar.Text).TryGet(out _, out var problem))
        {
            return true;
        }

        run.Report(DiagnosticCatalogue.BadQuantity, problem, value.Origin, path);
        return false;
    }

    // A null item is the zero value in Go: no error.
    private bool Items(TreeNode value, string path, Func<(TreeNode Node, string Path), bool> check)
    {
        if (value is not TreeList list)
        {
            return Expect(false, value, path, "a list", "Write each item on a line of its own: `- item`.");
        }

        var good = true;
        for (var i = 0; i < list.Items.Length; i++)
        {
            good &= list.Items[i] is TreeScalar { Kind: ScalarKind.Null } || check((list.Items[i], SettingPath.Item(path, i)));
        }

        return good;
    }

    private bool Entries(TreeNode value, string path, Func<(TreeNode Node, string Path), bool> check)
    {
        if (value is not TreeMap map)
        {
            return Expect(false, value, path, "a map", "Write `key: value` below it, indented.");
        }

        var good = true;
        foreach (var entry in map.Entries)
        {
            good &= entry.Value is TreeScalar { Kind: ScalarKind.Null } || check((entry.Value, SettingPath.Child(path, entry.Key)));
        }

        return good;
    }

    private bool Expect(bool good, TreeNode value, string path, string expected, string help)
    {
        if (!good)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldType,
                $"`{path}` must be {expected}, but it is {SettingTypes.Describe(value, path)}: the kubelet refuses it.",
                help,
                value.Origin,
                path);
        }

        return good;
    }
}
