using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>A setting of a plan with every reason that it has, wherever in the plan they stand.</summary>
/// <param name="first">The resource that it stands in first.</param>
/// <param name="name">What it is called.</param>
internal sealed class ExplainedSetting(Resource first, string name)
{
    private const string Flags = "kubelet.flags.";
    private readonly List<Reason> reasons = [];

    /// <summary>The resource that it stands in first.</summary>
    public Resource Resource { get; } = first;

    /// <summary>What it is called: <c>proxy.NO_PROXY</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The paths of all resources that it stands in.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>The reasons before the last one of a setting that takes only one value; the last one counts.</summary>
    public List<Reason> Replaced { get; } = [];

    /// <summary>The reason that stands for all: the user's, where one is.</summary>
    public Reason Main
    {
        get
        {
            foreach (var reason in reasons)
            {
                if (reason.Origin.Kind == OriginKind.Configuration)
                {
                    return reason;
                }
            }

            return reasons[0];
        }
    }

    /// <summary>The reason of the file that is read last.</summary>
    public Reason Last => reasons[^1];

    /// <summary>The parts of a value that is a list, each with what decided it; none where one thing decided all.</summary>
    public ImmutableArray<Sourced<string>> Parts
    {
        get
        {
            if (reasons.All(r => r.Origin == reasons[0].Origin))
            {
                return reasons[0].Parts;
            }

            var parts = new List<Sourced<string>>(reasons.Count);
            foreach (var reason in reasons)
            {
                parts.Add(new Sourced<string>(reason.Value, reason.Origin));
            }

            return parts.ToImmutable();
        }
    }

    /// <summary>The whole value, joined as the file has it.</summary>
    public string Value
    {
        get
        {
            var isOneLine = Name.StartsWith(Flags, StringComparison.Ordinal) || Name.StartsWith("proxy.", StringComparison.Ordinal);
            var values = new string[reasons.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = reasons[i].Value;
            }

            return string.Join(isOneLine ? "," : ", ", values);
        }
    }

    /// <summary>The settings of a plan in the order in which they first appear; the same reason in several files is one.</summary>
    /// <param name="plan">The plan.</param>
    public static List<ExplainedSetting> Of(Plan plan)
    {
        var all = new List<ExplainedSetting>();
        var byName = new Dictionary<string, ExplainedSetting>(StringComparer.Ordinal);
        foreach (var resource in plan.Resources)
        {
            foreach (var reason in resource.Reasons)
            {
                if (!byName.TryGetValue(reason.Setting, out var setting))
                {
                    byName.Add(reason.Setting, setting = new ExplainedSetting(resource, reason.Setting));
                    all.Add(setting);
                }

                setting.Add(reason, resource);
            }

            foreach (var reason in resource is FileResource file ? file.Outdone : [])
            {
                if (byName.TryGetValue(reason.Setting, out var setting))
                {
                    setting.Replaced.Add(reason);
                }
            }
        }

        return all;
    }

    private void Add(Reason reason, Resource resource)
    {
        if (!Paths.Contains(resource.Path))
        {
            Paths.Add(resource.Path);
        }

        if (reasons.Contains(reason))
        {
            return;
        }

        if (reasons.Count > 0 && Name.StartsWith(Flags, StringComparison.Ordinal) && !KubeletArguments.AddsUp(Name[Flags.Length..]))
        {
            Replaced.InsertRange(0, reasons);
            reasons.Clear();
        }

        reasons.Add(reason);
    }
}
