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
    /// <param name="or">What it may be instead of a number, after "a number".</param>
    public static Sourced<string>? Read(Section section, string key, long least, long most, DiagnosticDescriptor descriptor, string or = "")
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

        var range = most == long.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"of {least} or more")
            : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
        section.Diagnostics.Report(
            descriptor,
            $"`{section.PathOf(key)}` must be a whole number {range}{or}, but it is {SettingTypes.Describe(node, section.PathOf(key))}.",
            node is TreeScalar { Kind: ScalarKind.Integer } ? "Write a number in this range." : or.Length > 0 ? $"Write a number without quotes{or}." : "Write the number without quotes.",
            node.Origin,
            section.PathOf(key));
        return null;
    }
}
