using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Explaining;

/// <summary>What a word on the command line means among the targets.</summary>
public static class ExplanationTargets
{
    private const string Spec = "spec.";
    private const string KubeletConfig = "spec.kubelet.config.";

    private static readonly (string Word, string Target)[] Words =
    [
        ("reserved", "kubelet.kubeReserved"),
        ("eviction", "kubelet.evictionHard"),
        ("max-pods", "kubelet.maxPods"),
        ("containerd", "containerd"),
        ("kubelet", "kubelet"),
    ];

    private static readonly string[] Prefixes = ["kubelet.", "kubelet.flags.", "proxy."];

    // What a word means where nothing of the node is called so.
    private static readonly (string Word, string Target)[] OtherWords =
    [
        ("sandbox_image", "*.pinned_images.sandbox"),
        ("sandbox_image", "*.sandbox_image"),
        ("sandbox", "*.pinned_images.sandbox"),
        ("NO_PROXY", "spec.proxy.noProxy"),
        ("HTTP_PROXY", "spec.proxy.http"),
        ("HTTPS_PROXY", "spec.proxy.https"),
        ("node-labels", "spec.labels"),
        ("register-with-taints", "spec.taints"),
    ];

    /// <summary>
    /// The explanations that a word means: a target, everything below it (<c>kubelet.authentication</c>, a folder), a pattern with
    /// <c>*</c> and <c>?</c>, a field of the kubelet alone (<c>maxPods</c>), or a setting of a NodeConfig (<c>spec.proxy.noProxy</c>), which means
    /// what it decides, or would decide. What nobody set is meant only where nothing else is.
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

        word = Plain(word);
        if (word.StartsWith(Spec, StringComparison.Ordinal) && !word.StartsWith(KubeletConfig, StringComparison.Ordinal) && word.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return OfSetting(all, word);
        }

        if (word.StartsWith(KubeletConfig, StringComparison.Ordinal))
        {
            var ofKubelet = Exactly(all, "kubelet." + word[KubeletConfig.Length..]);
            return ofKubelet.IsEmpty ? OfSetting(all, word) : ofKubelet;
        }

        var found = Exactly(all, word);
        foreach (var prefix in Prefixes)
        {
            found = found.IsEmpty ? Exactly(all, prefix + word) : found;
        }

        // The name of a section of the configuration, or what other files call a setting.
        found = found.IsEmpty ? OfSetting(all, Spec + word) : found;
        foreach (var (name, target) in OtherWords)
        {
            if (found.IsEmpty && word == name)
            {
                found = target.StartsWith(Spec, StringComparison.Ordinal) ? OfSetting(all, target) : Exactly(all, target);
            }
        }

        return found;
    }

    /// <summary>
    /// The name that a word was probably meant to be, or null: it is the same part by part, or near it. A whole name is long, and with a third of
    /// its letters wrong it would be any other.
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="names">All names.</param>
    public static string? Nearest(string word, IReadOnlyCollection<string> names)
    {
        var prefix = "";
        for (var start = 0; ;)
        {
            var end = word.AsSpan(start).IndexOfAny('.', '/');
            var isLast = end < 0;
            var part = isLast ? word[start..] : word.Substring(start, end);
            var parts = new HashSet<string>(StringComparer.Ordinal);
            foreach (var name in names)
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    var rest = name[prefix.Length..];
                    var at = rest.AsSpan().IndexOfAny('.', '/');
                    if (isLast || (at >= 0 && rest[at] == word[start + end]))
                    {
                        parts.Add(at < 0 ? rest : rest[..at]);
                    }
                }
            }

            if ((parts.Contains(part) ? part : Suggestions.Nearest(part, parts)) is not { } near)
            {
                return null;
            }

            prefix += near;
            if (isLast)
            {
                return prefix;
            }

            prefix += word[start + end];
            start += end + 1;
        }
    }

    // What the setting of a NodeConfig decides, or would decide.
    private static ImmutableArray<Explanation> OfSetting(ImmutableArray<Explanation> all, string word)
    {
        var decided = new List<Explanation>();
        var would = new List<Explanation>();
        var unlisted = new List<Explanation>();
        foreach (var explanation in all)
        {
            if (explanation.IsListed && (IsAtOrBelow(Plain(explanation.Target), word) || explanation.Settings.Any(s => IsAtOrBelow(Plain(s), word))))
            {
                decided.Add(explanation);
            }
            else if (explanation.OtherSettings.Any(s => IsAtOrBelow(Plain(s), word)))
            {
                (explanation.IsListed ? would : unlisted).Add(explanation);
            }
        }

        // A list that a source sets is told as a whole, not once more by its items.
        return decided.Count > 0 ? decided.ToImmutable()
            : would.Count > 0 ? would.ToImmutable()
            : unlisted.FirstOrDefault(e => Plain(e.Target) == word) is { } whole ? [whole]
            : unlisted.ToImmutable();
    }

    private static bool IsAtOrBelow(string name, string word) =>
        name.StartsWith(word, StringComparison.Ordinal) && (name.Length == word.Length || name[word.Length] is '.' or '[');

    // Shells take quotes away, and a key may be written as `.key` or as `["key"]`.
    private static string Plain(string name) =>
        name.AsSpan().IndexOfAny('"', '\'') < 0
            ? name
            : name.Replace("[\"", ".", StringComparison.Ordinal).Replace("\"]", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal);

    private static ImmutableArray<Explanation> Exactly(ImmutableArray<Explanation> all, string word)
    {
        var exact = new List<Explanation>();
        var below = new List<Explanation>();
        var unlisted = new List<Explanation>();
        var isPattern = word.AsSpan().IndexOfAny('*', '?') >= 0;
        foreach (var explanation in all)
        {
            var target = Plain(explanation.Target);
            if (target == word || explanation.Names.Any(n => Plain(n) == word))
            {
                exact.Add(explanation);
            }
            else if (isPattern ? IsMatch(target, word) : IsBelow(explanation, target, word))
            {
                (explanation.IsListed ? below : unlisted).Add(explanation);
            }
        }

        if (exact.Count == 0 && below.Count == 0 && unlisted.Count == 0 && !isPattern)
        {
            // A part of what has no parts, because it is not set.
            unlisted.AddRange(all.Where(e => e is { IsListed: false, Value: null, Layer: "the kubelet" } && word.StartsWith(e.Target + ".", StringComparison.Ordinal)));
        }

        return (exact.Count > 0 ? exact : below.Count > 0 ? below : unlisted).ToImmutable();
    }

    private static bool IsBelow(Explanation explanation, string target, string word)
    {
        if (target.StartsWith(word, StringComparison.Ordinal) && (word.EndsWith('/') || target[word.Length] is '.' or '/' or '[' or ':'))
        {
            return true;
        }

        // Mounts and devices have ids that are no paths.
        return word.EndsWith('/') && explanation.Names.Any(n => n.StartsWith(word, StringComparison.Ordinal));
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
