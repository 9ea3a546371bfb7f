using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging.Checks;
using EksNode.Imaging;

namespace EksNode.Rendering;

/// <summary>What a validation of an image found, for people: what is not as planned with what should be there and what is, controls, and how many things are as planned.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
internal sealed class ImageFindingsText(Style style, Redactor redactor)
{
    private static readonly CheckStatus[] Shown =
        [CheckStatus.Unreadable, CheckStatus.Missing, CheckStatus.Different, CheckStatus.Unexpected, CheckStatus.NotChecked];

    /// <summary>Writes the findings, failures first.</summary>
    public void Write(TextWriter writer, ImageValidation validation)
    {
        foreach (var status in Shown)
        {
            var word = Word(status).PadRight(12);
            foreach (var finding in validation.Findings)
            {
                if (finding.Status == status)
                {
                    writer.WriteLine($"{(status == CheckStatus.NotChecked ? style.Dim(word) : status == CheckStatus.Unreadable ? style.Red(word) : style.Yellow(word))}  {redactor.Redact(finding.Resource)}");
                    Line(writer, "expected", finding.Expected);
                    Line(writer, "found", finding.Found);
                    Line(writer, "note", finding.Note);
                }
            }
        }

        foreach (var finding in validation.Findings)
        {
            if (finding is { Check: "program", Status: CheckStatus.AsPlanned, Note: { } note })
            {
                writer.WriteLine($"{style.Dim("not run".PadRight(12))}  {redactor.Redact(finding.Resource)}");
                Line(writer, "note", note);
            }
        }

        var failing = 0;
        var absent = 0;
        foreach (var control in validation.Controls)
        {
            if (control.Failing.Count > 0)
            {
                failing++;
                writer.WriteLine($"{style.Yellow("control".PadRight(12))}  {control.Id}  {style.Dim(redactor.Redact(string.Join(", ", control.Failing)))}");
            }
            else if (control.IsNotApplicable)
            {
                absent++;
                writer.WriteLine(style.Dim($"{"no subject".PadRight(12)}  {control.Id}  {redactor.Redact(string.Join(", ", control.NotApplicable))}"));
            }
        }

        if (validation.Controls.Count > 0)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Controls: {validation.Controls.Count - failing - absent} of {validation.Controls.Count} have all their resources as planned{(absent == 0 ? "" : $", {absent} have nothing here that they could be about")}."));
        }

        var rest = new List<string>();
        Add(rest, validation.Count(CheckStatus.Unreadable), "could not be read");
        Add(rest, validation.Count(CheckStatus.NotChecked), "were not looked at");
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(validation.Differences == 0 ? "As planned" : "Not as planned")}: {validation.Differences} differences in {validation.Findings.Count} checks{string.Concat(rest)} (compared with {string.Join(", ", validation.ComparedWith)})."));
    }

    private static void Add(List<string> rest, int count, string what)
    {
        if (count > 0)
        {
            rest.Add(string.Create(CultureInfo.InvariantCulture, $", {count} {what}"));
        }
    }

    private void Line(TextWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteLine(style.Dim($"  {name.PadRight(8)}  {redactor.Redact(text)}"));
        }
    }

    private static string Word(CheckStatus status) => status switch
    {
        CheckStatus.NotChecked => "not checked",
        _ => ImageFindingsJson.Word(status),
    };
}
