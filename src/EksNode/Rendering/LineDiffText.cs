using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>The lines in which two texts differ, for people.</summary>
internal static class LineDiffText
{
    /// <summary>Writes them, without secrets.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="before">The text before.</param>
    /// <param name="after">The text after.</param>
    /// <param name="most">The most lines; how many more there are is said.</param>
    /// <param name="style">Colours.</param>
    /// <param name="redactor">Takes secrets out.</param>
    public static void Write(TextWriter writer, string before, string after, int most, Style style, Redactor redactor)
    {
        var lines = LineDiff.Compute(redactor.Redact(before.TrimEnd('\n')), redactor.Redact(after.TrimEnd('\n')));
        if (lines.Count == 0 && before != after)
        {
            writer.WriteLine(style.Dim("    differs only in a secret or at its end"));
        }

        foreach (var line in lines.Take(most))
        {
            writer.WriteLine("    " + (line.Kind switch
            {
                DiffKind.Added => style.Green("+ " + line.Text),
                DiffKind.Removed => style.Red("- " + line.Text),
                DiffKind.Gap => style.Dim("  …"),
                _ => style.Dim("  " + line.Text),
            }));
        }

        if (lines.Count > most)
        {
            writer.WriteLine(style.Dim(string.Create(CultureInfo.InvariantCulture, $"    … {lines.Count - most} more lines")));
        }
    }
}
