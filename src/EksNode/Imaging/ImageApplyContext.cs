using System.Collections.Immutable;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Packages;
using EksNode.Host.Processes;
using EksNode.Planning.Image;
using EksNode.Rendering;

namespace EksNode.Imaging;

/// <summary>What a build of an image is asked for.</summary>
internal sealed class ImageApplyRequest
{
    /// <summary>The lock whose versions must be taken; null: none is given.</summary>
    public string? LockFile { get; init; }

    /// <summary>Where downloads are kept, on this machine.</summary>
    public required string Cache { get; init; }

    /// <summary>Whether what belongs to the building machine is taken out of the image at the end.</summary>
    public bool Cleanup { get; init; } = true;

    /// <summary>Whether nothing is changed.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What a step did.</summary>
/// <param name="name">The step: <c>packages</c>.</param>
/// <param name="changed">What it changed, in its own words; empty: everything was as it should be.</param>
/// <param name="duration">How long it took.</param>
internal sealed class StepOutcome(string name, ImmutableArray<string> changed, TimeSpan duration)
{
    /// <summary>The step: <c>packages</c>.</summary>
    public string Name => name;

    /// <summary>What it changed, in its own words; empty: everything was as it should be.</summary>
    public ImmutableArray<string> Changed => changed;

    /// <summary>How long it took.</summary>
    public TimeSpan Duration => duration;
}

/// <summary>What the steps of one build share. A step takes what it needs, and leaves what later steps need; an error that it reports or throws ends the build.</summary>
/// <param name="run">The run.</param>
/// <param name="root">The root of the image.</param>
/// <param name="io">The process.</param>
/// <param name="request">What is asked for.</param>
/// <param name="log">The log of the build.</param>
internal sealed class ImageApplyContext(CommandRun run, HostRoot root, CommandIo io, ImageApplyRequest request, BuildLog log)
{
    private readonly Lock gate = new();
    private ImagePlan? image;
    private IPackageManager? packages;
    private IDownloader? downloader;

    /// <summary>Timeline, redactor and diagnostics.</summary>
    public CommandRun Run => run;

    /// <summary>The root of the image.</summary>
    public HostRoot Root => root;

    /// <summary>The process.</summary>
    public CommandIo Io => io;

    /// <summary>What is asked for.</summary>
    public ImageApplyRequest Request => request;

    /// <summary>The log of the build, which the image keeps.</summary>
    public BuildLog Log => log;

    /// <summary>Runs programs in the root.</summary>
    public RootPrograms Programs { get; } = new(root, new ProgramRunner(), log);

    /// <summary>The plan.</summary>
    public ImagePlan Image
    {
        get => image ?? throw new InvalidOperationException("Nothing is planned yet.");
        set => image = value;
    }

    /// <summary>The proxy of the build, as variables.</summary>
    public ImmutableArray<string> Proxy => BuildProxy.Variables(Image.Proxy, io.Environment);

    /// <summary>The package manager of the root.</summary>
    public IPackageManager Packages
    {
        get => packages ?? throw new InvalidOperationException("The package manager is not known yet.");
        set => packages = value;
    }

    /// <summary>Fetches downloads.</summary>
    public IDownloader Downloader
    {
        get => downloader ?? throw new InvalidOperationException("Nothing can be fetched yet.");
        set => downloader = value;
    }

    /// <summary>The bars of the terminal, below the log; null: there is no terminal.</summary>
    public ProgressBars? Bars { get; init; }

    /// <summary>The executable that is copied into the image.</summary>
    public required string Executable { get; init; }

    /// <summary>The exact packages: of the lock that is given, else the package manager's answer.</summary>
    public ImmutableArray<ResolvedPackage> Resolved { get; set; } = [];

    /// <summary>The container images that are in the image.</summary>
    public ImmutableArray<StoredImage> Images { get; set; } = [];

    /// <summary>Paths in the root that this build wrote, for their labels.</summary>
    public SortedSet<string> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>What the steps did, in their order.</summary>
    public List<StepOutcome> Outcomes { get; } = [];

    /// <summary>Whether the build has come to its first change: before that it leaves nothing in the image, its log neither.</summary>
    public bool MayChange { get; set; }

    /// <summary>Whether anything in the image was changed.</summary>
    public bool HasChanged => Outcomes.Exists(o => !o.Changed.IsEmpty);

    /// <summary>Runs a step: its beginning and end are told in the log, and its time is taken.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="action">What it does; its answer is what it changed.</param>
    /// <exception cref="DiagnosticException">It failed, or reported an error.</exception>
    public async Task StepAsync(string name, Func<Task<ImmutableArray<string>>> action)
    {
        log.Write(LogLevel.Info, name + ": begins");
        var began = io.Clock.GetTimestamp();
        ImmutableArray<string> changed;
        using (run.Timeline.Begin(name))
        {
            try
            {
                changed = await action();
            }
            catch (DiagnosticException failure)
            {
                log.Write(LogLevel.Error, $"{name}: failed", ("why", failure.Diagnostic.Message));
                KeepLogOfFailure();
                throw;
            }
        }

        Conclude(name, changed, io.Clock.GetElapsedTime(began));
    }

    /// <summary>Tells errors that a step reported in the log, and writes it into the image: nothing else has its last words.</summary>
    public void KeepLogOfErrors()
    {
        foreach (var diagnostic in run.Diagnostics.Items)
        {
            if (diagnostic.Severity == Severity.Error)
            {
                log.Write(LogLevel.Error, diagnostic.Code, ("why", diagnostic.Message));
            }
        }

        KeepLogOfFailure();
    }

    // The first failure is what counts: a full disk often is its cause, and takes no log.
    private void KeepLogOfFailure()
    {
        using var alone = gate.EnterScope();
        try
        {
            if (MayChange)
            {
                log.Keep();
            }
        }
        catch (DiagnosticException failure)
        {
            log.Write(LogLevel.Warn, "the image keeps no log of this", ("why", failure.Diagnostic.Message));
        }
    }

    // Packages and downloads are two steps at once.
    private void Conclude(string name, ImmutableArray<string> changed, TimeSpan duration)
    {
        using var alone = gate.EnterScope();
        Outcomes.Add(new StepOutcome(name, changed, duration));
        foreach (var item in changed)
        {
            log.Write(LogLevel.Debug, name, ("changed", item));
        }

        log.Write(
            LogLevel.Info,
            $"{name}: done",
            ("changed", changed.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("seconds", duration.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)));
        if (HasChanged && MayChange)
        {
            log.Keep();
        }
    }
}
