using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>Changes for people: what changes, why, and what restarts.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
/// <param name="root">The root that it is about: what is kept lies below it.</param>
public sealed class PlanText(Style style, Redactor redactor, string root = "/")
{
    private const int MostDiffLines = 60;
    private const int MostValue = 100;
    private const int MostDeciders = 3;
    private const string NoProxy = "proxy.NO_PROXY";

    /// <summary>Writes the changes.</summary>
    public void Write(TextWriter writer, Changes changes)
    {
        foreach (var change in changes.Actions)
        {
            WriteChange(writer, change);
        }

        foreach (var kept in changes.Kept.Where(c => c.Planned is not null))
        {
            var enforced = kept with { Action = kept.Before is null ? ChangeAction.Create : ChangeAction.Update, After = kept.Planned };
            var metadata = Metadata(enforced);
            writer.WriteLine($"{style.Dim("=")} {kept.Path}  {style.Dim($"changed by hand, stays; with `--policy enforce`:{(metadata.Contains('→') ? " " + metadata : "")}")}");
            WriteContent(writer, enforced);
        }

        foreach (var restart in changes.Restarts)
        {
            writer.WriteLine($"{style.Yellow("↻")} {style.Bold(restart.Unit)}  {style.Dim("because of " + string.Join(", ", Names(restart.Because)))}");
        }

        if (changes.Restarts.Length > 0)
        {
            writer.WriteLine();
        }
    }

    /// <summary>What a join does beside the files: the user's hooks, modules of the kernel, and the defaults that a replacement leaves out.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="hooks">The hooks.</param>
    /// <param name="plan">The plan.</param>
    public void WriteOthers(TextWriter writer, HookSettings hooks, Plan plan)
    {
        var any = false;
        foreach (var stage in HookSettings.Stages)
        {
            foreach (var (hook, origin) in hooks.Of(stage))
            {
                Line("▸", $"hook {stage}", string.Join(' ', hook.Command), origin);
            }
        }

        foreach (var resource in plan.Resources)
        {
            if (resource is KernelModuleResource module)
            {
                Line("▸", "kernel module", module.Build.Length > 0 ? module.Build : module.Name, resource.Reasons.FirstOrDefault()?.Origin);
            }

            foreach (var dropped in resource is FileResource file ? file.Dropped : [])
            {
                Line("▾", "left out by the replacement", $"{dropped.Setting}: {Shorten(dropped.Value, 60)}", null);
            }
        }

        if (any)
        {
            writer.WriteLine();
        }

        void Line(string sign, string what, string value, Origin? origin)
        {
            any = true;
            writer.WriteLine($"{style.Yellow(sign)} {what}  {redactor.Redact(value)}{(origin is null ? "" : style.Dim("  ← " + redactor.Redact(origin.ToString())))}");
        }
    }

    /// <summary>The closing line when nothing changes: <c>No changes: 8 resources are as planned.</c></summary>
    public static string NoChanges(Changes changes)
    {
        var kept = changes.Kept.Count();
        return kept == 0
            ? string.Create(CultureInfo.InvariantCulture, $"No changes: {changes.Unchanged} resources are as planned.")
            : string.Create(CultureInfo.InvariantCulture, $"No changes: {changes.Unchanged - kept} resources are as planned, {kept} changed by hand stay as they are.");
    }

    // What decided the file, in short: the places and facts behind its values, once each.
    private static string Deciders(Change change)
    {
        var origins = change.Reasons.Where(r => r.Origin.Kind != OriginKind.Default)
            .Select(r => r.Origin.Kind == OriginKind.Configuration ? r.Origin.SourceName : r.Origin.ToString())
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return origins.Count switch
        {
            0 when change.Action == ChangeAction.Delete => "← planned no longer",
            0 => "← defaults",
            <= MostDeciders => "← " + string.Join(", ", origins),
            _ => string.Create(CultureInfo.InvariantCulture, $"← {string.Join(", ", origins.Take(MostDeciders))} and {origins.Count - MostDeciders} more"),
        };
    }

    /// <summary>Short names of resources in a list: the last part of the path, the whole path where two end alike. What is a sentence stays.</summary>
    /// <param name="resources">Their ids.</param>
    internal static string[] Names(IReadOnlyList<string> resources)
    {
        var names = new string[resources.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Last(resources[i]);
            for (var other = 0; other < names.Length; other++)
            {
                if (resources[other] != resources[i] && Last(resources[other]) == names[i])
                {
                    names[i] = resources[i][(resources[i].IndexOf(':', StringComparison.Ordinal) + 1)..];
                    break;
                }
            }
        }

        return names;

        static string Last(string resource) => resource.Contains(' ', StringComparison.Ordinal) ? resource : resource[(resource.LastIndexOfAny(['/', ':']) + 1)..];
    }

