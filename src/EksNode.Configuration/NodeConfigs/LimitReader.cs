using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.limits</c>.</summary>
internal static class LimitReader
{
    // The limits of setrlimit(2), by the end of their names; an OCI runtime calls them RLIMIT_…, systemd Limit….
    private static readonly string[] Names =
        ["as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"];

    private const string TasksMax = "tasksMax";
    private const string LimitPrefix = "limit";

    // The kernel's upper limit of open files is fs.nr_open; 2^30 is the most that it can be set to.
    private const long MostOpenFiles = 1L << 30;

    public static LimitSettings Read(Section section)
    {
        var settings = new LimitSettings
        {
            PodPidsLimit = PodPidsLimit(section),
            Rlimits = Rlimits(section),
            Units = Units(section),
        };
        section.Finish();
        return settings;
    }

    private static Sourced<string>? PodPidsLimit(Section section)
    {
        const string Key = "podPidsLimit";
        return section.Word(Key, LimitSettings.Auto)
            ?? WholeNumber.Read(section, Key, 1, long.MaxValue, DiagnosticCatalogue.BadLimit, LimitSettings.Auto);
    }

    private static SortedMap<Sourced<ProcessLimit>> Rlimits(Section section)
    {
        const string Key = "rlimits";
        var limits = SortedMap.Empty<Sourced<ProcessLimit>>();
        foreach (var entry in section.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(section.PathOf(Key), entry.Key);
            if (!Names.Contains(entry.Key))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadLimit,
                    $"There is no limit {Quoted.Text(entry.Key)} of a process.",
                    Suggestions.DidYouMean(entry.Key.ToLowerInvariant().Replace("rlimit_", "", StringComparison.Ordinal), Names, "Write one of `setrlimit`, such as `nofile`, `nproc` or `memlock`."),
                    entry.KeyOrigin,
                    path);
            }
            else if (ReadLimit(entry, path, section) is { } limit)
            {
                limits = limits.SetItem("RLIMIT_" + entry.Key.ToUpperInvariant(), new Sourced<ProcessLimit>(limit, entry.Value.Origin));
            }
        }

        return limits;
    }

    private static ProcessLimit? ReadLimit(TreeEntry entry, string path, Section section)
    {
        string? soft;
        string? hard;
        if (entry.Value is TreeMap map)
        {
            var child = new Section(map, path, section.Diagnostics, section.OwnGroup);
            (soft, hard) = (LimitValue(child.Value("soft"), child.PathOf("soft"), child), LimitValue(child.Value("hard"), child.PathOf("hard"), child));
            child.Finish();
            if (child.Value("soft") is null && child.Value("hard") is null)
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadLimit, $"`{path}` has no `soft` and no `hard`.", "Write a number, or `soft` and `hard`.", map.Origin, path);
            }

            // The one that is left out is as the other.
            soft = child.Value("soft") is null ? hard : soft;
            hard = child.Value("hard") is null ? soft : hard;
        }
        else
        {
            soft = hard = LimitValue(entry.Value, path, section);
        }

        if (soft is null || hard is null)
        {
            return null;
        }

        if (Number(soft) > Number(hard))
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.BadLimit, $"The soft limit {soft} of `{path}` is above the hard limit {hard}.", "Write a soft limit that is not above the hard one.", entry.Value.Origin, path);
            return null;
        }

        if (entry.Key == "nofile" && Number(hard) > MostOpenFiles)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.BadLimit,
                $"`{path}` is above what the kernel allows for open files, and no container would start.",
                string.Create(CultureInfo.InvariantCulture, $"Write a number up to {MostOpenFiles}; above 1048576 `fs.nr_open` must be raised too (`spec.kernel.sysctls`)."),
                entry.Value.Origin,
                path);
            return null;
        }

        return new ProcessLimit { Soft = soft, Hard = hard };
    }

    private static ulong Number(string text) => text == ProcessLimit.Infinity ? ulong.MaxValue : ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string? LimitValue(TreeNode? node, string path, Section section)
    {
        switch (node)
        {
            case null:
                return null;
            case TreeScalar { Kind: ScalarKind.Integer } number when long.TryParse(number.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _):
                return number.Text;
            case TreeScalar { Kind: ScalarKind.String, Text: ProcessLimit.Infinity or "unlimited" }:
                return ProcessLimit.Infinity;
            default:
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadLimit,
                    $"`{path}` must be a whole number or `{ProcessLimit.Infinity}`, but it is {SettingTypes.Describe(node, path)}.",
                    $"Write a number without quotes, or `{ProcessLimit.Infinity}`.",
                    node.Origin,
                    path);
                return null;
        }
    }

    private static SortedMap<SortedMap<Sourced<string>>> Units(Section section)
    {
        const string Key = "units";
        var units = SortedMap.Empty<SortedMap<Sourced<string>>>();
        foreach (var entry in section.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(section.PathOf(Key), entry.Key);
            if (!ServiceName.Parse(entry.Key).TryGet(out var service, out var problem))
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadServiceName, problem.Message, problem.Help, entry.KeyOrigin, path);
                continue;
            }

            if (entry.Value is not TreeMap map)
            {
                SettingTypes.ReportWrong(entry.Value, path, "a map of limits", "Write them below it, indented: `tasksMax: infinity`.", section.Diagnostics);
                continue;
            }

            var directives = SortedMap.Empty<Sourced<string>>();
            foreach (var limit in map.Entries)
            {
                if (Directive(limit, SettingPath.Child(path, limit.Key), section.Diagnostics) is { } directive)
                {
                    directives = directives.SetItem(directive.Name, directive.Value);
                }
            }

            if (!directives.IsEmpty)
            {
                units = units.SetItem(service, directives);
            }
        }

        return units;
    }

    private static (string Name, Sourced<string> Value)? Directive(TreeEntry entry, string path, DiagnosticBag diagnostics)
    {
        var isTasks = entry.Key == TasksMax;
        var limit = entry.Key.StartsWith(LimitPrefix, StringComparison.Ordinal) ? Array.Find(Names, n => entry.Key.AsSpan(LimitPrefix.Length).Equals(n, StringComparison.OrdinalIgnoreCase)) : null;
        if (!isTasks && limit is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.BadLimit,
                $"There is no limit {Quoted.Text(entry.Key)} of a service.",
                Suggestions.DidYouMean(entry.Key, [TasksMax, .. Names.Select(n => LimitPrefix + n.ToUpperInvariant())], $"Write `{TasksMax}`, or `{LimitPrefix}NOFILE` and the like."),
                entry.KeyOrigin,
                path);
            return null;
        }

        if (entry.Value is not TreeScalar { Kind: ScalarKind.Integer or ScalarKind.String } scalar || !IsLimit(scalar.Text, isTasks))
        {
            diagnostics.Report(
                DiagnosticCatalogue.BadLimit,
                $"`{path}` must be a number, {(isTasks ? "a percentage" : "`SOFT:HARD`")} or `infinity`, but it is {SettingTypes.Describe(entry.Value, path)}.",
                isTasks ? "Write a number such as `8192`, a percentage up to `100%`, or `infinity`." : "Write a number such as `65536`, two as in `65536:1048576`, or `infinity`.",
                entry.Value.Origin,
                path);
            return null;
        }

        return (isTasks ? "TasksMax" : "Limit" + limit!.ToUpperInvariant(), new Sourced<string>(scalar.Text, scalar.Origin));
    }

    // systemd.resource-control(5), TasksMax=; systemd.exec(5), "Process Properties".
    private static bool IsLimit(string text, bool isTasks)
    {
        if (isTasks)
        {
            return text == ProcessLimit.Infinity || IsNumber(text)
                || (text.EndsWith('%') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent is >= 1 and <= 100);
        }

        foreach (var part in text.Split(':', 2))
        {
            if (part != ProcessLimit.Infinity && !IsNumber(part) && !(part.Length > 1 && part[^1] is 'K' or 'M' or 'G' or 'T' && IsNumber(part[..^1])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNumber(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
