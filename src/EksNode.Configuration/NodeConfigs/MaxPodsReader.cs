using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.maxPods</c>.</summary>
internal static class MaxPodsReader
{
    private const string Key = "maxPods";

    /// <summary>The settings.</summary>
    /// <param name="spec">The section <c>spec</c>.</param>
    public static MaxPodsSettings Read(Section spec)
    {
        if (!spec.Own(Key))
        {
            return new MaxPodsSettings();
        }

        if (spec.Value(Key) is TreeScalar number)
        {
            return new MaxPodsSettings { Value = Number(number, spec.PathOf(Key), 1, spec.Diagnostics) };
        }

        var section = spec.Child(Key);
        var expression = section.Scalar("expression");
        if (expression is not null)
        {
            MaxPodsExpressionRules.Check(expression, section.PathOf("expression"), section.Diagnostics, own: true);
        }

        var settings = new MaxPodsSettings
        {
            Value = Number(section, "value", 1),
            Expression = expression is null ? null : new Sourced<string>(expression.Text, expression.Origin),
            PrefixDelegation = section.Bool("prefixDelegation"),
            CustomNetworking = section.Bool("customNetworking"),
            SecurityGroupsForPods = section.Bool("securityGroupsForPods"),
            ReservedEnis = Number(section, "reservedEnis", 0),
            MaxEnis = Number(section, "maxEnis", 1),
            Cap = Cap(section),
        };
        section.Finish();
        ReportUnused(settings, section);
        return settings;
    }

    // In one document two forms contradict each other; of two documents the later one is meant.
    private static void ReportUnused(MaxPodsSettings settings, Section section)
    {
        var counts = settings.Value is not null ? "value" : settings.Expression is not null ? "expression" : null;
        var unused = counts == "value" ? settings.Expression?.Origin ?? settings.Network ?? settings.Cap?.Origin : counts is null ? null : settings.Network;
        if (unused is not null)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.UnusedSetting,
                $"`{section.PathOf(counts!)}` sets max pods, so the other forms of `{section.Path}` have no effect.",
                "Keep one: a number, an expression, or the options of the pod network.",
                unused,
                section.Path);
        }
    }

    private static Sourced<int>? Cap(Section section)
    {
        if (section.Value("cap") is not { } node)
        {
            return null;
        }

        return section.Word("cap", "None") is not null
            ? new Sourced<int>(MaxPodsSettings.NoCap, node.Origin)
            : Number(node, section.PathOf("cap"), 1, section.Diagnostics, " or `None`");
    }

    private static Sourced<int>? Number(Section section, string key, int least) =>
        section.Value(key) is { } node ? Number(node, section.PathOf(key), least, section.Diagnostics) : null;

    private static Sourced<int>? Number(TreeNode node, string path, int least, DiagnosticBag diagnostics, string or = "")
    {
        if (node is not TreeScalar { Kind: ScalarKind.Integer } scalar)
        {
            SettingTypes.ReportWrong(
                node,
                path,
                $"a whole number{or}",
                node is TreeScalar { Kind: ScalarKind.String } text && int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                    ? "Write it without quotes." : $"Write a whole number{or}.",
                diagnostics);
            return null;
        }

        if (int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least)
        {
            return new Sourced<int>(number, scalar.Origin);
        }

        diagnostics.Report(
            DiagnosticCatalogue.BadPodNumber,
            string.Create(CultureInfo.InvariantCulture, $"`{path}` is {Quoted.Text(scalar.Text)}; it must be {least} to {int.MaxValue}."),
            $"Write a whole number in this range{or}.",
            scalar.Origin,
            path);
        return null;
    }
}
