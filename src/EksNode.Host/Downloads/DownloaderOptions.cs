using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Host.Http;
using EksNode.Host.Imaging;

namespace EksNode.Host.Downloads;

/// <summary>How downloads are fetched.</summary>
public sealed class DownloaderOptions
{
    /// <summary>The most downloads at once.</summary>
    public int AtOnce { get; init; } = 4;

    /// <summary>The most of them from one host.</summary>
    public int AtOnceFromOneHost { get; init; } = 2;

    /// <summary>The most attempts for one file, the first included. What came stays: the next attempt goes on where the last ended.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The waits between attempts.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), new Random());

    /// <summary>The longest wait that a server may ask for with <c>Retry-After</c>; it is asked again after this at the latest.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a server may be silent before the connection counts as broken.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one file may take: a server that sends a byte now and then is not silent, and never ends.</summary>
    public TimeSpan LongestDownload { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long another run that fetches the same file is waited for: as long as a large file over a slow line takes.</summary>
    public TimeSpan LongestWaitForOther { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The most bytes of a file: a server that never ends must not fill the disk. The largest archives of programs have 0.2 GiB.</summary>
    public long LargestFile { get; init; } = 4L << 30;

    /// <summary>The certificate authorities of signatures; those of sigstore's public instance unless a test has its own.</summary>
    internal CosignVerifier? Cosign { get; init; }

    /// <summary>How long checking one signature may take: the largest program is hashed in a few seconds.</summary>
    internal TimeSpan LongestSignatureCheck { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The program that checks OpenPGP signatures: this machine's gpgv; null: it has none.</summary>
    internal string? Gpgv { get; init; } = RootPrograms.FindOnMachine("gpgv");

    /// <summary>Whether the kernel of this machine is in FIPS mode, in which gpgv refuses kinds of keys.</summary>
    internal bool IsFips { get; init; } = SigningHash.KernelInFipsMode;

    /// <summary>Is told of each change of the cache folder.</summary>
    internal IStepObserver? Steps { get; init; }
}
