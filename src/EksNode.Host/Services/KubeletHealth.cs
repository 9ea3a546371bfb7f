using System.Globalization;
using EksNode.Host.Http;

namespace EksNode.Host.Services;

/// <summary>Asks the kubelet whether it is healthy: <c>GET /healthz</c> answers 200 and <c>ok</c>.</summary>
/// <param name="sender">Speaks HTTP, with no proxy.</param>
/// <param name="settings">Where the kubelet listens; read again for each question, since its files may be new.</param>
public sealed class KubeletHealth(IHttpSender sender, Func<KubeletSettings> settings)
{
    private const int LongestAnswer = 64 * 1024;
    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(5);

    /// <summary>The question, as a <see cref="HealthProbe"/>.</summary>
    public async Task<Health> AskAsync(CancellationToken cancellation)
    {
        if (settings().HealthzUri is not { } address)
        {
            // `healthzPort: 0` switches the endpoint off: then there is nothing to ask, and systemd's word counts.
            return Health.Good;
        }

        var outcome = await sender.SendAsync(
            new HttpCall { Method = HttpMethod.Get, Address = address, Timeout = timeout, LongestAnswer = LongestAnswer },
            cancellation).ConfigureAwait(false);
        return outcome switch
        {
            HttpAnswer { Status: 200 } => Health.Good,
            HttpAnswer answer => Health.Bad(string.Create(CultureInfo.InvariantCulture, $"{address} answers with status {answer.Status}")),
            HttpFault fault => Health.Bad($"{address}: {fault.Detail}"),
            _ => throw new NotSupportedException($"An outcome {outcome.GetType().Name} is not known."),
        };
    }
}