    /// <summary>Which node this is about: instance, versions, cluster.</summary>
    public static void Header(TextWriter writer, NodeView view, Style style)
    {
        var (instance, image) = (view.Facts.Instance, view.Facts.Image);
        string?[] parts =
        [
            Join(" ", instance.Id, instance.Type is null ? null : $"({Join(", ", instance.Type, instance.AvailabilityZone)})"),
            image.KubeletVersion is null ? null : $"Kubernetes {image.KubeletVersion}",
            image.ContainerdVersion is null ? null : $"containerd {image.ContainerdVersion}",
            view.Config.Cluster.Name is { } name ? $"cluster {name.Value}" : null,
        ];
        writer.WriteLine(style.Bold(Join(" · ", parts)));
        writer.WriteLine();
    }

    /// <summary>What join did to files, one line for each change.</summary>
    public static void WriteDone(TextWriter writer, Changes changes, Style style)
    {
        foreach (var change in changes.Actions)
        {
            var word = change.Action switch
            {
                ChangeAction.Create => style.Green("created"),
                ChangeAction.Delete => style.Red("deleted"),
                _ => style.Yellow("updated"),
            };
            var kept = change.KeptAs is null ? "" : style.Dim($"  your version: {change.KeptAs}");
            writer.WriteLine($"{word}  {change.Path}{kept}  {style.Dim(Deciders(change))}");
        }

        if (!changes.Any)
        {
            writer.WriteLine(NoChanges(changes));
        }

        writer.WriteLine();
    }

    /// <summary>The closing line: <c>Plan: 11 to create, 0 to update, 0 to delete, 3 unchanged.</c></summary>
    public static string Summary(Changes changes, string verb) => string.Create(
        CultureInfo.InvariantCulture,
        $"{verb}: {Count(changes, ChangeAction.Create)} to create, {Count(changes, ChangeAction.Update)} to update, {Count(changes, ChangeAction.Delete)} to delete, {changes.Unchanged} unchanged.");

    private static int Count(Changes changes, ChangeAction action) => changes.Actions.Count(c => c.Action == action);

    private void WriteChange(TextWriter writer, Change change)
    {
        var (sign, name) = change.Action switch
        {
            ChangeAction.Create => (style.Green("+"), style.Green(change.Path)),
            ChangeAction.Delete => (style.Red("-"), style.Red(change.Path)),
            _ => (style.Yellow("~"), style.Yellow(change.Path)),
        };
        writer.WriteLine($"{sign} {name}  {style.Dim(Metadata(change))}");
        var isPath = change.Resource is FileResource or SymlinkResource or null;
        switch (change.Verdict)
        {
            case Verdict.ChangedByHandReplaced when isPath:
                writer.WriteLine(style.Yellow("    changed by hand: ") + (change.KeptAs is { } kept
                    ? $"that version is replaced, and kept as {HostPath.Below(root, kept)}"
                    : "that is undone"));
                break;
            case Verdict.NeverOurs when isPath && change.Action == ChangeAction.Update:
                writer.WriteLine(style.Yellow("    not eksnode's: ") + "it was there before; it is replaced, and `eksnode reset` puts it back");
                break;
        }

        WriteContent(writer, change);
    }

    // What is new, or what changes inside, and who decided it.
    private void WriteContent(TextWriter writer, Change change)
    {
        if (change.Action == ChangeAction.Create)
        {
            WriteReasons(writer, change.Reasons);
            if (change.Reasons.All(r => r.Origin.Kind == OriginKind.Default))
            {
                writer.WriteLine(style.Dim("    defaults only"));
            }
        }
        else if (change.Action == ChangeAction.Update)
        {
            if (ObjectVersion.MetadataChange(change.Before?.Identity, change.After!.Identity) is { Length: > 0 } metadata)
            {
                writer.WriteLine(style.Yellow($"    ~ {metadata}") + style.Dim("; the content stays"));
            }
            else if (DocumentDiff.Of(change, redactor) is { } values)
            {
                WriteValues(writer, values);
            }
            else
            {
                WriteDiff(writer, change);
                WriteReasons(writer, [.. change.Reasons.Where(r => IsIn(r, Text(change.Before), Text(change.After)))]);
            }
        }

        writer.WriteLine();
    }

