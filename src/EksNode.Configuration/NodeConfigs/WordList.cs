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
        (this.words, this.values) = (words, values);
        for (var i = 1; i < words.Length; i++)
        {
            for (var j = i; j > 0 && string.CompareOrdinal(words[j - 1], words[j]) > 0; j--)
            {
                (words[j - 1], words[j], values[j - 1], values[j]) = (words[j], words[j - 1], values[j], values[j - 1]);
            }
        }
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

    /// <summary>The word of a value.</summary>
    /// <param name="value">The value: one of those that the words stand for.</param>
    /// <exception cref="ArgumentException">No word stands for it.</exception>
    public string WordOf(T value)
    {
        for (var i = 0; i < words.Length; i++)
        {
            // Boxed, so that no comparer is compiled for each type of value.
            if (Equals((object?)values[i], value))
            {
                return words[i];
            }
        }

        throw new ArgumentException($"No word stands for {value}.", nameof(value));
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
