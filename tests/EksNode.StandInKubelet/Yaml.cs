using System.Text.Json.Nodes;
using SharpYaml;
using SharpYaml.Events;

namespace EksNode.StandInKubelet;

/// <summary>Reads one YAML document of maps, lists and texts, which is all that a kubeconfig is made of.</summary>
internal static class Yaml
{
    /// <exception cref="KubeletException">It cannot be read.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            var parser = Parser.CreateParser(new StringReader(text), 50);
            while (parser.MoveNext())
            {
                if (parser.Current is not (StreamStart or DocumentStart))
                {
                    return Node(parser);
                }
            }

            return null;
        }
        catch (YamlException exception)
        {
            throw new KubeletException($"yaml: {exception.Message}");
        }
    }

    private static JsonNode? Node(IParser parser)
    {
        switch (parser.Current)
        {
            case Scalar scalar:
                return scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "null" or "~" ? null : JsonValue.Create(scalar.Value);
            case SequenceStart:
                var items = new JsonArray();
                while (parser.MoveNext() && parser.Current is not SequenceEnd)
                {
                    items.Add(Node(parser));
                }

                return items;
            case MappingStart:
                var map = new JsonObject();
                while (parser.MoveNext() && parser.Current is Scalar key)
                {
                    if (map.ContainsKey(key.Value) || !parser.MoveNext())
                    {
                        throw new KubeletException($"yaml: key \"{key.Value}\" already set");
                    }

                    map[key.Value] = Node(parser);
                }

                return map;
            default:
                throw new KubeletException($"yaml: unexpected {parser.Current}");
        }
    }
}
