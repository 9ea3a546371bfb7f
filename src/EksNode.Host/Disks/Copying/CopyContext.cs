using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Disks.Copying;

/// <summary>What the threads of one copy share: what is copied, what was done, and how failures are worded.</summary>
/// <param name="source">The path of the source.</param>
/// <param name="target">The path of the finished copy.</param>
/// <param name="options">How to copy.</param>
/// <param name="progress">Is told about once a second.</param>
/// <param name="steps">Is told before each change.</param>
/// <param name="cancellation">Ends the copy.</param>
internal sealed class CopyContext(
    string source, string target, CopyOptions options, IProgress<CopyProgress>? progress, IStepObserver? steps, CancellationToken cancellation)
{
    private const int MostLeftOut = 100;
    private static readonly TimeSpan ProgressPause = TimeSpan.FromSeconds(1);

    private readonly List<LeftOut> leftOut = [];
    private readonly long began = options.Clock.GetTimestamp();
    private long reported = options.Clock.GetTimestamp();
    private long entries;
    private long bytes;
    private volatile bool rangesRefused;

    public CopyOptions Options { get; } = options;

    /// <summary>Who runs this: what is made belongs to them already.</summary>
    public (uint User, uint Group) Self { get; } = (Libc.EffectiveUser(), Libc.EffectiveGroup());

    /// <summary>Whether copy_file_range does not work between the two file systems.</summary>
    public bool RangesRefused
    {
        get => rangesRefused;
        set => rangesRefused = value;
    }

    /// <summary>Why the copy stops before its end, if it does.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends the copy with the first failure.</summary>
    public void Fail(Exception failure)
    {
        lock (leftOut)
        {
            Failure ??= failure;
        }
    }

    /// <summary>Ends this thread's work when the copy is to end.</summary>
    public void Check()
    {
        cancellation.ThrowIfCancellationRequested();
        if (Failure is not null)
        {
            throw new OperationCanceledException();
        }
    }

    /// <summary>Tells the observer that a name is about to change.</summary>
    public void Step(string step, DirectoryNode node, ReadOnlySpan<byte> name = default)
    {
        if (steps is not null)
        {
            steps.Before(step, $"{target}/{node.Text(name)}");
        }
    }

    /// <summary>Tells the observer that a path is about to change.</summary>
    public void Step(string step, string path) => steps?.Before(step, path);

    /// <summary>Counts a copied name.</summary>
    public void Count(long content)
    {
        Interlocked.Add(ref bytes, content);
        Interlocked.Increment(ref entries);
        if (progress is null)
        {
            return;
        }

        var last = Volatile.Read(ref reported);
        var now = Options.Clock.GetTimestamp();
        if (Options.Clock.GetElapsedTime(last, now) >= ProgressPause && Interlocked.CompareExchange(ref reported, now, last) == last)
        {
            progress.Report(new CopyProgress(Interlocked.Read(ref entries), Interlocked.Read(ref bytes)));
        }
    }

    /// <summary>Notes what is not in the copy.</summary>
    public void LeaveOut(string path, LeftOutReason reason)
    {
        lock (leftOut)
        {
            if (leftOut.Count < MostLeftOut)
            {
                leftOut.Add(new LeftOut(path, reason));
            }
        }
    }

    /// <summary>The report so far.</summary>
    public CopyReport Report(CopyOutcome outcome)
    {
        lock (leftOut)
        {
            ImmutableArray<LeftOut> sorted = [.. leftOut.OrderBy(l => l.Path, StringComparer.Ordinal)];
            return new CopyReport(outcome, entries, bytes, Options.Clock.GetElapsedTime(began), sorted);
        }
    }

    /// <summary>A call on the source failed. What is gone or of another kind since it was listed has changed.</summary>
    public DiagnosticException SourceFailure(string doing, DirectoryNode node, ReadOnlySpan<byte> name = default)
    {
        var error = Libc.LastError;
        return error is Errno.NoEntry or Errno.TooManyLinks or Errno.NotDirectory or Errno.NoDeviceOrAddress
            ? Changed(node, name)
            : Errno.Failure(error, doing, $"{source}/{node.Text(name)}".TrimEnd('/'));
    }

    /// <summary>A call on the copy failed.</summary>
    public DiagnosticException TargetFailure(string doing, DirectoryNode node, ReadOnlySpan<byte> name = default) =>
        Errno.Failure(Libc.LastError, doing, $"{target}/{node.Text(name)}".TrimEnd('/'));

    /// <summary>The source is not what it was when its copy began.</summary>
    public DiagnosticException Changed(DirectoryNode node, ReadOnlySpan<byte> name = default) => new(
        DiagnosticCatalogue.CopySourceChanged,
        $"{$"{source}/{node.Text(name)}".TrimEnd('/')} changed while {source} was copied to {target}.",
        "Something still writes there: find it with `fuser -vm` or `lsof +D` and stop it, then run again; the copy begins anew.",
        path: source);

    /// <summary>A path is longer than PATH_MAX.</summary>
    public DiagnosticException TooDeep(DirectoryNode node) => new(
        DiagnosticCatalogue.CopyTooDeep,
        $"A path below {source} is longer than the 4096 bytes that Linux takes: it begins with {node.Text()[..100]}.",
        "No program can name that path; remove the tree, then run again.",
        path: source);

    /// <summary>The copy itself was found in the source.</summary>
    public DiagnosticException IntoItself() => new(
        DiagnosticCatalogue.CopyIntoItself,
        $"{target} lies in {source}, of which it is to become a copy.",
        "Give a target on another file system.",
        path: source);
}
