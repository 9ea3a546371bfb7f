using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using SharpYaml;
using SharpYaml.Events;

namespace EksNode.Configuration.Documents;

/// <summary>Builds trees from the events of the YAML parser: anchors, merge keys, tags, duplicate keys.</summary>
internal sealed class YamlComposer(string text, LineTable lines, SourcePlace place, DiagnosticBag diagnostics)
{
    private const string TagPrefix = "tag:yaml.org,2002:";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly IParser parser = Parser.CreateParser(new StringReader(text), DocumentLimits.Depth + 10);
    private readonly Dictionary<string, Measured?> anchors = new(StringComparer.Ordinal);
    private readonly List<TreeNode> documents = new List<TreeNode>();
    private int nodes;

    // A node, how many nodes it has (aliases expanded) and how deep it is.
    private readonly record struct Measured(TreeNode Node, int Nodes, int Depth);

    private readonly record struct MapKey(string Name, Origin Origin, bool IsMerge, bool IsNotText = false);

    /// <summary>The documents so far.</summary>
    public ImmutableArray<TreeNode> Documents => documents.ToImmutable();

    /// <summary>How far the parser got.</summary>
    public Origin Position => parser.Current is { } current ? At(current.Start) : place.At(0, 0);

    /// <summary>Reads to the end of the stream.</summary>
    public void ReadStream()
    {
        while (parser.MoveNext())
        {
            if (parser.Current is not DocumentStart)
            {
                continue;
            }

            anchors.Clear();
            nodes = 0;
            Next();
            var root = Node(depth: 1).Node;
            if (root is not TreeScalar { Kind: ScalarKind.Null })
            {
                documents.Add(root);
            }
        }
    }

    private void Next()
    {
        if (!parser.MoveNext())
        {
            throw new YamlException("unexpected end of the stream");
        }
    }

    // Reads the node that begins at the current event, and leaves the parser at its last event.
    private Measured Node(int depth, bool isKey = false)
    {
        var start = parser.Current!;
        if (start is AnchorAlias alias)
        {
            return Alias(alias, depth);
        }

        var anchor = (start as NodeEvent)?.Anchor;
        if (!string.IsNullOrEmpty(anchor))
        {
            anchors[anchor] = null;
        }

        Count(1, depth, start);
        var node = start switch
        {
            Scalar scalar => new Measured(ScalarNode(scalar, isKey), 1, 1),
            SequenceStart sequence => Sequence(sequence, depth),
            MappingStart mapping => Mapping(mapping, depth),
            _ => throw new YamlException(start.Start, start.End, "did not find expected node content"),
        };
        if (!string.IsNullOrEmpty(anchor))
        {
            anchors[anchor] = node;
        }

        return node;
    }

