using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Host.Http;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Downloads;

/// <summary>
/// The part of a download that is there. It is hashed while it grows, outlives the run that wrote it, and is locked: one run at a time adds to it.
/// </summary>
internal sealed class PartialFile : IHttpReceiver, IDisposable
{
    private const int SeekStart = 0; // SEEK_SET, lseek(2)

    private readonly DownloadCache cache;
    private readonly Download download;
    private readonly DownloaderOptions options;
    private readonly ProgressMeter meter;
    private readonly SafeFileHandle file;
    private Sha256 hash = new();
    private string? validator;
    private long? total;

    private PartialFile(DownloadCache cache, Download download, DownloaderOptions options, ProgressMeter meter, SafeFileHandle file) =>
        (this.cache, this.download, this.options, this.meter, this.file) = (cache, download, options, meter, file);

    /// <summary>How many bytes are there.</summary>
    public long Length { get; private set; }

    /// <summary>How many bytes came since it was opened.</summary>
    public long Received { get; private set; }

    /// <summary>Whether some of it came from an earlier answer: it may be a part of another version.</summary>
    public bool IsContinued { get; private set; }

    /// <summary>Whether the last answer has all that was missing, once it was received.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether the last answer shows that the part is of no use.</summary>
    public bool IsUseless { get; private set; }

    private string Name => download.Sha256 + ".part";

    private string ValidatorName => download.Sha256 + ".etag";

    /// <summary>Opens the part of a download; null: another run has it, or has just completed it.</summary>
    /// <exception cref="DiagnosticException">It cannot be read or written.</exception>
    public static PartialFile? Open(DownloadCache cache, Download download, DownloaderOptions options, ProgressMeter meter, CancellationToken cancellation)
    {
        var file = cache.OpenForWriting(download.Sha256 + ".part", empty: false);
        var part = new PartialFile(cache, download, options, meter, file);
        var usable = false;
        try
        {
            usable = part.Lock() && cache.IsAt(part.Name, file);
            if (usable && cache.Has(download.Sha256))
            {
                // Another run completed it since this one looked, and what was opened is a new part.
                part.Remove();
                usable = false;
            }

            if (usable)
            {
                part.ReadBack(cancellation);
            }
        }
        catch (Exception)
        {
            part.Dispose();
            throw;
        }

        if (usable)
        {
            return part;
        }

        part.Dispose();
        return null;
    }

    /// <summary>The headers of the next call: the rest, if it still is one of the same version.</summary>
    public ImmutableArray<HttpHeader> Headers()
    {
        if (Length == 0)
        {
            return [];
        }

        var range = new HttpHeader("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={Length}-"));
        return validator is null ? [range] : [range, new HttpHeader("If-Range", validator)];
    }

    /// <inheritdoc/>
    public bool Begin(HttpAnswer head)
    {
        (IsContinued, IsWhole, IsUseless) = (Length > 0, false, false);
        switch (head.Status)
        {
            case 200:
                Empty();
                total = Count(head.Header("Content-Length"));
                Remember(head.Header("ETag"));
                break;
            case 206 when RangeOf(head) is [var start, var all] && start == Length:
                total = all;
                break;
            case 206:
                IsUseless = true;
                return false;
            case 416:
                // All of it came, and the run ended before it could say so; or it is longer than the file.
                IsWhole = RangeOf(head) is [_, var size] && size == Length && Length > 0;
                IsUseless = !IsWhole;
                return false;
            default:
                return false;
        }

        CheckSize(total ?? 0);
        IsWhole = true;
        meter.Report(Length, total);
        return true;
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        CheckSize(Length + bytes.Length);
        cache.Step("receive", Name);
        if (!Libc.WriteAll(file, bytes))
        {
            var error = Libc.LastError;
            if (error is Errno.NoSpace or Errno.QuotaExceeded)
            {
                Remove();
            }

            throw Errno.Failure(error, "write", cache.PathOf(Name));
        }

        hash.Add(bytes);
        Length += bytes.Length;
        Received += bytes.Length;
        meter.Report(Length, total);
    }

    /// <summary>The hash of all that is there. Nothing can be added after it, unless it is emptied.</summary>
    public string Finish() => hash.FinishHex();

    /// <summary>Begins anew.</summary>
    public void Empty()
    {
        cache.Step("empty", Name);
        if (Libc.Truncate(file, 0) != 0 || Libc.Seek(file, 0, SeekStart) != 0)
        {
            throw Errno.Failure(Libc.LastError, "write", cache.PathOf(Name));
        }

        (hash, Length, IsContinued, IsUseless, validator) = (new Sha256(), 0, false, false, null);
    }

    /// <summary>Gives it its final name: it is whole and right.</summary>
    public void Keep()
    {
        cache.Remove(ValidatorName);
        cache.Rename(file, Name, download.Sha256);
    }

    /// <summary>Removes it and what is remembered of it.</summary>
    public void Remove()
    {
        cache.Remove(Name);
        cache.Remove(ValidatorName);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // "bytes 100-199/200", "bytes */200" (RFC 9110, 14.4): the first byte and the size of the whole, where they are told.
    private static long?[]? RangeOf(HttpAnswer head)
    {
        var parts = head.Header("Content-Range")?.Split(' ', '-', '/');
        return parts switch
        {
            ["bytes", "*", var size] => [null, Count(size)],
            ["bytes", var start, _, var size] => [Count(start), Count(size)],
            _ => null,
        };
    }

    private static long? Count(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    // A strong validator in quotes (RFC 9110, 8.8.3); a weak one says nothing about bytes.
    private static bool IsStrong(string tag) =>
        tag is ['"', _, .., '"'] && tag.Length < 512 && !tag.AsSpan(1, tag.Length - 2).ContainsAnyExceptInRange('!', '~') && tag.IndexOf('"', 1) == tag.Length - 1;

    private bool Lock()
    {
        while (Libc.Lock(file, Libc.ExclusiveLockNow) != 0)
        {
            if (Libc.LastError == Errno.Again)
            {
                return false;
            }

            if (Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "lock", cache.PathOf(Name));
            }
        }

        return true;
    }

    private void ReadBack(CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = Libc.Read(file, buffer)) != 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (count > 0)
            {
                hash.Add(buffer.AsSpan(0, count));
                Length += count;
            }
            else if (Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "read", cache.PathOf(Name));
            }
        }

        validator = Length > 0 && cache.Validator(ValidatorName) is { } kept && IsStrong(kept) ? kept : null;
    }

    // Written in place: what a kill leaves of it fits no version, and the server sends the whole.
    private void Remember(string? tag)
    {
        if (tag is null || !IsStrong(tag))
        {
            cache.Remove(ValidatorName);
            return;
        }

        using var kept = cache.OpenForWriting(ValidatorName, empty: true);
        if (!Libc.WriteAll(kept, Encoding.ASCII.GetBytes(tag)))
        {
            throw Errno.Failure(Libc.LastError, "write", cache.PathOf(ValidatorName));
        }

        validator = tag;
    }

    private void CheckSize(long size)
    {
        if (size > options.LargestFile)
        {
            Remove();
            throw DownloadMessages.Failed(
                download,
                string.Create(CultureInfo.InvariantCulture, $"it is larger than {options.LargestFile >> 20} MiB"),
                "See what is at this address: no program is as large.");
        }
    }
}
