using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>Diagnostics for people: place, severity, code, what is wrong, what to do.</summary>
public static class DiagnosticText
{
    /// <summary>One diagnostic, over two or three lines.</summary>
    public static string Render(Diagnostic diagnostic, Style style, Redactor redactor)
    {
        var severity = diagnostic.Severity switch
        {
            Severity.Error => style.Red("error"),
            Severity.Warning => style.Yellow("warning"),
            _ => style.Cyan("info"),
        };
        var text = new StringBuilder();
        text.Append(severity).Append(' ').Append(style.Bold(diagnostic.Code)).Append(": ").Append(redactor.Redact(diagnostic.Message));
        var place = diagnostic.Origin is { Kind: OriginKind.Configuration } origin ? redactor.Redact(origin.ToString()) : null;
        if (place is not null || diagnostic.Path is not null)
        {
            text.Append("\n  ").Append(style.Dim("at "));
            text.AppendJoin(' ', new[] { place is null ? null : style.Cyan(place), diagnostic.Path is null ? null : redactor.Redact(diagnostic.Path) }.Where(p => p is not null));
        }

        if (diagnostic.Help.Length > 0)
        {
            text.Append("\n  ").Append(style.Dim("help ")).Append(redactor.Redact(diagnostic.Help));
        }

        return text.ToString();
    }

    /// <summary>The closing line: <c>2 errors, 1 warning</c>; empty when there is neither.</summary>
    public static string Summary(IReadOnlyCollection<Diagnostic> diagnostics)
    {
        var parts = new List<string>();
        Count(Severity.Error, "error");
        Count(Severity.Warning, "warning");
        return string.Join(", ", parts);

        void Count(Severity severity, string noun)
        {
            var count = diagnostics.Count(d => d.Severity == severity);
            if (count > 0)
            {
                parts.Add(count == 1 ? $"1 {noun}" : $"{count} {noun}s");
            }
        }
    }
}
