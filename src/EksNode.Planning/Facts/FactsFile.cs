using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Facts;

/// <summary>
/// The form of facts in a file: one JSON object, described by <c>docs/facts.md</c> and <c>docs/schemas/facts.schema.json</c>.
/// <c>eksnode facts</c> writes it and <c>--facts</c> reads it.
/// </summary>
public static class FactsFile
{
    /// <summary>The version of the form. It changes only when something is taken away or gets another meaning.</summary>
    public const int SchemaVersion = 1;

    private const string VersionKey = "schemaVersion";

    private static readonly string[] Keys = ["$schema", VersionKey, "instance", "instanceType", "cluster", "host", "image", "sources"];

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a facts file; null when it is none. A fact that cannot be read is reported and missing.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">Its name, for diagnostics.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static NodeFacts? Read(ReadOnlySpan<byte> bytes, string source, DiagnosticBag diagnostics)
    {
        try
        {
            return Read(StrictUtf8.GetString(bytes), source, diagnostics);
        }
        catch (DecoderFallbackException)
        {
            Invalid($"{source} is not UTF-8 text.", Origin.At(source, 0, 0), diagnostics);
            return null;
        }
    }

    /// <summary>Reads a facts file; null when it is none. A fact that cannot be read is reported and missing.</summary>
    /// <param name="text">The content of the file.</param>
    /// <param name="source">Its name, for diagnostics.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static NodeFacts? Read(string text, string source, DiagnosticBag diagnostics)
    {
        // What is plainly something else is said to be that, and not JSON with a mistake.
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            Invalid($"{source} is no facts file: {(text.AsSpan().Trim().IsEmpty ? "it is empty" : "it does not begin as JSON does")}.", Origin.At(source, 1, 1), diagnostics);
            return null;
        }

        if (JsonReader.Read(text, source, part: 0, diagnostics) is not { } document)
        {
            return null;
        }

        if (document is not TreeMap map)
        {
            Invalid($"A facts file is a map, but this is {document.Describe()}.", document.Origin, diagnostics);
            return null;
        }

        if (!map.Entries.IsEmpty && !map.Entries.Any(e => Array.IndexOf(Keys, e.Key) >= 0))
        {
            Invalid($"{source} is no facts file: it has none of its keys.", document.Origin, diagnostics);
            return null;
        }

        var reader = new TreeMapReader(map, "", DiagnosticCatalogue.FactInvalid, diagnostics);
        reader.Text("$schema"); // for editors
        reader.Missing(VersionKey);
        if (reader.Integer(VersionKey, 0, int.MaxValue) is { } version and not SchemaVersion)
        {
            diagnostics.Report(
                DiagnosticCatalogue.FactsVersionUnknown,
                FormattableString.Invariant($"The facts file has version {version}, and this eksnode reads version {SchemaVersion}."),
                "Write it anew with `eksnode facts` of this version.",
                reader.OriginOf(VersionKey),
                VersionKey);
            return null;
        }

        return FactsReader.Read(reader);
    }

    private static void Invalid(string message, Origin origin, DiagnosticBag diagnostics) =>
        diagnostics.Report(DiagnosticCatalogue.FactsFileInvalid, message, "Give a file that `eksnode facts` wrote.", origin);

    /// <summary>The file for facts: what is not known is left out; the same facts give the same bytes.</summary>
    public static string Write(NodeFacts facts) => JsonWriter.Write(FactsWriter.Tree(facts), indent: 2, sortKeys: false) + "\n";
}
