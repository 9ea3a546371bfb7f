using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Documents;

/// <summary>
/// Reads the values of a map by name and type. What has the wrong type is reported and read as missing, and so is a null value;
/// the names that were asked for are those that the map may have.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="path">The map's own place in the document, dotted; empty for the document itself.</param>
/// <param name="invalid">The diagnostic for what has the wrong type or value.</param>
/// <param name="diagnostics">Where to report.</param>
public sealed class TreeMapReader(TreeMap map, string path, DiagnosticDescriptor invalid, DiagnosticBag diagnostics)
{
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary>Where the map stands.</summary>
    public Origin Origin => map.Origin;

    /// <summary>Where the value of a key stands; the map's place when it has no such key.</summary>
    public Origin OriginOf(string key) => map[key]?.Origin ?? map.Origin;

    /// <summary>The dotted name of a key.</summary>
    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>A string that is not empty.</summary>
    public string? Text(string key)
    {
        if (Scalar(key, "a string") is not { } scalar)
        {
            return null;
        }

        if (scalar.Kind != ScalarKind.String)
        {
            return Wrong<string>(key, $"is {scalar.Describe()} instead of a string", "Put it in quotes.");
        }

        return scalar.Text.Length > 0 ? scalar.Text : Wrong<string>(key, "is empty", "Leave it out when it is not known.");
    }

    /// <summary>A string of which a condition holds.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isValid">The condition.</param>
    /// <param name="form">What it must be, after "is not": <c>four hexadecimal digits, as in 10de</c>.</param>
    public string? Text(string key, Predicate<string> isValid, string form) =>
        Text(key) is not { } text ? null
        : isValid(text) ? text
        : Wrong<string>(key, $"is not {form}", $"Give {form}.");

    /// <summary>An integer within bounds.</summary>
    public long? Integer(string key, long least, long most)
    {
        if (Scalar(key, "an integer") is not { } scalar)
        {
            return null;
        }

        if (scalar.Kind != ScalarKind.Integer)
        {
            Wrong<string>(key, $"is {scalar.Describe()} instead of an integer", "Write a whole number without quotes.");
            return null;
        }

        if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong<string>(
            key,
            string.Create(CultureInfo.InvariantCulture, $"is {scalar.Text}, which is not between {least} and {most}"),
            "Give a number in that range.");
        return null;
    }

    /// <summary>true or false.</summary>
    public bool? Boolean(string key)
    {
        if (Scalar(key, "true or false") is not { } scalar)
        {
            return null;
        }

        if (scalar.Kind == ScalarKind.Bool)
        {
            return scalar.Text == "true";
        }

        Wrong<string>(key, $"is {scalar.Describe()} instead of true or false", "Write true or false without quotes.");
        return null;
    }

    /// <summary>A list of strings; null when it is missing.</summary>
    public ImmutableArray<string>? Texts(string key)
    {
        if (List(key) is not { } list)
        {
            return null;
        }

        var texts = new List<string>();
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (list.Items[i] is TreeScalar { Kind: ScalarKind.String } text)
            {
                texts.Add(text.Text);
            }
            else
            {
                Report(Indexed(key, i), $"is {list.Items[i].Describe()} instead of a string", "Put it in quotes.", list.Items[i].Origin);
            }
        }

        return texts.ToImmutable();
    }

    /// <summary>A map inside this one.</summary>
    public TreeMapReader? Map(string key) =>
        RawMap(key) is { } inner ? new TreeMapReader(inner, PathOf(key), invalid, diagnostics) : null;

    /// <summary>A map inside this one, as it is.</summary>
    public TreeMap? RawMap(string key) => Value(key) switch
    {
        null => null,
        TreeMap inner => inner,
        var other => Wrong<TreeMap>(key, $"is {other.Describe()} instead of a map", "Write it in braces."),
    };

    /// <summary>A list of maps; null when it is missing.</summary>
    public IEnumerable<TreeMapReader>? Maps(string key)
    {
        if (List(key) is not { } list)
        {
            return null;
        }

        var maps = new List<TreeMapReader>();
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (list.Items[i] is TreeMap inner)
            {
                maps.Add(new TreeMapReader(inner, Indexed(key, i), invalid, diagnostics));
            }
            else
            {
                Report(Indexed(key, i), $"is {list.Items[i].Describe()} instead of a map", "Write it in braces.", list.Items[i].Origin);
            }
        }

        return maps;
    }

    /// <summary>Reports that the map lacks a key that it must have.</summary>
    public void Missing(string key)
    {
        if (Value(key) is null)
        {
            Report(PathOf(key), "is missing", "Add it.", map.Origin);
        }
    }

    /// <summary>Reports keys that nobody asked for.</summary>
    /// <param name="unknown">The diagnostic for them.</param>
    /// <param name="noun">What a key is: <c>fact</c>.</param>
    public void ReportUnknown(DiagnosticDescriptor unknown, string noun)
    {
        foreach (var entry in map.Entries)
        {
            if (!asked.Contains(entry.Key))
            {
                diagnostics.Report(
                    unknown,
                    $"There is no {noun} `{PathOf(entry.Key)}`.",
                    Suggestions.DidYouMean(entry.Key, asked, $"Known here: {string.Join(", ", asked.Order(StringComparer.Ordinal))}."),
                    entry.KeyOrigin,
                    PathOf(entry.Key));
            }
        }
    }

    private TreeNode? Value(string key)
    {
        asked.Add(key);
        return map[key] is { } value and not TreeScalar { Kind: ScalarKind.Null } ? value : null;
    }

    private TreeScalar? Scalar(string key, string wanted) => Value(key) switch
    {
        null => null,
        TreeScalar scalar => scalar,
        var other => Wrong<TreeScalar>(key, $"is {other.Describe()} instead of {wanted}", $"Give {wanted}."),
    };

    private TreeList? List(string key) => Value(key) switch
    {
        null => null,
        TreeList list => list,
        var other => Wrong<TreeList>(key, $"is {other.Describe()} instead of a list", "Write it in brackets."),
    };

    private string Indexed(string key, int index) => string.Create(CultureInfo.InvariantCulture, $"{PathOf(key)}[{index}]");

    private T? Wrong<T>(string key, string message, string help)
        where T : class
    {
        Report(PathOf(key), message, help, OriginOf(key));
        return null;
    }

    private void Report(string what, string message, string help, Origin origin) =>
        diagnostics.Report(invalid, $"`{what}` {message}.", help, origin, what);
}
