using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Values;

/// <summary>One part of a template: text, or a fact with what stands for it when it is empty.</summary>
/// <param name="text">The text of a literal part.</param>
/// <param name="fact">The fact's name, <c>instance.tags.team</c>; null for a literal part.</param>
/// <param name="standIn">What stands for a fact that the instance lacks; null: it must be there.</param>
public sealed class TemplatePart(string text, string? fact = null, string? standIn = null)
{
    /// <summary>The text of a literal part.</summary>
    public string Text => text;

    /// <summary>The fact's name, <c>instance.tags.team</c>; null for a literal part.</summary>
    public string? Fact => fact;

    /// <summary>What stands for a fact that the instance lacks; null: it must be there.</summary>
    public string? Default => standIn;
}

/// <summary>What is wrong with a template, and where in it.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="line">The line within the text, from 1.</param>
/// <param name="column">The column within the line, from 1.</param>
public sealed class TemplateError(ValueProblem problem, int line, int column)
{
    /// <summary>What is wrong.</summary>
    public ValueProblem Problem => problem;

    /// <summary>The line within the text, from 1.</summary>
    public int Line => line;

    /// <summary>The column within the line, from 1.</summary>
    public int Column => column;
}

/// <summary>
/// A text with facts of the instance in it: <c>${instance.type}</c>, <c>${instance.tags.team:-none}</c>; <c>$${</c> stands for <c>${</c>. There is
/// nothing else in it: no expression, no command, no environment variable.
/// </summary>
public sealed class Template
{
    private const string Tags = "instance.tags.";

    private Template(string source, ImmutableArray<TemplatePart> parts)
    {
        Source = source;
        Parts = parts;
    }

    /// <summary>The facts that a template may name, without the tags.</summary>
    public static ImmutableArray<string> Facts { get; } =
    [
        "instance.availabilityZone", "instance.id", "instance.lifecycle", "instance.partition", "instance.placementGroup", "instance.region", "instance.type",
    ];

    /// <summary>The text as it was written.</summary>
    public string Source { get; }

    /// <summary>The parts, in order.</summary>
    public ImmutableArray<TemplatePart> Parts { get; }

    /// <summary>The tag that a fact's name is for; null when it is none.</summary>
    /// <param name="fact">The name, <c>instance.tags.team</c>.</param>
    public static string? TagOf(string fact) => fact.StartsWith(Tags, StringComparison.Ordinal) ? fact[Tags.Length..] : null;

    /// <summary>Reads a template.</summary>
    /// <param name="source">The text.</param>
    /// <param name="error">What is wrong, when the answer is null.</param>
    public static Template? Parse(string source, out TemplateError? error)
    {
        error = null;
        var parts = new List<TemplatePart>();
        var literal = new StringBuilder();
        for (var at = 0; at < source.Length; at++)
        {
            if (source.AsSpan(at).StartsWith("$${"))
            {
                literal.Append("${");
                at += 2;
                continue;
            }

            if (!source.AsSpan(at).StartsWith("${"))
            {
                literal.Append(source[at]);
                continue;
            }

            var end = source.IndexOf('}', at);
            if (end < 0)
            {
                error = At(source, at, "The template has `${` without `}`.", "Write `${instance.type}`; `$${` stands for `${` itself.");
                return null;
            }

            if (Reference(source[(at + 2)..end]) is var (part, problem) && problem is not null)
            {
                error = At(source, at + 2, problem.Message, problem.Help);
                return null;
            }

            if (literal.Length > 0)
            {
                parts.Add(new TemplatePart(literal.ToString()));
                literal.Clear();
            }

            parts.Add(part);
            at = end;
        }

        if (literal.Length > 0)
        {
            parts.Add(new TemplatePart(literal.ToString()));
        }

        return new Template(source, parts.ToImmutable());
    }

    /// <inheritdoc/>
    public override string ToString() => Source;

    private static (TemplatePart Part, ValueProblem? Problem) Reference(string text)
    {
        var colon = text.IndexOf(":-", StringComparison.Ordinal);
        var (name, standIn) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 2)..]);
        if (Facts.Contains(name) || name.Length > Tags.Length && name.StartsWith(Tags, StringComparison.Ordinal) && IsTag(name[Tags.Length..]))
        {
            return (new TemplatePart("", name, standIn), null);
        }

        return (new TemplatePart(""), name.StartsWith(Tags, StringComparison.Ordinal)
            ? new ValueProblem(
                $"The template names the tag {Quoted.Text(name[Tags.Length..])}, which the instance metadata cannot show.",
                "A tag there has letters, digits and `+ - = . , _ : @`, without spaces and slashes.")
            : new ValueProblem(
                $"A template has no fact {Quoted.Text(name)}.",
                Near(name) is { } near ? $"Did you mean `{near}`?" : $"The facts are {string.Join(", ", Facts.Select(f => $"`{f}`"))} and `{Tags}NAME`."));
    }

    // The last word alone is compared: that both begin with `instance.` makes them no more alike.
    private static string? Near(string name)
    {
        var last = Suggestions.Nearest(Last(name), Facts.Select(Last));
        return Facts.FirstOrDefault(f => Last(f) == last);

        static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];
    }

    // What EC2 allows in the key of a tag that the instance metadata shows (EC2 user guide, "Use instance metadata tags").
    private static bool IsTag(string name)
    {
        foreach (var character in name)
        {
            if (!char.IsLetterOrDigit(character) && !"+-=.,_:@".Contains(character, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return name is not ("." or ".." or "_index");
    }

    private static TemplateError At(string source, int position, string message, string help)
    {
        var before = source.AsSpan(0, position);
        return new TemplateError(new ValueProblem(message, help), before.Count('\n') + 1, before.Length - (before.LastIndexOf('\n') + 1) + 1);
    }
}
