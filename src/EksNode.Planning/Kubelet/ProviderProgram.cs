using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The program that gives the kubelet passwords for ECR: the image's own, at the place that EKS-optimized images have it at or that
/// <c>ECR_CREDENTIAL_PROVIDER_BIN_PATH</c> names; else eksnode, through a link with that program's name, since the kubelet looks for
/// its providers in one folder.
/// </summary>
/// <param name="Path">Where the kubelet finds it.</param>
/// <param name="IsEksnode">Whether it is a link to eksnode.</param>
/// <param name="Origin">What decided it.</param>
internal sealed record ProviderProgram(string Path, bool IsEksnode, Origin Origin)
{
    /// <summary>The variable with which nodeadm is told where the program is.</summary>
    public const string Variable = "ECR_CREDENTIAL_PROVIDER_BIN_PATH";

    /// <summary>The folder: <c>--image-credential-provider-bin-dir</c>.</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>The name of the provider in the CredentialProviderConfig: the file's.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Decides it.</summary>
    public static ProviderProgram Of(NodeConfig config, NodeFacts facts)
    {
        if (config.Instance.Environment.TryGetValue("default", out var variables)
            && variables.TryGetValue(Variable, out var own)
            && NodePaths.IsProgram(own.Value.Reveal()))
        {
            return new ProviderProgram(own.Value.Reveal(), false, own.Origin);
        }

        const string fact = "host.imageCredentialProvider";
        return facts.Host.ImageCredentialProvider switch
        {
            null => new(NodePaths.EcrCredentialProvider, false, Origin.Default("where EKS-optimized images have their credential provider")),
            NodePaths.Eksnode => new(NodePaths.EcrCredentialProvider, true, facts.OriginOf(fact, "the image has no credential provider of its own")),
            var path => new(path, false, facts.OriginOf(fact)),
        };
    }
}
