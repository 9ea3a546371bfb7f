using System.Globalization;
using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Services;

/// <summary>Asks the API server whether this host's Node is Ready.</summary>
public sealed class NodeReadiness
{
    // A Node with a thousand images and volumes comes near 1 MiB.
    private const int LongestAnswer = 4 * 1024 * 1024;
    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(10);

    private readonly IHttpSender sender;
    private readonly Uri address;
    private readonly Func<CancellationToken, Task<Secret?>> token;
    private readonly Func<CancellationToken, Task<DateTimeOffset>> since;

    /// <summary>Creates the question.</summary>
    /// <param name="sender">Speaks HTTP, and trusts the cluster's certificate authority.</param>
    /// <param name="server">The API server.</param>
    /// <param name="node">The Node's name.</param>
    /// <param name="token">The bearer token; null when the sender has a client certificate.</param>
    /// <param name="since">
    /// When the kubelet that runs was started: what the API server still has from the kubelet before it, or from before a reboot, counts for
    /// nothing.
    /// </param>
    public NodeReadiness(
        IHttpSender sender, Uri server, string node, Func<CancellationToken, Task<Secret?>> token, Func<CancellationToken, Task<DateTimeOffset>> since)
    {
        this.sender = sender;
        this.token = token;
        this.since = since;
        address = new Uri(server, "/api/v1/nodes/" + Uri.EscapeDataString(node));
    }

    /// <summary>The question, as a <see cref="HealthProbe"/>.</summary>
    public async Task<Health> AskAsync(CancellationToken cancellation)
    {
        Secret? bearer;
        try
        {
            bearer = await token(cancellation).ConfigureAwait(false);
        }
        catch (DiagnosticException failure)
        {
            // Credentials that IMDS does not give now may come.
            return Health.Bad(failure.Diagnostic.Message.TrimEnd('.'));
        }

        var outcome = await sender.SendAsync(
            new HttpCall
            {
                Method = HttpMethod.Get,
                Address = address,
                Headers = bearer is null
                    ? [new HttpHeader("Accept", "application/json")]
                    : [new HttpHeader("Accept", "application/json"), new HttpHeader("Authorization", "Bearer " + bearer.Reveal())],
                Timeout = timeout,
                LongestAnswer = LongestAnswer,
            },
            cancellation).ConfigureAwait(false);
        return outcome switch
        {
            HttpAnswer { Status: 200 } answer => Judge(answer.Body, await since(cancellation).ConfigureAwait(false)),
            HttpAnswer { Status: 404 } => Health.Bad("the kubelet has not registered it"),
            HttpAnswer { Status: 401 } => Health.Bad("the API server does not accept this instance's role (401): it needs an access entry, or its line in aws-auth"),
            HttpAnswer { Status: 403 } => Health.Bad("the API server does not let this instance's role read its Node (403): its access entry must be of type EC2_LINUX"),
            HttpAnswer answer => Health.Bad(string.Create(CultureInfo.InvariantCulture, $"the API server answers with status {answer.Status}")),
            HttpFault fault => Health.Bad($"the API server {address.Authority}: {fault.Detail}"),
            _ => throw new NotSupportedException($"An outcome {outcome.GetType().Name} is not known."),
        };
    }

    /// <summary>Judges a Node: its condition <c>Ready</c> is <c>True</c>, and was told by the kubelet that runs.</summary>
    internal static Health Judge(ReadOnlyMemory<byte> body, DateTimeOffset since)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (!document.RootElement.TryGetProperty("status", out var status) || !status.TryGetProperty("conditions", out var conditions))
            {
                return Health.Bad("the kubelet has not told its condition");
            }

            foreach (var condition in conditions.EnumerateArray())
            {
                if (condition.GetProperty("type").GetString() == "Ready")
                {
                    return JudgeReady(condition, since);
                }
            }

            return Health.Bad("the kubelet has not told its condition");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Health.Bad("the API server's answer is no Node");
        }
    }

    private static Health JudgeReady(JsonElement condition, DateTimeOffset since)
    {
        if (condition.GetProperty("status").GetString() != "True")
        {
            var said = condition.TryGetProperty("message", out var message) ? message.GetString() : null;
            return Health.Bad(string.IsNullOrEmpty(said) ? "its condition Ready is not True" : said.ReplaceLineEndings(" ").TrimEnd('.'));
        }

        // The heartbeat has whole seconds, and is of this host's clock, as the kubelet's start is.
        var isOld = condition.TryGetProperty("lastHeartbeatTime", out var heartbeat)
            && heartbeat.ValueKind == JsonValueKind.String
            && heartbeat.GetDateTimeOffset() < since.AddSeconds(-1);
        return isOld ? Health.Bad("its condition is from before the kubelet was started") : Health.Good;
    }
}
