using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Downloads;

/// <summary>
/// Checks the signature of a file whose checksum is right. The checksum decides what is installed; a signature says in addition that the publisher
/// made it. So one that is missing is a warning, and one that is wrong an error.
/// </summary>
internal sealed class SignatureCheck(RedirectFollower follower, DownloaderOptions options, TimeProvider clock)
{
    private const string Cosign = "cosign";

    /// <summary>Checks the signature of a download.</summary>
    /// <returns>Why it was not verified; null when it was, or nobody signs the file.</returns>
    /// <exception cref="DiagnosticException">The signature is there, and wrong.</exception>
    public async Task<Diagnostic?> CheckAsync(Download download, CancellationToken cancellation)
    {
        if (download.Signature is not { } wanted)
        {
            return null;
        }

        if (wanted.Kind != Cosign)
        {
            return new Diagnostic(
                DiagnosticCatalogue.SignatureNotVerified.Code,
                DiagnosticCatalogue.SignatureNotVerified.Severity,
                $"{download.Name} is signed with {wanted.Kind}, which eksnode does not verify. Its SHA-256 is right.",
                "Nothing needs to be done: the checksum is the publisher's, as it stands in the lock of the image.");
        }

        var texts = new string[2];
        for (var i = 0; i < texts.Length; i++)
        {
            var url = Beside(download.Url, i == 0 ? ".sig" : ".cert");
            var outcome = await GetAsync(url, cancellation).ConfigureAwait(false);
            if (outcome is not HttpAnswer { Succeeded: true } answer)
            {
                return new Diagnostic(
                    DiagnosticCatalogue.SignatureMissing.Code,
                    DiagnosticCatalogue.SignatureMissing.Severity,
                    $"The signature of {download.Name} was not verified: {DownloadMessages.Shown(url)} cannot be had, {DownloadMessages.Why(outcome)}. Its SHA-256 is right.",
                    "Put the .sig and .cert files of the publisher beside the file.");
            }

            texts[i] = Encoding.ASCII.GetString(answer.Body.Span).Trim();
        }

        var verifier = options.Cosign ?? CosignVerifier.OfPublicInstance();
        return verifier.Fault(Convert.FromHexString(download.Sha256), texts[0], texts[1], wanted.Signer) is not { } fault
            ? null
            : throw new DiagnosticException(
                DiagnosticCatalogue.SignatureWrong,
                $"The signature of {download.Name}, {DownloadMessages.Shown(Beside(download.Url, ".sig"))}, is wrong: {fault}.",
                "Do not use the file before it is known why; compare it and its signature with those of the publisher.",
                path: $"spec.components.{download.Name}");
    }

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
