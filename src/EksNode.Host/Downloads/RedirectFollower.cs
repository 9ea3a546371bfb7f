using System.Collections.Immutable;
using EksNode.Host.Http;

namespace EksNode.Host.Downloads;

/// <summary>
/// Sends a call to where a server leads: GitHub has its releases on another host. Never from https to http, and not on and on.
/// </summary>
/// <param name="sender">What sends.</param>
/// <param name="silence">How long a server may be silent.</param>
internal sealed class RedirectFollower(IHttpStreamSender sender, TimeSpan silence)
{
    private const int MostRedirects = 5;
    /// <summary>The most bytes of a signature, a certificate or the keys of a publisher.</summary>
    internal const int LongestSmallFile = 64 * 1024;

    /// <summary>Gets a file piece by piece.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="headers">The headers of each call.</param>
    /// <param name="receiver">Gets the answer. It does not want the body of a redirect.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task<HttpOutcome> ReceiveAsync(Uri address, ImmutableArray<HttpHeader> headers, IHttpReceiver receiver, CancellationToken cancellation) =>
        FollowAsync(address, headers, receiver, cancellation);

    /// <summary>Gets a file of a few kilobytes.</summary>
    public Task<HttpOutcome> GetAsync(Uri address, CancellationToken cancellation) => FollowAsync(address, [], null, cancellation);

    private async Task<HttpOutcome> FollowAsync(
        Uri address, ImmutableArray<HttpHeader> headers, IHttpReceiver? receiver, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            var call = new HttpCall
            {
                Method = HttpMethod.Get,
                Address = address,
                Headers = headers,
                Timeout = silence,
                LongestAnswer = LongestSmallFile,
            };
            var outcome = receiver is null
                ? await sender.SendAsync(call, cancellation).ConfigureAwait(false)
                : await sender.ReceiveAsync(call, receiver, cancellation).ConfigureAwait(false);
            if (outcome is not HttpAnswer { Status: 301 or 302 or 303 or 307 or 308 } answer)
            {
                return outcome;
            }

            if (redirects == MostRedirects)
            {
                return new HttpFault(HttpFaultKind.Redirect, $"it leads to other addresses more than {MostRedirects} times");
            }

            if (answer.Header("Location") is not { } location || !Uri.TryCreate(address, location, out var next) || next.Scheme is not ("https" or "http"))
            {
                return new HttpFault(HttpFaultKind.Redirect, "it leads to another address, and does not say to which");
            }

            if (address.Scheme == "https" && next.Scheme == "http")
            {
                return new HttpFault(HttpFaultKind.Redirect, $"it leads from https to {DownloadMessages.Shown(next)}, which is not protected");
            }

            address = next;
        }
    }
}
