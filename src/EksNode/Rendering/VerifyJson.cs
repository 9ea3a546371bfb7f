using System.Text;
using System.Text.Json;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Kubelet;
using EksNode.Verifying;

namespace EksNode.Rendering;

/// <summary>What verify found, for tools: <c>docs/schemas/verify.schema.json</c>. The shape changes only by adding.</summary>
public static class VerifyJson
{
    /// <summary>Writes <c>comparedWith</c>, <c>findings</c>, <c>services</c>, <c>image</c>, <c>kubelet</c> and <c>summary</c> into an open object.</summary>
    public static void Write(Utf8JsonWriter json, VerifyReport report, Redactor redactor)
    {
        json.WriteStartArray("comparedWith");
        json.WriteStringValue("applied");
        if (report.HasPlan)
        {
            json.WriteStringValue("plan");
        }

        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            Write(json, finding, redactor);
        }

        json.WriteEndArray();
        json.WriteStartArray("services");
        foreach (var service in report.Services)
        {
            json.WriteStartObject();
            json.WriteString("unit", service.Unit);
            json.WriteString("state", service.State);
            json.WriteBoolean("drift", service.IsDrift);
            Write(json, "mustRestartBecause", service.Because);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("image");
        foreach (var part in report.Image)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("path", part.Path);
            json.WriteString("status", part.Problem is null ? "unchanged" : part.Problem == "missing" ? "missing" : "changed");
            json.WriteBoolean("drift", part.IsDrift);
            if (part.Problem is { } problem and not "missing")
            {
                Write(json, "differences", [problem]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (report.Kubelet is { } kubelet)
        {
            json.WriteStartArray("kubelet");
            foreach (var difference in kubelet)
            {
                json.WriteStartObject();
                json.WriteString("setting", redactor.Redact(difference.Path));
                WriteValue(json, "planned", difference.Planned?.Value, redactor);
                WriteValue(json, "running", difference.Running, redactor);
                if (difference.Planned is { } planned)
                {
                    json.WriteString("decidedBy", redactor.Redact(planned.Origin.ToString()));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("summary");
        json.WriteNumber("drift", report.Drift);
        json.WriteNumber("unchanged", report.Total - report.Drift);
        json.WriteEndObject();
    }

    /// <summary>The word for a status.</summary>
    public static string Word(FindingStatus status) => status switch
    {
        FindingStatus.Changed => "changed",
        FindingStatus.Missing => "missing",
        FindingStatus.NotOurs => "notOurs",
        FindingStatus.Outdated => "outdated",
        FindingStatus.NotPlanned => "notPlanned",
        _ => "unchanged",
    };

    private static void Write(Utf8JsonWriter json, Finding finding, Redactor redactor)
    {
        json.WriteStartObject();
        json.WriteString("resource", finding.ResourceId);
        json.WriteString("path", finding.Path);
        json.WriteString("status", Word(finding.Status));
        json.WriteBoolean("drift", finding.IsDrift);
        if (finding.IsDrift)
        {
            Write(json, "differences", finding.Differences);
            Write(json, "applied", finding.Applied, null, redactor);
            Write(json, "planned", finding.Planned?.Identity, finding.Planned, redactor);
            Write(json, "actual", finding.Actual?.Identity, finding.Actual, redactor);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ObjectIdentity? identity, ObjectVersion? version, Redactor redactor)
    {
        if (identity is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("kind", identity.Kind.ToString().ToLowerInvariant());
        if (identity.Kind == FileKind.File)
        {
            json.WriteString("mode", identity.ModeText);
            json.WriteString("owner", new ObjectVersion(identity, default, false).Owner);
            json.WriteString("sha256", identity.Sha256);
        }

        if (identity.Target is { } target)
        {
            json.WriteString("target", redactor.Redact(target));
        }

        // As in a plan: text that holds a secret is left out as a whole.
        if (version is { IsText: true } && Encoding.UTF8.GetString(version.Content.AsSpan()) is var text && !redactor.HasSecret(text))
        {
            json.WriteString("content", text);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, TreeNode? value, Redactor redactor)
    {
        if (value is not null)
        {
            json.WriteString(name, redactor.Redact(KubeletDifference.TextOf(value)));
        }
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