    private Measured Alias(AnchorAlias alias, int depth)
    {
        if (!anchors.TryGetValue(alias.Value, out var target))
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.UnusableYaml,
                "The alias (`*`) that stands here has no anchor (`&`) of its name before it.",
                "Put the value in quotes if the `*` belongs to it; otherwise define the anchor first.",
                At(alias.Start));
        }

        if (target is not { } measured)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.UnusableYaml,
                "The alias (`*`) that stands here is inside the value of its own anchor.",
                "Write the value out.",
                At(alias.Start));
        }

        Count(measured.Nodes, depth + measured.Depth - 1, alias);
        return measured;
    }

    private Measured Sequence(SequenceStart start, int depth)
    {
        var items = new List<TreeNode>();
        var (total, deepest) = (1, 0);
        for (Next(); parser.Current is not SequenceEnd; Next())
        {
            var item = Node(depth + 1);
            items.Add(item.Node);
            total += item.Nodes;
            deepest = Math.Max(deepest, item.Depth);
        }

        return new Measured(new TreeList(items.ToImmutable(), At(start.Start)), total, deepest + 1);
    }

    private Measured Mapping(MappingStart start, int depth)
    {
        var own = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        var order = new List<TreeEntry>();
        var merged = new List<TreeEntry>();
        var second = false;
        var (total, deepest) = (1, 0);
        for (Next(); parser.Current is not MappingEnd; Next())
        {
            var key = Key(depth + 1);
            Next();
            var keyed = Node(depth + 1);
            total += keyed.Nodes;
            deepest = Math.Max(deepest, keyed.Depth);
            if (key.IsMerge)
            {
                MergeInto(merged, keyed.Node, key.Origin);
                continue;
            }

            var entry = new TreeEntry(key.Name, key.Origin, keyed.Node) { IsNotText = key.IsNotText };
            if (own.TryGetValue(key.Name, out var first))
            {
                if (depth == 1 && !second && key.Name is ("apiVersion" or "kind"))
                {
                    second = true;
                    diagnostics.Report(
                        DiagnosticCatalogue.TwoDocumentsInOne,
                        $"A second document begins here, with a second `{key.Name}` (the first is in line {first.KeyOrigin.Line}), and nothing parts the two.",
                        "Put a line `---` between them.",
                        key.Origin);
                }
                else if (!second)
                {
                    DuplicateKeys.Report(diagnostics, key.Name, first.KeyOrigin, key.Origin);
                }
            }

            own[key.Name] = entry;
            order.Add(entry);
        }

        // What the map itself says wins over what it merges in; of merged maps the earlier ones win.
        var entries = order.Count == 0 && merged.Count == 0
            ? order
            : [.. order, .. merged.Where(e => !own.ContainsKey(e.Key)).DistinctBy(e => e.Key, StringComparer.Ordinal)];
        return new Measured(new TreeMap(entries, At(start.Start)), total, deepest + 1);
    }

    private void MergeInto(List<TreeEntry> merged, TreeNode value, Origin origin)
    {
        foreach (var node in value is TreeList list ? list.Items : [value])
        {
            if (node is not TreeMap map)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.UnusableYaml,
                    $"The merge key `<<` needs a map or a list of maps, but has {node.Describe()}.",
                    "Give it an alias of a map, such as `<<: *defaults`, or put the key in quotes.",
                    origin);
            }

            nodes += map.Entries.Length;
            merged.AddRange(map.Entries);
        }
    }

    private MapKey Key(int depth)
    {
        var start = parser.Current!;
        var origin = At(start.Start);
        if (start is Scalar { IsPlainImplicit: true, Value: "<<" } or Scalar { Tag: TagPrefix + "merge" })
        {
            return new MapKey("<<", origin, IsMerge: true);
        }

        var node = Node(depth, isKey: true).Node;
        if (node is not TreeScalar { Kind: not ScalarKind.Null } scalar)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.UnusableYaml,
                $"A key must be a string, but this one is {node.Describe()}.",
                node is TreeScalar ? "Put the key in quotes." : "Check for a missing quote, as before `{` or `[`.",
                origin);
        }

        // An alias as a key has only the canonical text, which for integers and strings is the key as well.
        var name = start is Scalar plain ? YamlScalars.Key(scalar.Kind, plain.Value, scalar.Text) : scalar.Text;
        var isNotText = start is Scalar { Value: var written } && written != name && scalar.Kind is not ScalarKind.String;
        if (isNotText)
        {
            diagnostics.Report(
                DiagnosticCatalogue.KeyIsNotText,
                $"The key {Quoted.Text(((Scalar)start).Value)} is read as {(scalar.Kind == ScalarKind.Bool ? "the boolean" : "the number")} `{name}`, as YAML has it, and not as it is written.",
                $"Put it in quotes: `\"{((Scalar)start).Value}\"`.",
                origin);
        }

        return new MapKey(name, origin, IsMerge: false, isNotText);
    }

    private TreeScalar ScalarNode(Scalar scalar, bool isKey)
    {
        var origin = At(scalar.Start);
        var (kind, value) = Resolve(scalar, origin);
        if (kind == ScalarKind.Float && YamlScalars.IsNotFinite(value) && !isKey)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.UnusableYaml,
                $"`{value}` is not a number that a configuration can hold.",
                "Give a finite number, or put the value in quotes if it is meant as a string.",
                origin);
        }

        return new TreeScalar(kind, value, origin)
        {
            Written = value == scalar.Value ? null : scalar.Value,
            IsFolded = scalar.Style == ScalarStyle.Folded,
            ContentOrigin = scalar.Style == ScalarStyle.Literal ? ContentOrigin(scalar) : OneLineOrigin(scalar),
        };
    }

    private static (ScalarKind Kind, string Value) Resolve(Scalar scalar, Origin origin)
    {
        var tag = scalar.Tag ?? "";
        if (tag.Length == 0)
        {
            return scalar.Style == ScalarStyle.Plain && scalar.IsPlainImplicit
                ? YamlScalars.Resolve(scalar.Value)
                : (ScalarKind.String, scalar.Value);
        }

        // Tags of other kinds mean nothing to the ecosystem: the value is the string.
        var resolved = YamlScalars.Resolve(scalar.Value);
        switch (tag.StartsWith(TagPrefix, StringComparison.Ordinal) ? tag[TagPrefix.Length..] : "")
        {
            case "int" when resolved.Kind == ScalarKind.Integer:
            case "float" when resolved.Kind is ScalarKind.Integer or ScalarKind.Float:
            case "bool" when resolved.Kind == ScalarKind.Bool:
            case "null" when resolved.Kind == ScalarKind.Null:
                return resolved;
            case "int" or "float" or "bool" or "null":
                throw new DiagnosticException(
                    DiagnosticCatalogue.UnusableYaml,
                    $"The value is tagged `!!{tag[TagPrefix.Length..]}` but is {new TreeScalar(resolved.Kind, "", origin).Describe()}.",
                    "Remove the tag, or give a value of that type.",
                    origin);
            case "binary":
                return (ScalarKind.String, Binary(scalar.Value, origin));
            default:
                return (ScalarKind.String, scalar.Value);
        }
    }

    private static string Binary(string value, Origin origin)
    {
        try
        {
            return StrictUtf8.GetString(Convert.FromBase64String(value));
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.UnusableYaml,
                "The value tagged `!!binary` is not the base64 form of a UTF-8 text.",
                "Give the text itself, without a tag.",
                origin);
        }
    }

    // A literal block keeps its lines: line n of the value is the n-th line after the indicator, less the indentation.
    private Origin? ContentOrigin(Scalar scalar)
    {
        var content = scalar.Value.Split('\n');
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i].Length > 0)
            {
                var indentation = lines[scalar.Start.Line + 1 + i].Length - content[i].Length;
                return indentation < 0 ? null : place.At(scalar.Start.Line + 1, indentation);
            }
        }

        return null;
    }

    // On one line, plain or in quotes, when the text stands there as it is, without escapes.
    private Origin? OneLineOrigin(Scalar scalar)
    {
        var column = scalar.Start.Column + (scalar.Style == ScalarStyle.Plain ? 0 : 1);
        var line = lines[scalar.Start.Line];
        return scalar.Value.Length > 0 && column <= line.Length && line[column..].StartsWith(scalar.Value) ? place.At(scalar.Start.Line, column) : null;
    }

    private void Count(int added, int depth, ParsingEvent at)
    {
        nodes += added;
        if (nodes > DocumentLimits.Nodes || depth > DocumentLimits.Depth)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.DocumentTooComplex,
                nodes > DocumentLimits.Nodes
                    ? $"The document has more than {DocumentLimits.Nodes} values, its aliases expanded."
                    : $"The document is nested deeper than {DocumentLimits.Depth} levels, its aliases expanded.",
                "Write the values out, or remove the aliases that multiply them.",
                At(at.Start));
        }
    }

    private Origin At(Mark mark) => place.At(mark.Line, mark.Column);
}
