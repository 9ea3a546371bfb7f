using System.Globalization;
using System.Net;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Services;

/// <summary>How a question for the running kubelet's configuration ended.</summary>
/// <param name="configuration">The configuration; null: it was not told.</param>
/// <param name="status">The status of an answer that is a refusal (401, 403); 0: there was another problem, or none.</param>
/// <param name="problem">What the problem is, as a clause; empty when there is none.</param>
public sealed class ConfigzAnswer(TreeMap? configuration, int status, string problem)
{
    /// <summary>The configuration; null: it was not told.</summary>
    public TreeMap? Configuration { get; } = configuration;

    /// <summary>The status of a refusal: 401 or 403; 0: it is none.</summary>
    public int Refusal { get; } = status;

    /// <summary>What the problem is, as a clause.</summary>
    public string Problem { get; } = problem;
}

/// <summary>
/// Asks the kubelet for the configuration that it runs with: <c>GET /configz</c> on its own port. It answers who the API server lets
/// <c>get nodes/configz</c> (Kubernetes 1.33 and newer) or <c>nodes/proxy</c>.
/// </summary>
/// <param name="sender">Speaks HTTP, trusts the kubelet's certificate, and has no proxy.</param>
public sealed class KubeletConfigz(IHttpSender sender)
{
    private const int LongestAnswer = 1024 * 1024;
    private const string Name = "/configz";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Asks.</summary>
    /// <param name="address">Where the kubelet listens.</param>
    /// <param name="token">The bearer token; null: none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ConfigzAnswer> AskAsync(IPEndPoint address, Secret? token, CancellationToken cancellation)
    {
        var uri = new Uri($"https://{address}{Name}");
        var outcome = await sender.SendAsync(
            new HttpCall
            {
                Method = HttpMethod.Get,
                Address = uri,
                Headers = token is null ? [] : [new HttpHeader("Authorization", "Bearer " + token.Reveal())],
                Timeout = Timeout,
                LongestAnswer = LongestAnswer,
            },
            cancellation).ConfigureAwait(false);
        return outcome switch
        {
            HttpAnswer { Status: 200 } answer => Read(answer.Body.Span, uri),
            HttpAnswer { Status: 401 or 403 } answer => new ConfigzAnswer(null, answer.Status, Status(uri, answer)),
            HttpAnswer answer => new ConfigzAnswer(null, 0, Status(uri, answer)),
            HttpFault fault => new ConfigzAnswer(null, 0, $"{uri}: {fault.Detail}"),
            _ => throw new NotSupportedException($"An outcome {outcome.GetType().Name} is not known."),
        };
    }

    private static string Status(Uri uri, HttpAnswer answer) =>
        string.Create(CultureInfo.InvariantCulture, $"{uri} answers with status {answer.Status}");

    private static ConfigzAnswer Read(ReadOnlySpan<byte> body, Uri uri) =>
        JsonReader.Read(System.Text.Encoding.UTF8.GetString(body), Name, part: 0, new DiagnosticBag()) is TreeMap map && map["kubeletconfig"] is TreeMap configuration
            ? new ConfigzAnswer(configuration, 0, "")
            : new ConfigzAnswer(null, 0, $"what {uri} answers is no kubelet configuration");
}
