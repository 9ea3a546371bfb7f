using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>Changes for tools. The shape is versioned and changes only by adding.</summary>
public static class PlanJson
{
    /// <summary>
    /// Writes <c>changes</c>, <c>restarts</c>, <c>unchanged</c> (how many resources are left alone) and <c>kept</c> (those of them that were
    /// changed by hand) into an open object.
    /// </summary>
    public static void Write(Utf8JsonWriter json, Changes changes, Redactor redactor)
    {
        json.WriteStartArray("changes");
        foreach (var change in changes.Actions)
        {
            json.WriteStartObject();
            json.WriteString("resource", change.ResourceId);
            json.WriteString("action", change.Action.ToString().ToLowerInvariant());
            Write(json, "before", change.Before, redactor);
            Write(json, "after", change.After, redactor);
            if (change.KeptAs is not null)
            {
                json.WriteString("keptAs", change.KeptAs);
            }

            if (change.Resource is { Controls.IsEmpty: false } resource)
            {
                json.WriteStartArray("controls");
                foreach (var control in resource.Controls)
                {
                    json.WriteStringValue(control);
                }

                json.WriteEndArray();
            }

            if (DocumentDiff.Of(change, redactor) is { } values)
            {
                WriteDiff(json, values, redactor);
            }

            json.WriteStartArray("reasons");
            foreach (var reason in change.Reasons)
            {
                json.WriteStartObject();
                json.WriteString("setting", redactor.Redact(reason.Setting));
                json.WriteString("value", redactor.Redact(reason.Value));
                OriginJson.Write(json, reason.Origin, redactor);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("restarts");
        foreach (var restart in changes.Restarts)
        {
            json.WriteStartObject();
            json.WriteString("unit", restart.Unit);
            json.WriteStartArray("because");
            foreach (var resource in restart.Because)
            {
                json.WriteStringValue(resource);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("unchanged", changes.Unchanged);
        json.WriteStartArray("kept");
        foreach (var kept in changes.Kept)
        {
            json.WriteStringValue(kept.ResourceId);
        }

        json.WriteEndArray();
    }

    private static void WriteDiff(Utf8JsonWriter json, ImmutableArray<DocumentChange> values, Redactor redactor)
    {
        json.WriteStartArray("diff");
        foreach (var value in values)
        {
            json.WriteStartObject();
            json.WriteString("path", redactor.Redact(value.Path));
            if (value.Before is { } before)
            {
                json.WriteString("before", before);
            }

            if (value.After is { } after)
            {
                json.WriteString("after", after);
            }

            if (value.Origin is { } origin)
            {
                OriginJson.Write(json, origin, redactor);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>
    /// Writes what a join does beside the changes: <c>hooks</c>, <c>kernelModules</c>, and <c>dropped</c> (the defaults that a replacement leaves out).
    /// </summary>
    public static void WriteOthers(Utf8JsonWriter json, HookSettings hooks, Plan plan, Redactor redactor)
    {
        json.WriteStartArray("hooks");
        foreach (var stage in HookSettings.Stages)
        {
            foreach (var (hook, origin) in hooks.Of(stage))
            {
                json.WriteStartObject();
                json.WriteString("stage", stage);
                json.WriteStartArray("command");
                foreach (var word in hook.Command)
                {
                    json.WriteStringValue(redactor.Redact(word));
                }

                json.WriteEndArray();
                OriginJson.Write(json, origin, redactor);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("kernelModules");
        foreach (var module in plan.Resources.OfType<KernelModuleResource>())
        {
            json.WriteStringValue(module.Build.Length > 0 ? module.Build : module.Name);
        }

        json.WriteEndArray();
        json.WriteStartArray("dropped");
        foreach (var file in plan.Resources.OfType<FileResource>())
        {
            foreach (var dropped in file.Dropped)
            {
                json.WriteStartObject();
                json.WriteString("setting", dropped.Setting);
                json.WriteString("value", redactor.Redact(dropped.Value));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, ObjectVersion? version, Redactor redactor)
    {
        if (version is null)
        {
            return;
        }

        json.WriteStartObject(name);
        if (version.HasOwner)
        {
            json.WriteString("mode", version.Mode);
            json.WriteString("owner", version.Owner);
        }

        if (version.Identity.Sha256 is { } sha256)
        {
            json.WriteString("sha256", sha256);
        }

        if (version.Identity.Target is { } target)
        {
            json.WriteString("target", target);
        }

        // Text that holds a secret is left out as a whole: half of a file would look like a file.
        if (version.IsText && Encoding.UTF8.GetString(version.Content.AsSpan()) is var text && !redactor.HasSecret(text))
        {
            json.WriteString("content", text);
        }

        json.WriteEndObject();
    }
}
