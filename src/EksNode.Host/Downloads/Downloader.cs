using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Http;

namespace EksNode.Host.Downloads;

/// <summary>
/// Fetches files over HTTP into a folder, where they are named by their checksum, and verifies them there; files of this machine are verified where
/// they are. What came of a file stays when a connection or a run ends, and the next attempt goes on with it. Killed anywhere and run
/// again, it ends with the same files. Several runs may use one folder at once.
/// </summary>
public sealed class Downloader : IDownloader
{
    private static readonly TimeSpan WaitForOther = TimeSpan.FromMilliseconds(200);

    private readonly string folder;
    private readonly TimeProvider clock;
    private readonly DownloaderOptions options;
    private readonly RedirectFollower follower;
    private readonly SignatureCheck signatures;

    /// <summary>Creates a downloader. Nothing is made or connected before the first file is fetched.</summary>
    /// <param name="folder">The folder of downloads, on this machine; it is made, for its owner alone, when it is not there.</param>
    /// <param name="sender">What sends; proxy and certificate authorities are its own.</param>
    /// <param name="clock">The clock of waits and durations.</param>
    /// <param name="options">How to fetch.</param>
    public Downloader(string folder, IHttpStreamSender sender, TimeProvider clock, DownloaderOptions? options = null)
    {
        this.folder = folder;
        this.clock = clock;
        this.options = options ?? new DownloaderOptions();
        follower = new RedirectFollower(sender, this.options.LongestSilence);
        signatures = new SignatureCheck(follower, this.options, clock);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// All of them are tried to the end. Of several failures the exception has the code of the first, and what is wrong with each.
    /// </remarks>
    public async Task<ImmutableArray<DownloadedFile>> FetchAsync(
        ImmutableArray<Download> downloads, IDownloadProgress? progress, CancellationToken cancellation)
    {
        using var cache = DownloadCache.Open(folder, options.Steps);
        using var places = new SemaphoreSlim(options.AtOnce);
        var hosts = new Dictionary<string, SemaphoreSlim>(StringComparer.OrdinalIgnoreCase);
        var jobs = new Job[downloads.Length];
        var running = new Task[downloads.Length];
        for (var i = 0; i < jobs.Length; i++)
        {
            var download = downloads[i];
            if (!hosts.TryGetValue(download.Url.Authority, out var host))
            {
                hosts.Add(download.Url.Authority, host = new SemaphoreSlim(options.AtOnceFromOneHost));
            }

            var job = jobs[i] = new Job(download, new ProgressMeter(download.Name, progress, clock), host);
            // Hashing what is there takes its time before the first wait.
            running[i] = Task.Run(() => RunAsync(job, cache, places, cancellation), cancellation);
        }

        try
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
        finally
        {
            foreach (var host in hosts.Values)
            {
                host.Dispose();
            }
        }

        return Results(jobs);
    }

    private static ImmutableArray<DownloadedFile> Results(Job[] jobs)
    {
        var files = new List<DownloadedFile>(jobs.Length);
        Diagnostic? failure = null;
        foreach (var job in jobs)
        {
            if (job.Failure is { } another)
            {
                failure = failure is null ? another : failure with { Message = $"{failure.Message} {another.Message}" };
            }
            else
            {
                files.Add(job.File!);
            }
        }

        return failure is null ? files.ToImmutable() : throw new DiagnosticException(failure);
    }

    // The host's place first: who waits for it must not keep others from theirs.
    private async Task RunAsync(Job job, DownloadCache cache, SemaphoreSlim places, CancellationToken cancellation)
    {
        await job.Host.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await places.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await FetchAsync(job, cache, cancellation).ConfigureAwait(false);
            }
            catch (DiagnosticException e)
            {
                job.Failure = e.Diagnostic;
            }
            finally
            {
                places.Release();
            }
        }
        finally
        {
            job.Host.Release();
        }
    }

    private async Task FetchAsync(Job job, DownloadCache cache, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var download = job.Download;
        var path = download.Url.IsFile ? download.Url.LocalPath : cache.PathOf(download.Sha256);
        var size = download.Url.IsFile
            ? Verify(download, path, cancellation)
            : await CompleteAsync(job, cache, cancellation).ConfigureAwait(false);
        job.Meter.Complete(size);
        var remark = await signatures.CheckAsync(download, path, cancellation).ConfigureAwait(false);
        job.File = new DownloadedFile(download.Name, path, size, job.Received, clock.GetElapsedTime(began))
        {
            IsSignatureVerified = download.Signature is not null && remark is null,
            Remark = remark,
        };
    }

    private static long Verify(Download download, string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            throw DownloadMessages.Failed(download, "there is no such file", "See whether the mirror has it under this path.");
        }

        using var file = HashedFile.Open(path);
        var actual = file.Finish(cancellation);
        return actual == download.Sha256 ? file.Count : throw DownloadMessages.Mismatch(download, actual);
    }

    private async Task<long> CompleteAsync(Job job, DownloadCache cache, CancellationToken cancellation)
    {
        for (var began = clock.GetTimestamp(); clock.GetElapsedTime(began) < options.LongestWaitForOther;)
        {
            if (cache.Find(job.Download.Sha256, cancellation) is { } size)
            {
                return size;
            }

            using var part = PartialFile.Open(cache, job.Download, options, job.Meter, cancellation);
            if (part is not null)
            {
                await ReceiveInTimeAsync(job.Download, part, cancellation).ConfigureAwait(false);
                job.Received = part.Received;
                return part.Length;
            }

            await Task.Delay(WaitForOther, clock, cancellation).ConfigureAwait(false);
        }

        throw DownloadMessages.Failed(
            job.Download,
            $"another run of eksnode has it since {options.LongestWaitForOther.TotalMinutes:0} min and does not end",
            $"End that run, or give this one a folder of its own with `--cache`; the part is {cache.PathOf(job.Download.Sha256)}.part.");
    }

    private async Task ReceiveInTimeAsync(Download download, PartialFile part, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(options.LongestDownload, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await ReceiveAsync(download, part, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw DownloadMessages.Failed(
                download, string.Create(CultureInfo.InvariantCulture, $"it is not there after {options.LongestDownload.TotalMinutes:0.#} min"), "Run again: it goes on from what is there. Or name a nearer mirror.");
        }
    }

    private async Task ReceiveAsync(Download download, PartialFile part, CancellationToken cancellation)
    {
        var retries = new Retries(options, clock);
        var isAnew = false;
        while (true)
        {
            var outcome = await follower.ReceiveAsync(download.Url, part.Headers(), part, cancellation).ConfigureAwait(false);
            if (outcome is HttpAnswer && part.IsWhole)
            {
                var actual = part.Finish();
                if (actual == download.Sha256)
                {
                    part.Keep();
                    return;
                }

                if (!part.IsContinued || isAnew)
                {
                    part.Remove();
                    throw DownloadMessages.Mismatch(download, actual);
                }

                // Its parts may be of two versions.
                isAnew = true;
                part.Empty();
            }
            else if (part.IsUseless && retries.Count())
            {
                part.Empty();
            }
            else if (!await retries.WaitAsync(outcome, cancellation).ConfigureAwait(false))
            {
                if (part.Length == 0)
                {
                    part.Remove();
                }

                throw DownloadMessages.Failed(download, outcome, retries.Attempt);
            }
        }
    }

    private sealed class Job(Download download, ProgressMeter meter, SemaphoreSlim host)
    {
        public Download Download { get; } = download;

        public ProgressMeter Meter { get; } = meter;

        public SemaphoreSlim Host { get; } = host;

        public long Received { get; set; }

        public DownloadedFile? File { get; set; }

        public Diagnostic? Failure { get; set; }
    }
}
