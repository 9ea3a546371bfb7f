using System.Text;
using EksNode.Aws;
using EksNode.Aws.Identity;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Services;
using EksNode.Planning.Decisions;

namespace EksNode.Joining;

/// <summary>
/// Waits until the API server says that this host's Node is Ready, asking as the node itself: with a token of the instance's role, as
/// the kubelet does, or on Outposts with the kubelet's client certificate.
/// </summary>
internal static class NodeReady
{
    // Where the kubelet keeps the certificate that it asked for, and its key.
    private const string ClientCertificate = "/var/lib/kubelet/pki/kubelet-client-current.pem";

    /// <summary>Waits.</summary>
    /// <exception cref="DiagnosticException">It is not Ready in time, or the kubelet fails.</exception>
    public static async Task WaitAsync(JoinContext context, ServiceStarter starter, CancellationToken cancellation)
    {
        var decisions = NodeDecisions.Decide(context.View.Config, context.View.Facts, new DiagnosticBag())
            ?? throw new InvalidOperationException("A node that was planned has its decisions.");
        var node = KubeletSettings.Read(context.Pipeline.Root, context.Run.Log).NodeName ?? decisions.NodeName.Value;
        using var asker = new Asker(context, decisions, node);
        await starter.WaitAsync(
            ServiceUnits.Kubelet,
            $"the Node {node} to be Ready",
            asker.AskAsync,
            ServiceDeadlines.Ready,
            (deadline, why, lines, hint) => ServiceFailure.NotReady(node, deadline, why, lines, hint),
            cancellation);
    }

    private sealed class Asker(JoinContext context, NodeDecisions decisions, string node) : IDisposable
    {
        private readonly IdentitySession identity = new(new IdentityOptions
        {
            Environment = new AwsEnvironment(context.Io.Environment),
            Clock = context.Io.Clock,
            Log = context.Run.Log,
        });

        private HttpSender? sender;
        private EksToken? token;

        public async Task<Health> AskAsync(CancellationToken cancellation)
        {
            string? certificate = null;
            if (decisions.OnOutpost.Value)
            {
                if (context.Pipeline.Root.ReadFile(ClientCertificate) is not { } bytes)
                {
                    return Health.Bad($"the kubelet has no client certificate yet ({ClientCertificate})");
                }

                certificate = Encoding.ASCII.GetString(bytes);
            }

            sender ??= new HttpSender(
                new HttpSenderOptions
                {
                    Proxy = GoProxy.FromEnvironment(context.Io.Environment) is { IsConfigured: true } proxy ? proxy : null,
                    Trust = TrustStore.Of("the cluster's certificate authority", decisions.CertificateAuthority.Value.AsMemory()),
                    ClientCertificate = certificate,
                },
                context.Io.Clock);
            var readiness = new NodeReadiness(
                sender,
                new Uri(decisions.ApiServerEndpoint.Value),
                node,
                decisions.OnOutpost.Value ? _ => Task.FromResult<Secret?>(null) : TokenAsync,
                SinceAsync);
            return await readiness.AskAsync(cancellation);
        }

        public void Dispose()
        {
            sender?.Dispose();
            identity.Dispose();
        }

        private async Task<Secret?> TokenAsync(CancellationToken cancellation)
        {
            if (token is null || token.Expires <= context.Io.Clock.GetUtcNow())
            {
                token = await identity.TokenAsync(decisions.ClusterName.Value, decisions.Region.Value, null, new DiagnosticBag(), cancellation);
                context.Run.Redactor.Add(token.Text);
            }

            return token.Text;
        }

        private async Task<DateTimeOffset> SinceAsync(CancellationToken cancellation)
        {
            var status = await context.Systemd.StatusAsync(ServiceUnits.Kubelet, cancellation);
            return DateTimeOffset.UnixEpoch.AddMicroseconds(ServiceRules.Started(status));
        }
    }
}
