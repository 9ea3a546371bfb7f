using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>Facts that a decision cannot do without, with their origin.</summary>
internal static class FactLookup
{
    /// <summary>The origin of a fact, or of what follows from it.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="name">Its name in a facts file: <c>instance.region</c>.</param>
    /// <param name="note">How the value follows from it; without one, where the fact came from.</param>
    public static Origin OriginOf(this NodeFacts facts, string name, string? note = null) =>
        Origin.Fact(name, note ?? $"from {facts.SourceOf(name)}");

    /// <summary>A fact with its origin; null, and a diagnostic that names it, when it is missing.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="name">Its name in a facts file.</param>
    /// <param name="value">Its value.</param>
    /// <param name="why">What needs it, as the end of a sentence: <c>the provider id holds it</c>.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static Sourced<string>? Required(this NodeFacts facts, string name, string? value, string why, DiagnosticBag diagnostics)
    {
        if (!string.IsNullOrEmpty(value))
        {
            return new Sourced<string>(value, facts.OriginOf(name));
        }

        diagnostics.Report(
            DiagnosticCatalogue.FactMissing,
            $"The fact `{name}` is missing: {why}.",
            $"Give `{name}` in the facts file, or run where the instance metadata service answers.",
            path: name);
        return null;
    }
}
