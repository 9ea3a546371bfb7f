using System.Text;
using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Documents;

/// <summary>Reads a JSON document (RFC 8259, nothing more) into a tree. It never throws.</summary>
public static class JsonReader
{
    /// <summary>The document, or null after an error. Numbers keep their text; of duplicate keys the last one counts.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">The name of the source, for origins.</param>
    /// <param name="part">The MIME part, from 1, or 0.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="lineOffset">How many lines of the source come before the text.</param>
    public static TreeNode? Read(string text, string source, int part, DiagnosticBag diagnostics, int lineOffset = 0) =>
        Read(text.StartsWith('\uFEFF') ? text[1..] : text, new SourcePlace(source, part, lineOffset), diagnostics);

    internal static TreeNode? Read(string text, SourcePlace place, DiagnosticBag diagnostics)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = DocumentLimits.Depth + 10 });
        var positions = new JsonPositions(bytes, place);
        var nodes = 0;
        try
        {
            reader.Read();
            var root = Node(ref reader, positions, diagnostics, ref nodes);
            reader.Read(); // nothing but white space may follow
            return root;
        }
        catch (JsonException exception)
        {
            var (message, help) = Words(exception.Message);
            diagnostics.Report(
                DiagnosticCatalogue.InvalidJson,
                message,
                help,
                positions.At((int)(exception.LineNumber ?? 0), (int)(exception.BytePositionInLine ?? 0)));
        }
        catch (InvalidOperationException)
        {
            diagnostics.Report(
                DiagnosticCatalogue.InvalidJson,
                "The string has an escape of half a character (a lone surrogate).",
                "Write the character itself.",
                positions.At(reader.TokenStartIndex));
        }
        catch (DiagnosticException exception)
        {
            diagnostics.Add(exception.Diagnostic);
        }

        return null;
    }

    private static TreeNode Node(ref Utf8JsonReader reader, JsonPositions positions, DiagnosticBag diagnostics, ref int nodes)
    {
        var origin = positions.At(reader.TokenStartIndex);
        if (reader.CurrentDepth >= DocumentLimits.Depth)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.DocumentTooComplex,
                $"The document is nested deeper than {DocumentLimits.Depth} levels.",
                "Remove the needless levels.",
                origin);
        }

        if (++nodes > DocumentLimits.Nodes)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.DocumentTooComplex,
                $"The document has more than {DocumentLimits.Nodes} values.",
                "Remove what a node does not need.",
                origin);
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = new List<TreeEntry>();
                var keys = new Dictionary<string, Origin>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var keyOrigin = positions.At(reader.TokenStartIndex);
                    var key = reader.GetString()!;
                    if (!keys.TryAdd(key, keyOrigin))
                    {
                        DuplicateKeys.Report(diagnostics, key, keys[key], keyOrigin);
                    }

                    reader.Read();
                    entries.Add(new TreeEntry(key, keyOrigin, Node(ref reader, positions, diagnostics, ref nodes)));
                }

                return new TreeMap(entries, origin);
            case JsonTokenType.StartArray:
                var items = new List<TreeNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Node(ref reader, positions, diagnostics, ref nodes));
                }

                return new TreeList(items.ToImmutable(), origin);
            case JsonTokenType.String:
                return TreeScalar.Of(reader.GetString()!, origin);
            case JsonTokenType.Number:
                var number = Encoding.UTF8.GetString(reader.ValueSpan);
                return new TreeScalar(
                    number.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? ScalarKind.Integer : ScalarKind.Float, number, origin);
            case JsonTokenType.True or JsonTokenType.False:
                return TreeScalar.Of(reader.TokenType == JsonTokenType.True, origin);
            default:
                return TreeScalar.Null(origin);
        }
    }

    // The messages of the framework are for programmers; some of them name its options.
    private static (string Message, string Help) Words(string message)
    {
        bool Has(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
        return message switch
        {
            _ when Has("trailing comma") => ("A comma stands before the closing bracket.", "Remove the comma."),
            _ when Has("after a single JSON value") => (
                "Text follows after the end of the document.", "Remove it; several documents need YAML with `---` between them."),
            _ when Has("end of data") || Has("invalid end of a number") || Has("open JSON") || Has("no JSON tokens") => (
                "The document ends before its last bracket or quote is closed.", "Add what is missing; perhaps it was cut off."),
            _ when Has("matching open") => ("This bracket closes none that is open.", "Remove it, or put in the one that was meant."),
            _ when Has("within a JSON string") => (
                "A string holds a line break, a control character or an unknown escape.", "Escape it, as in `\\n` or `\\\\`."),
            _ when Has("start of a property name") => (
                "A key must stand here, in double quotes.", "Put the key in double quotes, or remove a comma that is too many."),
            _ when Has("after a value") || Has("after a property name") => (
                "A `,`, a `:` or a closing bracket is missing here.", "Add it, or escape a quote within the text before."),
            _ => ("This is no JSON value.", "Put text in double quotes; numbers, `true`, `false` and `null` stand without."),
        };
    }
}
