using System.Collections.Immutable;
using EksNode.Commands;
using EksNode.Configuration.NodeConfigs;
using EksNode.Host.Boot;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;
using EksNode.Rendering;

namespace EksNode.Joining;

/// <summary>
/// One join, stage by stage. Each stage reads the node anew, so that what happened between two stages (the user's own scripts
/// run there) counts.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">Sources and machine.</param>
/// <param name="io">The process.</param>
/// <param name="request">What is asked for.</param>
/// <param name="connect">Connects to the service manager; only called when services are to be started.</param>
public sealed class JoinRun(
    CommandRun run,
    NodePipeline pipeline,
    CommandIo io,
    JoinRequest request,
    Func<CancellationToken, Task<IServiceManager>> connect)
{
    // The other join is a boot's own or a user's script; one that hangs longer than this needs somebody to look at it.
    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(5);

    private readonly JoinContext context = new(run, pipeline, io, request);

    // Directories that every machine has and this root did not: a reset removes them again.
    private ImmutableArray<string> made = [];

    /// <summary>Runs the stages.</summary>
    /// <param name="cancellation">Ends the join.</param>
    public async Task<CommandResult> RunAsync(CancellationToken cancellation)
    {
        if (!request.Stages.HasFlag(JoinStages.Start))
        {
            return await ConfigureAsync(cancellation) ? Result() : Failed();
        }

        // A join that cannot start anything says so before it changes anything.
        await using var systemd = await connect(cancellation);
        context.Systemd = systemd;
        return (!request.Stages.HasFlag(JoinStages.Configure) || await ConfigureAsync(cancellation)) && await StartAsync(cancellation)
            ? Result()
            : Failed();
    }

    // Sources and machine → plan → files. False after an error.
    private async Task<bool> ConfigureAsync(CancellationToken cancellation)
    {
        using var hostLock = await LockAsync(cancellation);
        if (!await ReadAsync(null, cancellation))
        {
            return false;
        }

        // A configure alone needs the service manager only for these: it mounts disks and runs hooks.
        var hasHooks = RunHooks.Has(context, "preConfigure");
        await using var systemd = !context.HasSystemd && (hasHooks || WantsEarlyDisks()) ? await connect(cancellation) : null;
        if (systemd is not null)
        {
            context.Systemd = systemd;
        }

        if (hasHooks && (!await HooksAsync("preConfigure", cancellation) || !await ReadAsync(null, cancellation))) // it may have changed what was read
        {
            return false;
        }

        if ((WantsEarlyDisks() && !await StorageAsync(Stage.Configure, cancellation)) || !ApplyFiles())
        {
            return false;
        }

        await PrepareTrust.RunAsync(context, cancellation);
        ConfiguredRecord.Write(pipeline.Root, context.View, run.Diagnostics);
        return true;
    }

    private async Task<bool> HooksAsync(string stage, CancellationToken cancellation)
    {
        await RunHooks.RunAsync(context, stage, cancellation);
        return !run.Diagnostics.HasErrors;
    }

    private bool WantsEarlyDisks() => !StorageEngine.Of(context.Plan, Stage.Configure).IsEmpty && PrepareStorage.IsThisMachine(run);

    private async Task<bool> StorageAsync(Stage stage, CancellationToken cancellation)
    {
        // Facts of another machine name other disks.
        if (PrepareStorage.IsThisMachine(run))
        {
            await PrepareStorage.RunAsync(context, stage, cancellation);
        }

        return !run.Diagnostics.HasErrors;
    }

    // The order of a start. Each step ends the join when it fails, so that nothing starts after something that did not.
    private async Task<bool> StartAsync(CancellationToken cancellation)
    {
        await WaitForCloudInit.RunAsync(context, cancellation);
        using var hostLock = await LockAsync(cancellation);
        if (!await ReadAsync(ConfiguredRecord.Read(pipeline.Root, run.Diagnostics), cancellation)
            || !await StorageAsync(Stage.Start, cancellation)
            || !ApplyFiles()) // once more: below a new mount, nothing is there yet
        {
            return false;
        }

        await PrepareTrust.RunAsync(context, cancellation);
        NodeadmMarker.Write(pipeline.Root);
        await PrepareAccelerators.LoadModulesAsync(context, cancellation);
        if (!ApplySettingsOfModules() || !await HooksAsync("preStart", cancellation))
        {
            return false;
        }

        await StartServices.RuntimeAsync(context, cancellation);
        await PrepareImages.RunAsync(context, cancellation);
        await StartServices.NodeAsync(context, cancellation);
        await PrepareAccelerators.SetClocksAsync(context, cancellation);
        await StartPrefetch.RunAsync(context, cancellation);
        return !run.Diagnostics.HasErrors && await HooksAsync("postStart", cancellation);
    }

    private async Task<HostLock> LockAsync(CancellationToken cancellation)
    {
        var taken = await HostLock.AcquireAsync(pipeline.Root, LockDeadline, run.Log, io.Clock, cancellation);
        made = [.. made, .. taken.Missing];
        return taken;
    }

    private async Task<bool> ReadAsync(ConfiguredRecord? recorded, CancellationToken cancellation)
    {
        var isHost = Path.GetFullPath(run.Request.Root) == "/";
        if (await pipeline.ReadAsync(new ReadOptions(RefuseWritable: isHost, Remember: true, Recorded: recorded), cancellation) is not { } view
            || pipeline.Plan(view) is not { } plan)
        {
            return false;
        }

        ConfigurationWarnings.Report(view, pipeline.Root, io.Clock.GetUtcNow(), run.Diagnostics);
        context.View = view;
        context.Plan = plan;
        return true;
    }

    // Brings the files to the plan.
    private bool ApplyFiles(bool modulesLoaded = false)
    {
        using var step = run.Timeline.Begin("apply");
        var state = MovedFiles.Adopt(AppliedState.Load(pipeline.Root, request.Policy, run.Diagnostics), context.Plan, pipeline.Root);
        state = state.WithMade(made);
        var options = new DiffOptions(context.View.Facts.Instance.Id, request.Policy, OwedRestarts.BootOf(pipeline.Root)) { ModulesLoaded = modulesLoaded };
        var changes = Differ.Diff(context.Plan, pipeline.Root, state, options);
        run.Learn(changes);
        run.AddOfHost(changes.Diagnostics);
        if (run.Diagnostics.HasErrors)
        {
            return false;
        }

        var report = Applier.Apply(pipeline.Root, changes, run.Log, io.Clock);
        context.Reports.Add(report);
        context.State = report.State;
        MovedFiles.Remember(report.State, context.Plan, pipeline.Root);
        run.Diagnostics.AddRange(report.Refused);
        return !run.Diagnostics.HasErrors;
    }

    // Settings of the kernel that came with a module were not there when the files were applied.
    private bool ApplySettingsOfModules()
    {
        var hasModule = false;
        var hasSetting = false;
        foreach (var resource in context.Plan.Resources)
        {
            hasModule |= resource is KernelModuleResource;
            hasSetting |= resource is SysctlResource;
        }

        return !hasModule || !hasSetting || ApplyFiles(modulesLoaded: true);
    }

    private CommandResult Failed() => new(run.Diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Wrong);

    private CommandResult Result() => new(ExitCode.Done)
    {
        WriteText = writer =>
        {
            PlanText.Header(writer, context.View, run.Style);
            PlanText.WriteDone(writer, Shown(), run.Style);
            ServicesText.Write(writer, context.ServiceOutcomes, context.State, Left(), run.Style);
            TimelineText.Write(writer, run.Timeline.Spans, run.Style);
        },
        WriteJson = json =>
        {
            PlanJson.Write(json, Shown(), run.Redactor);
            ServicesText.Write(json, context.ServiceOutcomes, context.State);
            TimelineText.Write(json, run.Timeline.Spans);
        },
    };

    // What only a running machine can do. A root folder has no kernel and runs no program, whatever the stage.
    private List<string> Left()
    {
        var left = new List<string>();
        var isThisMachine = PrepareStorage.IsThisMachine(run);
        if (request.Stages.HasFlag(JoinStages.Start))
        {
            return left;
        }

        foreach (var stage in HookSettings.Stages)
        {
            if (!isThisMachine || stage != HookSettings.Stages[0])
            {
                foreach (var (hook, _) in context.View.Config.Hooks.Of(stage))
                {
                    left.Add($"hook {stage} ({run.Redactor.Redact(hook.Command[0])})");
                }
            }
        }

        foreach (var resource in context.Plan.Resources)
        {
            if (resource is KernelModuleResource module)
            {
                left.Add("kernel module " + module.Name);
            }
            else if (resource is SysctlResource sysctl && !isThisMachine)
            {
                left.Add("sysctl " + sysctl.Name);
            }
        }

        return left;
    }

    // A start that follows its configure finds the files as they should be: then what that one did is the answer.
    private Changes Shown()
    {
        var files = context.Reports.LastOrDefault(r => r.Changes.Any)?.Changes ?? context.Report!.Changes;
        var all = new List<Change>();
        all.AddRange(context.Storage.Changes);
        foreach (var report in context.Reports)
        {
            if (report.Changes != files)
            {
                all.AddRange(report.Changes.Actions);
            }
        }

        all.AddRange(files.All);
        return files with { All = all.ToImmutable() };
    }
}