    private static string Metadata(Change change)
    {
        if (change.After is { HasOwner: false } disk)
        {
            return disk.Text!.Trim().Replace("\n", ", ", StringComparison.Ordinal);
        }

        var before = change.Before is { } b ? $"{b.Mode} {b.Owner}" : null;
        var after = change.After is { } a ? $"{a.Mode} {a.Owner}" : null;
        return before is null ? after ?? "" : after is null || before == after ? before : $"{before} → {after}";
    }

    // Whether a changed line holds the setting: the last name of it.
    private static bool IsIn(Reason reason, string? before, string? after)
    {
        var name = reason.Setting[(reason.Setting.LastIndexOf('.') + 1)..];
        return before is not null && after is not null
            && LineDiff.Compute(before, after, context: 0).Any(l => l.Kind == DiffKind.Added && l.Text.Contains(name, StringComparison.Ordinal));
    }

    // What the configuration and the facts decided; defaults are what every node has.
    private void WriteReasons(TextWriter writer, IReadOnlyList<Reason> reasons)
    {
        var shown = reasons.Where(r => r.Origin.Kind != OriginKind.Default).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        var names = Math.Min(shown.Max(r => redactor.Redact(r.Setting).Length), 46);
        foreach (var reason in shown)
        {
            var value = Shorten(redactor.Redact(reason.Value), 60);
            var note = reason.Origin.Note is null ? "" : $" ({redactor.Redact(reason.Origin.Note)})";
            writer.WriteLine($"    {redactor.Redact(reason.Setting).PadRight(names)}  {value}  {style.Dim("← " + redactor.Redact(reason.Origin.ToString()) + note)}");
        }

        // Beside what somebody chose, a list may have what every node's has.
        var defaults = reasons.Where(r => r.Origin.Kind == OriginKind.Default && r.Setting == NoProxy).ToList();
        if (defaults.Count > 0)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"    {NoProxy.PadRight(names)}  {string.Join(", ", defaults.Select(r => r.Value))}  {style.Dim($"← {defaults.Count} defaults")}"));
        }
    }

    private void WriteValues(TextWriter writer, ImmutableArray<DocumentChange> values)
    {
        if (values.IsEmpty)
        {
            writer.WriteLine(style.Dim("    the same values, written in another way"));
        }

        for (var i = 0; i < values.Length && i < MostDiffLines; i++)
        {
            var value = values[i];
            var name = redactor.Redact(value.Path);
            var origin = value.Origin is { } decided ? "  " + style.Dim("← " + redactor.Redact(decided.ToString()) + (decided.Note is { Length: > 0 } note ? $" ({redactor.Redact(note)})" : "")) : "";
            writer.WriteLine("    " + ((value.Before, value.After) switch
            {
                (null, { } after) => style.Green($"+ {name}: {Shorten(after, MostValue)}"),
                ({ } before, null) => style.Red($"- {name}: {Shorten(before, MostValue)}"),
                ({ } before, { } after) when before == after => style.Yellow($"~ {name}: another secret"),
                ({ } before, { } after) => style.Yellow($"~ {name}: {Shorten(before, MostValue)} → {Shorten(after, MostValue)}"),
                _ => name,
            }) + origin);
        }

        if (values.Length > MostDiffLines)
        {
            writer.WriteLine(style.Dim(string.Create(CultureInfo.InvariantCulture, $"    … {values.Length - MostDiffLines} more values")));
        }
    }

    private void WriteDiff(TextWriter writer, Change change)
    {
        if (Text(change.Before) is not { } before || Text(change.After) is not { } after)
        {
            writer.WriteLine(style.Dim("    not text"));
            return;
        }

        LineDiffText.Write(writer, before, after, MostDiffLines, style, redactor);
    }

    // Sensitive files are shown, too: what is secret in them is taken out.
    private static string? Text(ObjectVersion? version) =>
        version is { IsText: true } ? Encoding.UTF8.GetString(version.Content.AsSpan()) : null;

    private static string Join(string separator, params string?[] parts) => string.Join(separator, parts.Where(p => !string.IsNullOrEmpty(p)));

    internal static string Shorten(string value, int length)
    {
        value = value.ReplaceLineEndings(" ");
        return value.Length <= length ? value : value[..(length - 1)] + "…";
    }
}
