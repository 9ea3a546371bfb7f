using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>Whether a text or a JSON value has the type that a table asks for.</summary>
internal static class Values
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>A flag's text; false when a kubelet would not take it.</summary>
    public static bool FitsFlag(string type, string text) => type switch
    {
        "bool" => text is "true" or "false" or "1" or "0" or "t" or "f" or "T" or "F" or "TRUE" or "FALSE" or "True" or "False",
        "int" or "int32" => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "duration" => IsDuration(text),
        "ip" => System.Net.IPAddress.TryParse(text, out _),
        "mapStringString" or "mapStringBool" => text.Length == 0 || text.Split(',').All(pair => pair.Contains('=', StringComparison.Ordinal)),
        _ => true,
    };

    /// <summary>A field's value; false when it cannot be decoded into its type.</summary>
    public static bool FitsField(string type, JsonNode? value)
    {
        if (value is null)
        {
            return true;
        }

        var kind = value.GetValueKind();
        if (type.StartsWith("list<", StringComparison.Ordinal))
        {
            return value is JsonArray items && items.All(item => FitsField(type[5..^1], item));
        }

        if (type.StartsWith("map<", StringComparison.Ordinal))
        {
            return value is JsonObject map && map.All(pair => FitsField(type[4..^1], pair.Value));
        }

        if (type.StartsWith("enum:", StringComparison.Ordinal))
        {
            return kind == JsonValueKind.String && type[5..].Split('|').Contains(value.GetValue<string>());
        }

        return type switch
        {
            "object" => value is JsonObject,
            "bool" => kind is JsonValueKind.True or JsonValueKind.False,
            "int" => kind == JsonValueKind.Number && value.ToJsonString().All(c => char.IsAsciiDigit(c) || c == '-'),
            "number" => kind == JsonValueKind.Number,
            "duration" => kind == JsonValueKind.String && IsDuration(value.GetValue<string>()),
            "duration-or-int" => kind == JsonValueKind.Number || (kind == JsonValueKind.String && IsDuration(value.GetValue<string>())),
            "quantity" => kind is JsonValueKind.String or JsonValueKind.Number,
            _ => kind == JsonValueKind.String,
        };
    }

    // A duration of Go: `0`, or numbers with units in a row.
    private static bool IsDuration(string text)
    {
        var rest = text.AsSpan().TrimStart("+-");
        if (rest is "0")
        {
            return true;
        }

        var parts = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0)
            {
                return false;
            }

            rest = rest[digits..];
            var unit = rest.IndexOfAny(Digits) is var end && end < 0 ? rest : rest[..end];
            if (unit is not ("ns" or "us" or "µs" or "ms" or "s" or "m" or "h"))
            {
                return false;
            }

            rest = rest[unit.Length..];
            parts++;
        }

        return parts > 0;
    }
}
