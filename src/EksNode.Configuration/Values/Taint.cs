using EksNode.Configuration.Text;

namespace EksNode.Configuration.Values;

/// <summary>A node taint.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; may be empty.</param>
/// <param name="Effect"><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</param>
public sealed record Taint(string Key, string Value, string Effect)
{
    /// <summary>The effects that a taint can have.</summary>
    public static IReadOnlyList<string> Effects { get; } = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    /// <summary>Reads <c>key[=value]:effect</c>, as <c>--register-with-taints</c> takes it.</summary>
    public static ValueResult<Taint> Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return new ValueProblem($"The taint {Quoted.Text(text)} names no effect.", "Write `key=value:NoSchedule`, or `PreferNoSchedule` or `NoExecute` for the effect.");
        }

        var effect = text[(colon + 1)..];
        if (!Effects.Contains(effect))
        {
            return new ValueProblem(
                $"The taint {Quoted.Text(text)} has the effect {Quoted.Text(effect)}, which Kubernetes does not know.",
                Suggestions.DidYouMean(effect, Effects, $"Write {Quoted.Choices([.. Effects])}."));
        }

        var pair = text[..colon];
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = equals < 0 ? (pair, "") : (pair[..equals], pair[(equals + 1)..]);
        return Label.ParseKey(key).TryGet(out _, out var problem) && Label.ParseValue(value).TryGet(out _, out problem)
            ? new Taint(key, value, effect)
            : OfTaint(problem);
    }

    /// <summary>Reads a taint's key.</summary>
    public static ValueResult<string> ParseKey(string text) => Label.ParseKey(text).TryGet(out _, out var problem) ? text : OfTaint(problem);

    /// <summary>What is wrong with a label's value or key, said of a taint.</summary>
    internal static ValueProblem OfTaint(ValueProblem problem) => new(problem.Message.Replace("label", "taint", StringComparison.Ordinal), problem.Help);
}
