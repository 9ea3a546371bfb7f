using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Kubelet;
using EksNode.Verifying;

namespace EksNode.Rendering;

/// <summary>What verify found, for people: what is not as it should be, what differs, and how many things are.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
public sealed class VerifyText(Style style, Redactor redactor)
{
    private const int MostDiffLines = 40;

    /// <summary>Writes the findings.</summary>
    public void Write(TextWriter writer, VerifyReport report)
    {
        foreach (var finding in report.Findings)
        {
            if (finding.IsDrift)
            {
                Write(writer, finding);
            }
        }

        foreach (var service in report.Services)
        {
            if (service.IsDrift)
            {
                writer.WriteLine($"{style.Yellow("service")}      {service.Unit}  {style.Dim(service.Runs ? "must restart: " + string.Join(", ", service.Because) : $"is {service.State}")}");
            }
        }

        foreach (var part in report.Image)
        {
            if (part.IsDrift)
            {
                writer.WriteLine($"{style.Yellow("image")}        {part.Path}  {style.Dim($"{part.Name}: {part.Detail}")}");
            }
        }

        foreach (var difference in report.Kubelet ?? [])
        {
            var decided = difference.Planned is { } planned ? $"  ← {planned.Origin}" : "";
            writer.WriteLine($"{style.Yellow("kubelet")}      {redactor.Redact(difference.Path)}  {style.Dim(redactor.Redact($"runs with {KubeletDifference.TextOf(difference.Running)}, planned {KubeletDifference.TextOf(difference.Planned?.Value)}{decided}"))}");
        }

        var with = report.HasPlan ? "what was applied and the plan" : "what was applied";
        writer.WriteLine(report.Drift == 0
            ? string.Create(CultureInfo.InvariantCulture, $"No drift: {report.Total} things are as they should be (compared with {with}).")
            : string.Create(CultureInfo.InvariantCulture, $"Drift: {report.Drift} of {report.Total} things are not as they should be (compared with {with})."));
    }

    private void Write(TextWriter writer, Finding finding)
    {
        var word = finding.Status switch
        {
            FindingStatus.Changed => style.Yellow("changed     "),
            FindingStatus.Missing => style.Red("missing     "),
            FindingStatus.NotOurs => style.Yellow("not ours    "),
            FindingStatus.Outdated => style.Yellow("outdated    "),
            _ => style.Yellow("not planned "),
        };
        var detail = finding.Status switch
        {
            FindingStatus.Changed => "by hand: " + Differences(finding),
            FindingStatus.Missing => "",
            FindingStatus.NotOurs => "never written by eksnode: " + Differences(finding),
            FindingStatus.Outdated => "the plan is another now: " + Differences(finding),
            _ when finding.Ownership == Ownership.OursChangedByHand => "planned no more, changed by hand: " + Differences(finding),
            _ => "planned no more",
        };
        var name = finding.ResourceId.EndsWith(finding.Path, StringComparison.Ordinal) ? finding.Path : $"{finding.Path} ({finding.ResourceId})";
        writer.WriteLine($"{word} {name}  {style.Dim(redactor.Redact(detail))}");
        WriteDiff(writer, finding);
    }

    private static string Differences(Finding finding)
    {
        var text = new StringBuilder();
        var expected = finding.Status is FindingStatus.Changed or FindingStatus.NotPlanned ? finding.Applied ?? finding.Planned?.Identity : finding.Planned?.Identity;
        foreach (var difference in finding.Differences)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(difference);
            if (expected is not null && finding.Actual is { } actual)
            {
                text.Append(difference switch
                {
                    "mode" => $" {expected.ModeText} → {actual.Mode}",
                    "owner" => $" {new ObjectVersion(expected, default, false).Owner} → {actual.Owner}",
                    "target" => $" {expected.Target} → {actual.Identity.Target}",
                    "kind" => $" {Kind(expected)} → {Kind(actual.Identity)}",
                    _ => "",
                });
            }
        }

        return text.Length == 0 ? "its lines" : text.ToString();
    }

    private static string Kind(ObjectIdentity identity) => identity.Kind switch
    {
        FileKind.Symlink => "link to " + identity.Target,
        FileKind.Special => "device, pipe or socket",
        _ => identity.Kind.ToString().ToLowerInvariant(),
    };

    // From what is planned to what is there: the bytes that were written are remembered by their digest alone.
    private void WriteDiff(TextWriter writer, Finding finding)
    {
        if (finding.Planned is not { IsText: true } planned || finding.Actual is not { IsText: true } actual)
        {
            return;
        }

        LineDiffText.Write(writer, Encoding.UTF8.GetString(planned.Content.AsSpan()), Encoding.UTF8.GetString(actual.Content.AsSpan()), MostDiffLines, style, redactor);
    }
}
