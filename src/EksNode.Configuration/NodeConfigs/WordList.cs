using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>The words that a setting may be, and what each stands for: a few, so looking them through is the quickest, and the least code for each type.</summary>
/// <typeparam name="T">What a word stands for.</typeparam>
public sealed class WordList<T>
{
    private readonly string[] words;
    private readonly T[] values;

    internal WordList(string[] words, T[] values)
    {
        Array.Sort(words, values, StringComparer.Ordinal);
        (this.words, this.values) = (words, values);
    }

    /// <summary>The words, in ordinal order.</summary>
    public ImmutableArray<string> Words => [.. words];

    /// <summary>What a word stands for.</summary>
    /// <param name="word">The word.</param>
    /// <param name="value">What it stands for.</param>
    /// <returns>Whether it is one of them.</returns>
    public bool TryGet(string word, [MaybeNullWhen(false)] out T value)
    {
        var at = Array.IndexOf(words, word);
        value = at < 0 ? default : values[at];
        return at >= 0;
    }
}

/// <summary>Makes lists of words.</summary>
internal static class WordList
{
    /// <summary>Words that stand for themselves.</summary>
    public static WordList<string> Of(params string[] words) => new([.. words], words);

    /// <summary>Words with what each stands for.</summary>
    public static WordList<T> Of<T>(string[] words, T[] values) => new(words, values);
}
