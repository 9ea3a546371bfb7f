using EksNode.Configuration.Documents;
using EksNode.Configuration.Expressions;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Judges <c>maxPodsExpression</c> before any instance is known. A bad one does not stop a node: the standard value counts.</summary>
internal static class MaxPodsExpressionRules
{
    /// <param name="scalar">The expression.</param>
    /// <param name="path">Its setting.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="own">Whether it is <c>spec.maxPods.expression</c>, which has functions and variables more.</param>
    public static void Check(TreeScalar scalar, string path, DiagnosticBag diagnostics, bool own = false)
    {
        if (MaxPodsExpression.Validate(scalar.Text, own) is { } error)
        {
            diagnostics.Report(
                DiagnosticCatalogue.BadExpression,
                $"The max pods expression is not valid at {error.Line}:{error.Column}: {error.Message}{(error.Message.EndsWith('?') ? "" : ".")}",
                "Correct it: without a valid expression the standard value of the instance type counts.",
                scalar.PlaceOf(error.Line, error.Column),
                path);
        }
    }
}
