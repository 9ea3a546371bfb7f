using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads a setting that is a whole number.</summary>
internal static class WholeNumber
{
    /// <summary>The number as text, or null when it is not set or wrong.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <param name="descriptor">What it is when it is wrong.</param>
    /// <param name="word">The word that it may be instead of a number.</param>
    public static Sourced<string>? Read(Section section, string key, long least, long most, DiagnosticDescriptor descriptor, string? word = null)
    {
        var node = section.Value(key);
        if (node is null)
        {
            return null;
        }

        if (node is TreeScalar { Kind: ScalarKind.Integer } scalar
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return new Sourced<string>(number.ToString(CultureInfo.InvariantCulture), scalar.Origin);
        }

        var or = word is null ? "" : $" or `{word}`";
        var range = most == long.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"of {least} or more")
            : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
        section.Diagnostics.Report(
            descriptor,
            $"`{section.PathOf(key)}` must be a whole number {range}{or}, but it is {SettingTypes.Describe(node, section.PathOf(key))}.",
            node is not TreeScalar { Kind: ScalarKind.String } text ? $"Write a whole number {range}{or}."
                : long.TryParse(text.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? "Write the number without quotes."
                : word is not null && text.Text.Equals(word, StringComparison.OrdinalIgnoreCase) ? $"Write `{word}`: upper and lower case differ."
                : $"Write a whole number {range}{or}.",
            node.Origin,
            section.PathOf(key));
        return null;
    }
}
