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
            return new ValueProblem($"The taint {Quoted.Text(text)} has no effect.", "Write `key=value:NoSchedule`.");
        }

        var effect = text[(colon + 1)..];
        if (!Effects.Contains(effect))
        {
            return new ValueProblem(
                $"The taint {Quoted.Text(text)} has the effect {Quoted.Text(effect)}.",
                Suggestions.DidYouMean(effect, Effects, $"The effects are {Quoted.Choices([.. Effects]).Replace(" or ", " and ", StringComparison.Ordinal)}."));
        }

        var pair = text[..colon];
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = equals < 0 ? (pair, "") : (pair[..equals], pair[(equals + 1)..]);
        return Label.ParseKey(key).TryGet(out _, out var problem) && Label.ParseValue(value).TryGet(out _, out problem)
            ? new Taint(key, value, effect)
            : new ValueProblem(problem.Message.Replace("label", "taint", StringComparison.Ordinal), problem.Help);
    }
}
