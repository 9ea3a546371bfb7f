using EksNode.Configuration.Text;

namespace EksNode.Configuration.Documents;

/// <summary>The finding that a key stands twice in one map of a YAML or JSON document.</summary>
internal static class DuplicateKeys
{
    /// <summary>Reports it at the later key, which is the one that counts.</summary>
    public static void Report(DiagnosticBag diagnostics, string key, Origin first, Origin second) =>
        diagnostics.Report(
            DiagnosticCatalogue.DuplicateKey,
            $"The key `{key}` stands twice in this map, first in line {first.Line}; the later value is used.",
            "Remove one of them, or put both values under one key.",
            second);
}
