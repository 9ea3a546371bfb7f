using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Downloads;

/// <summary>What is said about downloads.</summary>
internal static class DownloadMessages
{
    /// <summary>A URL without user, password and query: a query may be a signature.</summary>
    public static string Shown(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Why there is no answer that can be used, as a clause.</summary>
    public static string Why(HttpOutcome outcome) => outcome switch
    {
        HttpFault fault => fault.Detail,
        HttpAnswer answer => "the server answers " + answer.Status.ToString(CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException("no outcome"),
    };

    /// <summary>A file cannot be had.</summary>
    public static DiagnosticException Failed(Download download, HttpOutcome outcome, int attempts) => Failed(
        download,
        attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $"{Why(outcome)}, after {attempts} attempts") : Why(outcome),
        outcome switch
        {
            HttpAnswer { Status: 404 or 410 } => "See whether this version was published for this architecture, and whether the mirror has it under this path.",
            HttpAnswer { Status: 401 or 403 or 407 } or HttpFault { Kind: HttpFaultKind.Proxy } => "See whether the server and the proxy let this machine read this address.",
            HttpFault { Kind: HttpFaultKind.Tls } => "See whether the clock is right, and whether a proxy needs its own authority: SSL_CERT_FILE names a file with it.",
            HttpFault { Kind: HttpFaultKind.Redirect } => "Give the address that it leads to, if that is the right place.",
            _ => "See whether this machine reaches the host (DNS, proxy, firewall), then run again: what has come is kept.",
        });

    /// <summary>A file cannot be had.</summary>
    public static DiagnosticException Failed(Download download, string why, string help) => new(
        DiagnosticCatalogue.DownloadFailed,
        $"{download.Name} cannot be downloaded from {Shown(download.Url)}: {why}.",
        help,
        path: $"spec.components.{download.Name}");

    /// <summary>A file has another checksum.</summary>
    public static DiagnosticException Mismatch(Download download, string actual) => new(
        DiagnosticCatalogue.ChecksumMismatch,
        $"What {Shown(download.Url)} has is not {download.Name}: its SHA-256 is {actual} and must be {download.Sha256}.",
        "See whether a mirror or a proxy gives another file; take no other checksum than the publisher's own.",
        path: $"spec.components.{download.Name}");
}
