using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <content>Kernel, limits and hooks.</content>
public static partial class NodeConfigWriter
{
    private static TreeMap? Kernel(KernelSettings kernel) => Optional(
        ("sysctls", Entries(kernel.Sysctls, value => new TreeScalar(ScalarKind.String, value.Value, value.Origin))),
        ("modules", List(kernel.Modules?.Value ?? [], Text)));

    private static TreeMap? Limits(LimitSettings limits) => Optional(
        ("podPidsLimit", limits.PodPidsLimit is { } pids ? Limit(pids.Value) : null),
        ("rlimits", limits.Rlimits.IsEmpty ? null : new TreeMap(
            limits.Rlimits.Select(l => new TreeEntry(
                l.Key["RLIMIT_".Length..].ToLowerInvariant(), Here, Map(("soft", Limit(l.Value.Value.Soft)), ("hard", Limit(l.Value.Value.Hard))))),
            Here)),
        ("units", Entries(limits.Units, directives => new TreeMap(
            directives.Select(d => new TreeEntry(char.ToLowerInvariant(d.Key[0]) + d.Key[1..], Here, Limit(d.Value.Value))),
            Here))));

    // In the order in which they run, which is not that of their names.
    private static TreeMap? Hooks(HookSettings hooks)
    {
        var stages = new List<TreeEntry>();
        foreach (var stage in HookSettings.Stages)
        {
            if (List(hooks.Of(stage), Written) is { } list)
            {
                stages.Add(new TreeEntry(stage, Here, list));
            }
        }

        return stages.Count == 0 ? null : new TreeMap(stages, Here);
    }

    private static TreeMap Written(Sourced<Hook> hook) => Map(
        ("command", List(hook.Value.Command, Text)),
        ("timeout", hook.Value.Timeout.Value == Values.GoDuration.Parse(Hook.DefaultTimeout).Value ? null : Text(Seconds(hook.Value.Timeout.Value.Nanoseconds))),
        ("onFailure", hook.Value.ContinuesOnFailure ? Text("Continue") : null),
        ("environment", Entries(hook.Value.Environment, value => Text(value.Value.Reveal()))));

    private static string Seconds(long nanoseconds) =>
        nanoseconds % 1_000_000_000 == 0 ? FormattableString.Invariant($"{nanoseconds / 1_000_000_000}s") : FormattableString.Invariant($"{nanoseconds}ns");

    private static TreeScalar Limit(string text) =>
        long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? TreeScalar.Of(number, Here) : Text(text);
}
