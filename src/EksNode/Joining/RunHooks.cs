using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.NodeConfigs;
using EksNode.Host.Journal;
using EksNode.Host.Logging;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;

namespace EksNode.Joining;

/// <summary>Runs the user's hooks of a stage, one after the other, on the running machine alone.</summary>
public static class RunHooks
{
    private const string NameFlag = "--hostname-override=";
    private const string SearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Whether a stage has hooks that this join runs.</summary>
    /// <param name="context">The join; its plan is made.</param>
    /// <param name="stage">One of <see cref="HookSettings.Stages"/>.</param>
    public static bool Has(JoinContext context, string stage) =>
        !context.View.Config.Hooks.Of(stage).IsEmpty && PrepareStorage.IsThisMachine(context.Run);

    /// <summary>Runs them. A failure that ends the join is an error among the diagnostics, and no hook after it runs.</summary>
    /// <param name="context">The join, connected to systemd.</param>
    /// <param name="stage">One of <see cref="HookSettings.Stages"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(JoinContext context, string stage, CancellationToken cancellation)
    {
        if (!Has(context, stage))
        {
            return;
        }

        using var step = context.Run.Timeline.Begin("hooks " + stage);
        var runner = new HookRunner(context.Systemd, context.Pipeline.Root, context.Run.Redactor, context.Run.Log, new JournalWriter());
        var hooks = context.View.Config.Hooks.Of(stage);
        for (var i = 0; i < hooks.Length; i++)
        {
            var (hook, origin) = hooks[i];
            var call = new HookCall
            {
                Setting = SettingPath.Item("spec.hooks." + stage, i),
                Origin = origin,
                ContinuesOnFailure = hook.ContinuesOnFailure,
                Service = new TransientService
                {
                    Unit = string.Create(CultureInfo.InvariantCulture, $"eksnode-hook-{stage}-{i}.service"),
                    Description = string.Create(CultureInfo.InvariantCulture, $"Hook {stage}[{i}] of eksnode"),
                    Command = hook.Command,
                    Environment = Environment(context, stage, hook),
                    Timeout = TimeSpan.FromTicks(Math.Max(1, hook.Timeout.Value.Nanoseconds / TimeSpan.NanosecondsPerTick)),
                },
            };
            context.Run.Log.Write(LogLevel.Info, "running a hook", ("hook", call.Setting), ("program", hook.Command[0]));
            if (!await runner.RunAsync(call, context.Run.Diagnostics, cancellation))
            {
                return;
            }
        }
    }

    // What a hook may want to know without asking IMDS again. What is not known is left out.
    private static ImmutableArray<string> Environment(JoinContext context, string stage, Hook hook)
    {
        var variables = new List<string>();
        variables.Add(SearchPath);
        Add("HOOK_STAGE", stage);
        Add("CLUSTER", context.View.Config.Cluster.Name?.Value);
        Add("INSTANCE_ID", context.View.Facts.Instance.Id);
        Add("INSTANCE_TYPE", context.View.Facts.Instance.Type);
        Add("REGION", context.View.Facts.Instance.Region);
        Add("AVAILABILITY_ZONE", context.View.Facts.Instance.AvailabilityZone);
        Add("NODE_NAME", NodeName(context.Plan));
        foreach (var (name, value) in hook.Environment)
        {
            variables.Add($"{name}={value.Value.Reveal()}");
        }

        return variables.ToImmutable();

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                variables.Add($"EKSNODE_{name}={value}");
            }
        }
    }

    private static string? NodeName(Plan plan)
    {
        if (plan.Find(NodePaths.FileId(NodePaths.KubeletEnvironment)) is FileResource { Arguments: var arguments })
        {
            foreach (var argument in arguments)
            {
                if (argument.Value.StartsWith(NameFlag, StringComparison.Ordinal))
                {
                    return argument.Value[NameFlag.Length..];
                }
            }
        }

        return null;
    }
}
