using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Files;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Downloads;

/// <summary>A folder of downloads in a temporary folder, and what fetches into it.</summary>
internal sealed class DownloadBench : IDisposable
{
    private readonly DirectoryInfo temporary = Directory.CreateTempSubdirectory("downloads");

    public DownloadBench() => Folder = Path.Combine(temporary.FullName, "cache");

    public string Folder { get; init; }

    public HttpSenderOptions Sending { get; init; } = new();

    public string Temporary => temporary.FullName;

    /// <summary>What is in the folder, in ordinal order.</summary>
    public IEnumerable<string> Names => Directory.Exists(Folder)
        ? Directory.EnumerateFileSystemEntries(Folder).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)
        : [];

    public static Download Of(Uri url, string sha256, DownloadSignature? signature = null) =>
        new("kubelet", url, sha256) { Signature = signature };

    public static DownloaderOptions Options(int attempts = 4, TimeSpan? silence = null, long? largest = null, CosignVerifier? cosign = null, IStepObserver? steps = null) => new()
    {
        Attempts = attempts,
        Backoff = new Backoff(TimeSpan.Zero, TimeSpan.Zero, new Random(1)),
        LongestSilence = silence ?? TimeSpan.FromSeconds(30),
        LargestFile = largest ?? 1L << 30,
        Cosign = cosign,
        Steps = steps,
    };

    public async Task<DownloadedFile> FetchAsync(
        Download download, DownloaderOptions? options = null, IDownloadProgress? progress = null, CancellationToken? cancellation = null) =>
        Assert.Single(await FetchAllAsync([download], options, progress, cancellation));

    public async Task<ImmutableArray<DownloadedFile>> FetchAllAsync(
        ImmutableArray<Download> downloads, DownloaderOptions? options = null, IDownloadProgress? progress = null, CancellationToken? cancellation = null)
    {
        using var sender = new HttpSender(Sending, TimeProvider.System);
        return await new Downloader(Folder, sender, TimeProvider.System, options ?? Options())
            .FetchAsync(downloads, progress, cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>The diagnostic with which fetching ends.</summary>
    public async Task<Diagnostic> FailAsync(Download download, DownloaderOptions? options = null) =>
        (await Assert.ThrowsAsync<DiagnosticException>(() => FetchAsync(download, options))).Diagnostic;

    public void Dispose() => temporary.Delete(recursive: true);
}
