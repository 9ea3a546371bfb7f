using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Host.Downloads;

/// <summary>A file to fetch.</summary>
/// <param name="Name">What it is called in messages and in the summary: the name of a component.</param>
/// <param name="Url">Where it is: <c>https</c>, <c>http</c> or <c>file</c>.</param>
/// <param name="Sha256">The SHA-256 that it must have, 64 lower-case hexadecimal digits.</param>
public sealed record Download(string Name, Uri Url, string Sha256)
{
    /// <summary>Who must have signed it; null: nobody signs it, or its place is not the publisher's.</summary>
    public DownloadSignature? Signature { get; init; }
}

/// <summary>How a publisher signs a file.</summary>
/// <param name="Kind"><c>cosign</c> or <c>openpgp</c>.</param>
/// <param name="Signer">Who must have signed: subject and issuer of a certificate, or fingerprints of primary keys with blanks between them, any of which may have signed.</param>
public sealed record DownloadSignature(string Kind, string Signer)
{
    /// <summary>Of <c>openpgp</c>: where the public keys are, armored.</summary>
    public Uri? Keys { get; init; }
}

/// <summary>A file that was fetched and is what it must be.</summary>
/// <param name="Name">The name of the download.</param>
/// <param name="Path">Where it is on this machine.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Fetched">How many of them came over the network in this run: 0 when it was there, less than the size when an earlier run was resumed.</param>
/// <param name="Duration">How long it took.</param>
public sealed record DownloadedFile(string Name, string Path, long Size, long Fetched, TimeSpan Duration)
{
    /// <summary>Whether the publisher's signature was verified beside the checksum.</summary>
    public bool IsSignatureVerified { get; init; }

    /// <summary>Why a signature that there should be was not verified: a warning or a remark; null: it was, or nobody signs the file.</summary>
    public Diagnostic? Remark { get; init; }
}

/// <summary>Told of the progress of downloads, from any thread.</summary>
public interface IDownloadProgress
{
    /// <summary>More of a download is there.</summary>
    /// <param name="name">The name of the download.</param>
    /// <param name="received">Bytes that are there.</param>
    /// <param name="total">Bytes that it has; null: not told.</param>
    void Report(string name, long received, long? total);
}

/// <summary>Fetches files and verifies them.</summary>
public interface IDownloader
{
    /// <summary>Fetches all, several at once. Nothing unverified is ever at a returned path.</summary>
    /// <exception cref="DiagnosticException">One cannot be had, or is not what it must be; the others that are complete are kept for the next run.</exception>
    Task<ImmutableArray<DownloadedFile>> FetchAsync(ImmutableArray<Download> downloads, IDownloadProgress? progress, CancellationToken cancellation);
}
