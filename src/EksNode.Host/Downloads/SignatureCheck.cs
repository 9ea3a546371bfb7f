using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Processes;

namespace EksNode.Host.Downloads;

/// <summary>
/// Checks the signature of a file whose checksum is right. The checksum decides what is installed; a signature says in addition that the publisher
/// made it. So one that is missing is a warning, and one that is wrong an error.
/// </summary>
internal sealed class SignatureCheck(RedirectFollower follower, DownloaderOptions options, TimeProvider clock)
{
    private const string Cosign = "cosign";
    private const string OpenPgp = "openpgp";

    /// <summary>Checks the signature of a download.</summary>
    /// <param name="download">The download.</param>
    /// <param name="path">Where it is on this machine.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Why it was not verified; null when it was, or nobody signs the file.</returns>
    /// <exception cref="DiagnosticException">The signature is there, and wrong.</exception>
    public async Task<Diagnostic?> CheckAsync(Download download, string path, CancellationToken cancellation)
    {
        if (download.Signature is not { } wanted)
        {
            return null;
        }

        if (wanted.Kind == OpenPgp && options.Gpgv is null)
        {
            return NotVerified(
                download,
                "this machine has no gpgv",
                "Nothing needs to be done. To have it verified, install gpgv on the machine that builds the image: the package gpgv (Debian, Ubuntu) or gnupg2-full (Amazon Linux 2023).");
        }

        var urls = UrlsOf(download, wanted);
        var files = new ReadOnlyMemory<byte>[urls.Length];
        for (var i = 0; i < files.Length; i++)
        {
            var outcome = await GetAsync(urls[i], cancellation).ConfigureAwait(false);
            if (outcome is not HttpAnswer { Succeeded: true } answer)
            {
                return Missing(download, urls, $"{DownloadMessages.Shown(urls[i])} cannot be had, {DownloadMessages.Why(outcome)}");
            }

            files[i] = answer.Body;
        }

        return wanted.Kind == Cosign
            ? CheckCosign(download, wanted, urls, files)
            : await CheckOpenPgpAsync(download, path, urls, files, cancellation).ConfigureAwait(false);
    }

    // The signature, then what it is checked with.
    private static Uri[] UrlsOf(Download download, DownloadSignature wanted) => wanted switch
    {
        { Kind: Cosign } => [Beside(download.Url, ".sig"), Beside(download.Url, ".cert")],
        { Kind: OpenPgp, Keys: { } keys } => [Beside(download.Url, ".asc"), keys],
        _ => throw new InvalidOperationException($"{download.Name}: nothing verifies signatures of the kind {wanted.Kind}, or the address of their keys is not known."),
    };

    private Diagnostic? CheckCosign(Download download, DownloadSignature wanted, Uri[] urls, ReadOnlyMemory<byte>[] files)
    {
        var verifier = options.Cosign ?? CosignVerifier.OfPublicInstance();
        return verifier.Fault(Convert.FromHexString(download.Sha256), Text(files[0]), Text(files[1]), wanted.Signer) is not { } fault
            ? null
            : throw Wrong(download, urls[0], fault);
    }

    private async Task<Diagnostic?> CheckOpenPgpAsync(Download download, string path, Uri[] urls, ReadOnlyMemory<byte>[] files, CancellationToken cancellation)
    {
        var keys = OpenPgpArmor.Keys(Text(files[1]));
        if (keys.Length == 0)
        {
            return Missing(download, urls, $"what {DownloadMessages.Shown(urls[1])} has are no OpenPGP keys");
        }

        var result = await new GpgvVerifier(options.Gpgv!, options.LongestSignatureCheck).RunAsync(path, files[0], keys, cancellation).ConfigureAwait(false);
        var answer = GpgvAnswer.Read(result.Output, download.Signature!.Signer);
        if (result.End != ProgramEnd.Exited || !answer.IsAnswer)
        {
            return NotVerified(download, $"{options.Gpgv} {result.Describe()}", "See whether this gpgv works; it is of the package gpgv (Debian, Ubuntu) or gnupg2-full (Amazon Linux 2023).");
        }

        return answer.Fault is not { } fault ? null
            : answer.CannotCheck && options.IsFips ? NotVerified(
                download, $"{fault}, as the kernel of this machine is in FIPS mode", "Nothing needs to be done. To have it verified, build the image on a machine that is not in FIPS mode.")
            : throw Wrong(download, urls[0], fault);
    }

    private static string Text(ReadOnlyMemory<byte> file) => Encoding.ASCII.GetString(file.Span).Trim();

    private static Diagnostic Missing(Download download, Uri[] urls, string why) => new(
        DiagnosticCatalogue.SignatureMissing.Code,
        DiagnosticCatalogue.SignatureMissing.Severity,
        $"The signature of {download.Name} was not verified: {why}. Its SHA-256 is right.",
        download.Signature!.Kind == Cosign
            ? "Put the .sig and .cert files of the publisher beside the file."
            : $"Put the publisher's .asc file beside the file, and its keys at {DownloadMessages.Shown(urls[1])}.");

    private static Diagnostic NotVerified(Download download, string why, string help) => new(
        DiagnosticCatalogue.SignatureNotVerified.Code,
        DiagnosticCatalogue.SignatureNotVerified.Severity,
        $"The signature of {download.Name} was not verified: {why}. Its SHA-256 is right.",
        help);

    private static DiagnosticException Wrong(Download download, Uri signature, string fault) => new(
        DiagnosticCatalogue.SignatureWrong,
        $"The signature of {download.Name}, {DownloadMessages.Shown(signature)}, is wrong: {fault}.",
        "Do not use the file before it is known why; compare it and its signature with those of the publisher.",
        path: $"spec.components.{download.Name}");

    private static Uri Beside(Uri url, string suffix) => new(url.GetLeftPart(UriPartial.Path) + suffix + url.Query);

    private async Task<HttpOutcome> GetAsync(Uri url, CancellationToken cancellation)
    {
        if (url.IsFile)
        {
            return ReadFile(url.LocalPath);
        }

        var retries = new Retries(options, clock);
        while (true)
        {
            var outcome = await follower.GetAsync(url, cancellation).ConfigureAwait(false);
            if (!await retries.WaitAsync(outcome, cancellation).ConfigureAwait(false))
            {
                return outcome;
            }
        }
    }

    // As a server would answer.
    private static HttpOutcome ReadFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (!file.CanSeek || file.Length > RedirectFollower.LongestSmallFile)
            {
                return new HttpFault(HttpFaultKind.Refused, "it is no file, or too large for a signature");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return new HttpAnswer(200, [], bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HttpFault(HttpFaultKind.Refused, e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.'));
        }
    }
}
