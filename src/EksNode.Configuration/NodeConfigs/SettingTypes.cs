using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reports a value of the wrong type, and says what YAML made of it.</summary>
internal static class SettingTypes
{
    /// <summary>A node of another type than the setting has.</summary>
    /// <param name="node">What is there.</param>
    /// <param name="path">The setting.</param>
    /// <param name="expected">What should be there: <c>a map</c>.</param>
    /// <param name="help">What to write.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void ReportWrong(TreeNode node, string path, string expected, string help, DiagnosticBag diagnostics) =>
        diagnostics.Report(
            DiagnosticCatalogue.WrongType, $"`{path}` must be {expected}, but it is {Describe(node)}.", help, node.Origin, path);

    /// <summary>Something else where a string belongs.</summary>
    /// <param name="node">What is there.</param>
    /// <param name="path">The setting.</param>
    /// <param name="secret">Whether the value must not be shown.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void ReportNotText(TreeNode node, string path, bool secret, DiagnosticBag diagnostics)
    {
        if (node is not TreeScalar scalar)
        {
            ReportWrong(node, path, "a string", node is TreeList ? "Write one value, not a list." : "Write one value in quotes.", diagnostics);
            return;
        }

        var shown = secret ? scalar.Describe() : Describe(scalar);
        diagnostics.Report(
            DiagnosticCatalogue.UnquotedText,
            $"`{path}` must be a string, but it is {shown}.",
            QuoteHelp(scalar),
            node.Origin,
            path);
    }

    /// <summary>What a node is, with the value of a short scalar: <c>an integer (`42`)</c>.</summary>
    public static string Describe(TreeNode node) => node switch
    {
        TreeScalar { Kind: ScalarKind.Null } => "null",
        TreeScalar { Kind: ScalarKind.String, Text: "" } => "an empty string",
        TreeScalar scalar => $"{scalar.Describe()} ({Quoted.Text(scalar.Text)})",
        _ => node.Describe(),
    };

    /// <summary>What to do about a plain word that YAML does not read as a string.</summary>
    public static string QuoteHelp(TreeScalar scalar) => scalar.Kind switch
    {
        ScalarKind.Bool => "Quote it: without quotes YAML reads `y`, `n`, `yes`, `no`, `on`, `off`, `true` and `false` as booleans.",
        ScalarKind.Integer or ScalarKind.Float =>
            "Quote it: without quotes YAML reads it as a number (one with a leading zero as octal).",
        ScalarKind.Null => "Write a value in quotes, or leave the key out.",
        _ => "Quote it.",
    };
}
