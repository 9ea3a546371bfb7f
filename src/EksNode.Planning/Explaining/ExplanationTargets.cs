using System.Collections.Immutable;

namespace EksNode.Planning.Explaining;

/// <summary>What a word on the command line means among the targets.</summary>
public static class ExplanationTargets
{
    private static readonly (string Word, string Target)[] Words =
    [
        ("reserved", "kubelet.kubeReserved"),
        ("eviction", "kubelet.evictionHard"),
        ("max-pods", "kubelet.maxPods"),
        ("containerd", "containerd"),
        ("kubelet", "kubelet"),
    ];

    /// <summary>
    /// The explanations that a word means: a target, everything below it (<c>kubelet.authentication</c>, a folder), a pattern with
    /// <c>*</c> and <c>?</c>, a field of the kubelet alone (<c>maxPods</c>), or the setting of a NodeConfig (<c>spec.kubelet.config.maxPods</c>).
    /// </summary>
    /// <param name="all">All explanations.</param>
    /// <param name="word">The word.</param>
    public static ImmutableArray<Explanation> Find(ImmutableArray<Explanation> all, string word)
    {
        foreach (var (name, target) in Words)
        {
            if (word == name)
            {
                word = target;
            }
        }

        const string config = "spec.kubelet.config.";
        word = word.StartsWith(config, StringComparison.Ordinal) ? "kubelet." + word[config.Length..] : word;
        var found = Exactly(all, word);
        return found.IsEmpty ? Exactly(all, "kubelet." + word) : found;
    }

    private static ImmutableArray<Explanation> Exactly(ImmutableArray<Explanation> all, string word)
    {
        var exact = ImmutableArray.CreateBuilder<Explanation>();
        var below = ImmutableArray.CreateBuilder<Explanation>();
        var isPattern = word.AsSpan().IndexOfAny('*', '?') >= 0;
        foreach (var explanation in all)
        {
            var target = explanation.Target;
            if (target == word)
            {
                exact.Add(explanation);
            }
            else if (explanation.Value is not null
                && (isPattern ? IsMatch(target, word) : target.StartsWith(word, StringComparison.Ordinal) && (word.EndsWith('/') || target[word.Length] is '.' or '/' or '[')))
            {
                below.Add(explanation);
            }
        }

        return exact.Count > 0 ? exact.ToImmutable() : below.ToImmutable();
    }

    private static bool IsMatch(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '*')
            {
                for (var i = 0; i <= text.Length; i++)
                {
                    if (IsMatch(text[i..], pattern[1..]))
                    {
                        return true;
                    }
                }

                return false;
            }

            if (text.IsEmpty || (pattern[0] != '?' && pattern[0] != text[0]))
            {
                return false;
            }

            text = text[1..];
            pattern = pattern[1..];
        }

        return text.IsEmpty;
    }
}
