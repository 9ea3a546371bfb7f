using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using EksNode.Aws;
using EksNode.Aws.Identity;
using EksNode.Commands;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Http;
using EksNode.Host.Services;
using EksNode.Planning;
using EksNode.Planning.Decisions;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Plans;

namespace EksNode.Verifying;

/// <summary>
/// Compares the configuration that the running kubelet tells with the planned one. The kubelet is asked as the node itself: with a token of
/// the instance's role, on Outposts with the kubelet's client certificate. A cluster does not allow this unless somebody grants it, and a
/// refusal is told, never taken for agreement.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">Sources and machine.</param>
/// <param name="io">The process.</param>
internal sealed class RunningKubelet(CommandRun run, NodePipeline pipeline, CommandIo io)
{
    private const int FineGrainedMinor = 33; // KubeletFineGrainedAuthz is on by default from Kubernetes 1.33
    private const string ClientCertificate = "/var/lib/kubelet/pki/kubelet-client-current.pem";

    // What the kubelet may show: a certificate that it asked for, or one that it signed itself.
    private static readonly string[] servingCertificates = ["/var/lib/kubelet/pki/kubelet-server-current.pem", "/var/lib/kubelet/pki/kubelet.crt"];

    /// <summary>What differs; null when the kubelet could not be asked, which is among the diagnostics.</summary>
    /// <param name="view">Configuration and facts.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ImmutableArray<KubeletDifference>?> CompareAsync(NodeView view, Plan plan, CancellationToken cancellation)
    {
        if (NodeDecisions.Decide(view.Config, view.Facts, new DiagnosticBag()) is not { } decisions
            || SemanticVersion.Find(view.Facts.Image.KubeletVersion ?? "") is not { } version
            || KubeletInputs.Of(plan, version.Minor, [view.Config]) is not { } inputs)
        {
            return null;
        }

        var planned = EffectiveKubelet.Of(inputs);
        using var step = run.Timeline.Begin("running kubelet");
        var answer = await AskAsync(decisions, Address(planned, view), cancellation);
        if (answer.Configuration is not { } running)
        {
            Report(answer, version.Minor);
            return null;
        }

        foreach (var secret in WrittenSecrets.In(NodePaths.KubeletConfig, JsonWriter.Write(running)))
        {
            run.Redactor.Add(secret);
        }

        return KubeletComparison.Compare(planned, running, version.Minor);
    }

    // The certificate that the kubelet asked for is for the node's own address, and not for the loopback's.
    private static IPEndPoint? Address(EffectiveKubelet planned, NodeView view)
    {
        var port = planned.Find("port")?.Value is TreeScalar { Text: var text } && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var own) ? own : 10250;
        var bound = planned.Find("address")?.Value is TreeScalar scalar && IPAddress.TryParse(scalar.Text, out var listens) ? listens : IPAddress.Any;
        return !bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any) ? new IPEndPoint(bound, port)
            : IPAddress.TryParse(view.Facts.Instance.LocalIpv4 ?? (view.Facts.Instance.Ipv6 is [var first, ..] ? first : ""), out var address) ? new IPEndPoint(address, port)
            : null;
    }

    private async Task<ConfigzAnswer> AskAsync(NodeDecisions decisions, IPEndPoint? address, CancellationToken cancellation)
    {
        if (address is null)
        {
            return new ConfigzAnswer(null, 0, "the address of this node is not known");
        }

        var certificates = new StringBuilder(Encoding.ASCII.GetString(decisions.CertificateAuthority.Value.AsSpan())).Append('\n');
        foreach (var path in servingCertificates)
        {
            if (pipeline.Root.ReadFile(path) is { } bytes)
            {
                AppendCertificates(Encoding.ASCII.GetString(bytes), certificates);
            }
        }

        try
        {
            using var sender = new HttpSender(
                new HttpSenderOptions
                {
                    Trust = TrustStore.Of("the cluster's certificate authority", Encoding.ASCII.GetBytes(certificates.ToString())),
                    ClientCertificate = decisions.OnOutpost.Value && pipeline.Root.ReadFile(ClientCertificate) is { } own ? Encoding.ASCII.GetString(own) : null,
                },
                io.Clock);
            return await new KubeletConfigz(sender).AskAsync(address, decisions.OnOutpost.Value ? null : await TokenAsync(decisions, cancellation), cancellation);
        }
        catch (DiagnosticException failure)
        {
            return new ConfigzAnswer(null, 0, failure.Diagnostic.Message.TrimEnd('.'));
        }
    }

    // The key of a certificate is in the same file, and is nobody's to trust.
    private static void AppendCertificates(string pem, StringBuilder into)
    {
        const string begin = "-----BEGIN CERTIFICATE-----";
        const string end = "-----END CERTIFICATE-----";
        for (var at = pem.IndexOf(begin, StringComparison.Ordinal); at >= 0; at = pem.IndexOf(begin, at + 1, StringComparison.Ordinal))
        {
            var last = pem.IndexOf(end, at, StringComparison.Ordinal);
            if (last < 0)
            {
                return;
            }

            into.Append(pem, at, last + end.Length - at).Append('\n');
        }
    }

    private async Task<Secret> TokenAsync(NodeDecisions decisions, CancellationToken cancellation)
    {
        using var identity = new IdentitySession(new IdentityOptions
        {
            Environment = new AwsEnvironment(io.Environment),
            Clock = io.Clock,
            Log = run.Log,
        });
        var token = await identity.TokenAsync(decisions.ClusterName.Value, decisions.Region.Value, null, new DiagnosticBag(), cancellation);
        run.Redactor.Add(token.Text);
        return token.Text;
    }

    private void Report(ConfigzAnswer answer, int minor)
    {
        if (answer.Refusal != 0)
        {
            var resource = minor >= FineGrainedMinor ? "nodes/configz" : "nodes/proxy";
            run.Diagnostics.Report(
                DiagnosticCatalogue.ConfigzRefused,
                $"The running kubelet's configuration is not compared: {answer.Problem}; this node's identity lacks the permission `get` on `{resource}`.",
                $"Grant it to the group system:nodes (`kubectl create clusterrole kubelet-configz --verb=get --resource={resource}`, then a clusterrolebinding) if the comparison is wanted; nodes can then read each other's kubelet configuration{(minor >= FineGrainedMinor ? "" : ", and reach everything else behind nodes/proxy: better not")}.");
            return;
        }

        run.Diagnostics.Report(
            DiagnosticCatalogue.ConfigzUnreachable,
            $"The running kubelet's configuration is not compared: {answer.Problem}.",
            "See `journalctl -u kubelet` for why it does not answer; the kubelet's debugging handlers must be on (`enableDebuggingHandlers`).");
    }
}
