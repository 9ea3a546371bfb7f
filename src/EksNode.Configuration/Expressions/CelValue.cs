using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Expressions;

/// <summary>A value of the Common Expression Language. Values are immutable; their text is a literal of the language.</summary>
public abstract class CelValue
{
    private protected CelValue()
    {
    }

    /// <summary>The type at run time; the items of lists and maps are <c>dyn</c>.</summary>
    public abstract CelType Type { get; }
}

/// <summary>A boolean.</summary>
public sealed class CelBool : CelValue
{
    private CelBool(bool value) => Value = value;

    /// <summary>true.</summary>
    public static CelBool True { get; } = new(true);

    /// <summary>false.</summary>
    public static CelBool False { get; } = new(false);

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override CelType Type => CelType.Bool;

    /// <summary>The value for a boolean.</summary>
    public static CelBool Of(bool value) => value ? True : False;

    /// <inheritdoc/>
    public override string ToString() => Value ? "true" : "false";
}

/// <summary>A signed integer.</summary>
/// <param name="value">The value.</param>
public sealed class CelInt(long value) : CelValue
{
    /// <summary>The value.</summary>
    public long Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Int;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An unsigned integer.</summary>
/// <param name="value">The value.</param>
public sealed class CelUint(ulong value) : CelValue
{
    /// <summary>The value.</summary>
    public ulong Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Uint;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + "u";
}

/// <summary>A floating-point number.</summary>
/// <param name="value">The value.</param>
public sealed class CelDouble(double value) : CelValue
{
    /// <summary>The value.</summary>
    public double Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Double;

    /// <inheritdoc/>
    public override string ToString() => CelConversions.DoubleText(Value);
}

/// <summary>A string.</summary>
/// <param name="value">The value.</param>
public sealed class CelString(string value) : CelValue
{
    /// <summary>The value.</summary>
    public string Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.String;

    /// <inheritdoc/>
    public override string ToString() => $"\"{Value}\"";
}

/// <summary>Bytes.</summary>
/// <param name="value">The value.</param>
public sealed class CelBytes(ImmutableArray<byte> value) : CelValue
{
    /// <summary>The value.</summary>
    public ImmutableArray<byte> Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Bytes;

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder("b\"");
        foreach (var b in Value)
        {
            _ = b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\'
                ? text.Append((char)b)
                : text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        return text.Append('"').ToString();
    }
}

/// <summary>null.</summary>
public sealed class CelNull : CelValue
{
    private CelNull()
    {
    }

    /// <summary>The only value.</summary>
    public static CelNull Value { get; } = new();

    /// <inheritdoc/>
    public override CelType Type => CelType.Null;

    /// <inheritdoc/>
    public override string ToString() => "null";
}

/// <summary>A list.</summary>
/// <param name="items">The items.</param>
public sealed class CelList(ImmutableArray<CelValue> items) : CelValue
{
    /// <summary>The items.</summary>
    public ImmutableArray<CelValue> Items { get; } = items;

    /// <inheritdoc/>
    public override CelType Type => CelType.AnyList;

    /// <inheritdoc/>
    public override string ToString() => CelText.Of(this);
}

/// <summary>A map with keys of type int, uint, bool or string; numbers that are equal are the same key.</summary>
public sealed class CelMap : CelValue
{
    private readonly Dictionary<CelMapKey, CelValue> index = [];

    private CelMap(ImmutableArray<KeyValuePair<CelValue, CelValue>> entries) => Entries = entries;

    /// <summary>The entries, in the order in which they were written.</summary>
    public ImmutableArray<KeyValuePair<CelValue, CelValue>> Entries { get; }

    /// <inheritdoc/>
    public override CelType Type => CelType.AnyMap;

    /// <summary>Makes a map; null and a reason when a key is of another type or occurs twice.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="reason">Why there is no map.</param>
    public static CelMap? Create(ImmutableArray<KeyValuePair<CelValue, CelValue>> entries, out string? reason)
    {
        var map = new CelMap(entries);
        foreach (var (key, value) in entries)
        {
            if (key is not (CelInt or CelUint or CelBool or CelString) || CelMapKey.Of(key) is not { } normal)
            {
                reason = $"{key.Type} cannot be the key of a map";
                return null;
            }

            if (!map.index.TryAdd(normal, value))
            {
                reason = $"the map has the key {CelText.Short(key)} twice";
                return null;
            }
        }

        reason = null;
        return map;
    }

    /// <summary>The value of a key, or null when the map lacks it.</summary>
    public CelValue? Find(CelValue key) =>
        CelMapKey.Of(key) is { } normal && index.TryGetValue(normal, out var value) ? value : null;

    /// <inheritdoc/>
    public override string ToString() => CelText.Of(this);
}

/// <summary>A point in time between the years 1 and 9999.</summary>
/// <param name="seconds">Seconds since 1970-01-01T00:00:00Z.</param>
/// <param name="nanoseconds">The rest, 0 to 999999999.</param>
public sealed class CelTimestamp(long seconds, int nanoseconds) : CelValue
{
    /// <summary>Seconds since 1970-01-01T00:00:00Z.</summary>
    public long Seconds { get; } = seconds;

    /// <summary>The rest, 0 to 999999999.</summary>
    public int Nanoseconds { get; } = nanoseconds;

    /// <inheritdoc/>
    public override CelType Type => CelType.Timestamp;

    /// <inheritdoc/>
    public override string ToString() => $"timestamp(\"{CelTime.Text(this)}\")";
}

/// <summary>A span of time.</summary>
/// <param name="nanoseconds">Nanoseconds: about ±292 years.</param>
public sealed class CelDuration(long nanoseconds) : CelValue
{
    /// <summary>Nanoseconds.</summary>
    public long Nanoseconds { get; } = nanoseconds;

    /// <inheritdoc/>
    public override CelType Type => CelType.Duration;

    /// <inheritdoc/>
    public override string ToString() => $"duration(\"{CelTime.Text(this)}\")";
}

/// <summary>A type as a value.</summary>
/// <param name="value">The type.</param>
public sealed class CelTypeValue(CelType value) : CelValue
{
    /// <summary>The type.</summary>
    public CelType Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Type;

    /// <inheritdoc/>
    public override string ToString() => Value.Name;
}

/// <summary>An error while an expression is evaluated; it travels as a value, so that <c>||</c> and <c>&amp;&amp;</c> can absorb it.</summary>
/// <param name="message">What is wrong, as a clause.</param>
/// <param name="position">Where in the text; -1 while it is not known yet.</param>
internal sealed class CelFailure(string message, int position = -1) : CelValue
{
    /// <summary>What is wrong, as a clause.</summary>
    public string Message { get; } = message;

    /// <summary>Where in the text, from 0; -1 while it is not known yet.</summary>
    public int Position { get; } = position;

    /// <inheritdoc/>
    public override CelType Type => CelType.Dyn;

    /// <inheritdoc/>
    public override string ToString() => Message;
}
