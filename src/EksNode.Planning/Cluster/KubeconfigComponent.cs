using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Cluster;

/// <summary>
/// The kubeconfig with which the kubelet reaches the API server. It authenticates with <c>eksnode token</c>, as an exec plugin of
/// client-go. On an Outpost this is the bootstrap kubeconfig: with it the kubelet asks for a client certificate, which works while the
/// Outpost is disconnected, and writes its own kubeconfig, which is then not eksnode's.
/// </summary>
public sealed class KubeconfigComponent : IComponent
{
    /// <inheritdoc/>
    public string Name => "kubeconfig";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var decisions = context.Decisions;
        var path = decisions.OnOutpost.Value ? NodePaths.BootstrapKubeconfig : NodePaths.Kubeconfig;
        yield return new FileResource
        {
            Path = path,
            Content = [.. Encoding.UTF8.GetBytes(Text(decisions))],
            Mode = FileModes.Secret,
            Sensitive = true,
            DependsOn = [NodePaths.FileId(NodePaths.CertificateAuthority)],
            Restarts = ["kubelet.service"],
            Reasons = ReasonsOf(decisions),
            Controls = decisions.Profile.Controls(path),
        };

        if (decisions.OnOutpost.Value)
        {
            yield return new ReleasedResource
            {
                Path = NodePaths.Kubeconfig,
                Owner = "the kubelet, which writes its own kubeconfig on Outposts",
                Reasons = [new Reason("cluster.onOutpost", "true", decisions.OnOutpost.Origin)],
            };
        }
    }

    private static string Text(NodeDecisions decisions) => $"""
        ---
        apiVersion: v1
        kind: Config
        clusters:
          - name: kubernetes
            cluster:
              certificate-authority: {NodePaths.CertificateAuthority}
              server: {YamlText.Scalar(decisions.ApiServerEndpoint.Value)}
        current-context: kubelet
        contexts:
          - name: kubelet
            context:
              cluster: kubernetes
              user: kubelet
        users:
          - name: kubelet
            user:
              exec:
                apiVersion: client.authentication.k8s.io/v1beta1
                command: {NodePaths.Eksnode}
                args:
                  - "token"
                  - "--cluster-name"
                  - {YamlText.Quoted(decisions.ClusterName.Value)}
                  - "--region"
                  - {YamlText.Quoted(decisions.Region.Value)}

        """.ReplaceLineEndings("\n");

    private static ImmutableArray<Reason> ReasonsOf(NodeDecisions decisions)
    {
        var name = decisions.OnOutpost.Value
            ? decisions.ClusterName.Origin.Because("a local cluster on an Outpost goes by its id")
            : decisions.ClusterName.Origin;
        return
        [
            Reasons.Of("cluster.apiServerEndpoint", "apiServerEndpoint", decisions.ApiServerEndpoint.Value, decisions.ApiServerEndpoint.Origin),
            new Reason("cluster.name", decisions.ClusterName.Value, name),
            new Reason("cluster.region", decisions.Region.Value, decisions.Region.Origin),
            new Reason("cluster.exec", NodePaths.Eksnode, Origin.Default("eksnode makes the token itself, without the AWS CLI")),
        ];
    }
}
