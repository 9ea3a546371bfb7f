using EksNode.Configuration.Documents;
using EksNode.Configuration.Expressions;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Judges <c>maxPodsExpression</c> before any instance is known. A bad one does not stop a node: the standard value counts.</summary>
internal static class MaxPodsExpressionRules
{
    public static void Check(TreeScalar scalar, string path, DiagnosticBag diagnostics)
    {
        if (MaxPodsExpression.Validate(scalar.Text) is { } error)
        {
            diagnostics.Report(
                DiagnosticCatalogue.BadExpression,
                $"The max pods expression is not valid at {error.Line}:{error.Column}: {error.Message}.",
                "Correct it: without a valid expression the standard value of the instance type counts.",
                scalar.PlaceOf(error.Line, error.Column),
                path);
        }
    }
}
