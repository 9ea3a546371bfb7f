using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Reads the text of a flag as the value of the field that it overrides.</summary>
public static class KubeletFlagTexts
{
    /// <summary>The value of the field.</summary>
    /// <param name="leaf">The field.</param>
    /// <param name="text">What stands after the flag's equals sign.</param>
    /// <param name="origin">The flag's place.</param>
    public static TreeNode Read(KubeletLeaf leaf, string text, Origin origin) => leaf.Path switch
    {
        "evictionHard" or "evictionSoft" => Map(text, ',', '<', false, origin),
        "cpuManagerPolicyOptions" => Map(text, '\0', '=', false, origin),
        "logging.vmodule" => Modules(text, origin),
        "registerWithTaints" => Taints(text, origin),
        "reservedMemory" => Memory(text, origin),
        "staticPodURLHeader" => Headers(text, origin),
        _ => leaf.Type switch
        {
            "bool" => TreeScalar.Of(IsTrue(text), origin),
            "int" => new TreeScalar(ScalarKind.Integer, Integer(text, long.MinValue, long.MaxValue)?.ToString(CultureInfo.InvariantCulture) ?? text, origin),
            "duration" or "duration-or-int" when GoDuration.Parse(text).TryGet(out var duration, out _) => TreeScalar.Of(duration.Text, origin),
            _ when leaf.Type.StartsWith("list", StringComparison.Ordinal) => List(text, ',', origin),
            _ when leaf.Type.StartsWith("map", StringComparison.Ordinal) => Map(text, ',', '=', leaf.Type == "map<bool>", origin),
            _ => TreeScalar.Of(text, origin),
        },
    };

    /// <summary>Strings of a list.</summary>
    public static TreeList List(string text, char separator, Origin origin)
    {
        var items = text.Length == 0 ? [] : text.Split(separator);
        return new TreeList([.. items.Select(i => (TreeNode)TreeScalar.Of(i.Trim(), origin))], origin);
    }

    /// <summary>Entries of a map.</summary>
    public static TreeMap Map(string text, char separator, char equals, bool isBool, Origin origin)
    {
        var entries = new List<TreeEntry>();
        foreach (var pair in text.Length == 0 ? [] : text.Split(separator))
        {
            var at = pair.IndexOf(equals, StringComparison.Ordinal);
            var (key, value) = at < 0 ? (pair.Trim(), "") : (pair[..at].Trim(), pair[(at + 1)..].Trim());
            entries.Add(new TreeEntry(key, origin, isBool ? TreeScalar.Of(IsTrue(value), origin) : TreeScalar.Of(value, origin)));
        }

        return new TreeMap(entries, origin);
    }

    /// <summary>Whether Go's <c>strconv.ParseBool</c> takes it for true.</summary>
    public static bool IsTrue(string text) => text is "true" or "1" or "t" or "T" or "TRUE" or "True";

    /// <summary>
    /// An integer as Go's <c>strconv.ParseInt</c> reads it with base 0: <c>0x10</c>, <c>0b1</c>, <c>0o17</c>, <c>017</c>, <c>1_000</c>. Null when it is none, or out of
    /// the range.
    /// </summary>
    internal static long? Integer(string text, long least, long most)
    {
        var digits = text.AsSpan(text.StartsWith('-') || text.StartsWith('+') ? 1 : 0);
        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            radix = (digits[1] | ' ') switch { 'x' => 16, 'b' => 2, _ => 8 };

            // A zero alone is the prefix of base 8, too, and an underscore may follow a prefix.
            digits = digits[((digits[1] | ' ') is 'x' or 'b' or 'o' ? 2 : 1)..];
            digits = digits.StartsWith('_') ? digits[1..] : digits;
        }

        Int128 number = 0;
        var last = '_';
        foreach (var digit in digits)
        {
            if (digit == '_' ? last == '_' : !char.IsAsciiHexDigit(digit) || Digit(digit) >= radix)
            {
                return null;
            }

            number = digit == '_' ? number : (number * radix) + Digit(digit);
            last = digit;
            if (number > ulong.MaxValue)
            {
                return null;
            }
        }

        number = text.StartsWith('-') ? -number : number;
        return last == '_' || number < least || number > most ? null : (long)number;
    }

    private static int Digit(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | ' ') - 'a' + 10;

    private static TreeList Modules(string text, Origin origin)
    {
        var modules = new List<TreeNode>();
        foreach (var entry in Map(text, ',', '=', false, origin).Entries)
        {
            modules.Add(new TreeMap(
                [
                    new TreeEntry("filePattern", origin, TreeScalar.Of(entry.Key, origin)),
                    new TreeEntry("verbosity", origin, new TreeScalar(ScalarKind.Integer, ((TreeScalar)entry.Value).Text, origin)),
                ],
                origin));
        }

        return new TreeList(modules.ToImmutable(), origin);
    }

    private static TreeList Taints(string text, Origin origin)
    {
        var taints = new List<TreeNode>();
        foreach (var taint in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            // A hyphen at the end takes a taint away, as in `kubectl taint`.
            if (taint.EndsWith('-'))
            {
                continue;
            }

            var colon = taint.LastIndexOf(':');
            var (name, effect) = colon < 0 ? (taint, "") : (taint[..colon], taint[(colon + 1)..]);
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            var entries = new List<TreeEntry> { new("key", origin, TreeScalar.Of(equals < 0 ? name : name[..equals], origin)) };
            if (equals >= 0 && equals + 1 < name.Length)
            {
                entries.Add(new TreeEntry("value", origin, TreeScalar.Of(name[(equals + 1)..], origin)));
            }

            entries.Add(new TreeEntry("effect", origin, TreeScalar.Of(effect, origin)));
            taints.Add(new TreeMap(entries, origin));
        }

        return new TreeList(taints.ToImmutable(), origin);
    }

    // 0:memory=1Gi,hugepages-1Gi=2Gi;1:memory=2Gi
    private static TreeList Memory(string text, Origin origin)
    {
        var nodes = new List<TreeNode>();
        foreach (var node in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = node.IndexOf(':', StringComparison.Ordinal);
            nodes.Add(new TreeMap(
                [
                    new TreeEntry("numaNode", origin, new TreeScalar(ScalarKind.Integer, colon < 0 ? "0" : node[..colon], origin)),
                    new TreeEntry("limits", origin, Map(node[(colon + 1)..], ',', '=', false, origin)),
                ],
                origin));
        }

        return new TreeList(nodes.ToImmutable(), origin);
    }

    private static TreeMap Headers(string text, Origin origin)
    {
        var entries = new List<TreeEntry>();
        foreach (var entry in Map(text, ',', ':', false, origin).Entries)
        {
            entries.Add(entry with { Value = new TreeList([entry.Value], origin) });
        }

        return new TreeMap(entries, origin);
    }
}
