using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Compliance;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>The kubelet: its configuration and the user's drop-in over it, its arguments, and how it gets credentials for images.</summary>
public sealed class KubeletComponent : IComponent
{
    /// <summary>The indent of the kubelet's configuration.</summary>
    internal const int ConfigIndent = 4;

    private const int ProviderIndent = 2;

    /// <summary>What restarts with it.</summary>
    internal static readonly ImmutableArray<string> Units = ["kubelet.service"];

    /// <inheritdoc/>
    public string Name => "kubelet";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var decisions = context.Decisions;
        var layers = KubeletLayers.Of(context);
        var user = UserKubeletConfig.Of(context.Config, decisions.Taints);
        var replacement = KubeletReplacement.Of(context, layers);
        KubeletPredictions.Report(context.Config, decisions.KubeletVersion.Value, KubeletReplacement.Beside(context.Config.Kubelet, layers[^1]), context.Diagnostics);
        yield return replacement?.File ?? Config(decisions.Profile, layers);
        if (user is not null)
        {
            yield return Secret(NodePaths.KubeletUserConfig, JsonWriter.Write(user, ConfigIndent, sortKeys: true), Reasons.OfLeaves("kubelet", user)) with { Document = user, Baking = Baking.OfSetting };
        }
        else if (replacement is not null)
        {
            yield return new ReleasedResource
            {
                Path = NodePaths.KubeletUserConfig,
                Owner = "nobody: `spec.kubelet.configMode: Replace` has no drop-in",
                Restarts = Units,
            };
        }

        var program = ProviderProgram.Of(context.Config, context.Facts);
        if (program.IsEksnode)
        {
            yield return new SymlinkResource
            {
                Path = program.Path,
                Target = NodePaths.Eksnode,
                Restarts = Units,
                Baking = Baking.OfLink,
                Reasons = [new Reason("kubelet.imageCredentialProvider.program", NodePaths.Eksnode, program.Origin)],
            };
        }

        var provider = ImageCredentialProvider.Of(decisions.KubeletVersion, program, context.Config, context.Diagnostics);
        yield return Secret(
            NodePaths.ImageCredentialProviderConfig,
            JsonWriter.Write(provider, ProviderIndent, sortKeys: false),
            [.. ImageCredentialProvider.ReasonsOf(provider)]) with
        { Document = provider, Baking = Baking.OfEveryNode };

        yield return Environment(context, user, program);
    }

    private static FileResource Config(ComplianceProfile profile, ImmutableArray<TreeMap> layers) => new()
    {
        Path = NodePaths.KubeletConfig,
        Content = Utf8(JsonWriter.Write(layers[^1], ConfigIndent, sortKeys: false)),
        Mode = profile.Mode(NodePaths.KubeletConfig, FileModes.Public),
        DependsOn = [NodePaths.FileId(NodePaths.CertificateAuthority)],
        Restarts = Units,
        Reasons = Reasons.OfLeaves("kubelet", layers[^1]),
        Controls = profile.Controls(NodePaths.KubeletConfig, layers[^1]),
        Document = layers[^1],
        DocumentLayers = layers[..^1],
    };

    private static FileResource Environment(PlanContext context, TreeMap? user, ProviderProgram program)
    {
        var kubelet = context.Decisions.KubeletVersion;
        var outdone = new List<Sourced<string>>();
        var arguments = KubeletFlags.Of(context.Config, context.Decisions, program, outdone, context.Diagnostics);
        var alphaDropIns = user is not null && !kubelet.Value.AtLeast(1, 30);
        var reasons = KubeletFlags.ReasonsOf(arguments).ToImmutableArray();
        if (alphaDropIns)
        {
            reasons = reasons.Add(new Reason(
                "kubelet.environment." + KubeletEnvironmentFile.DropInVariable,
                "on",
                kubelet.Origin.Because($"a kubelet before 1.30 reads drop-ins only when told to; this is {kubelet.Value}")));
        }

        var file = Secret(NodePaths.KubeletEnvironment, KubeletEnvironmentFile.Text(arguments, alphaDropIns), reasons);
        var needed = new List<string> { NodePaths.FileId(NodePaths.KubeletConfig), NodePaths.FileId(NodePaths.ImageCredentialProviderConfig) };
        if (program.IsEksnode)
        {
            needed.Add("symlink:" + program.Path);
        }

        if (user is not null)
        {
            needed.Add(NodePaths.FileId(NodePaths.KubeletUserConfig));
        }

        needed.Add(NodePaths.FileId(context.Decisions.OnOutpost.Value ? NodePaths.BootstrapKubeconfig : NodePaths.Kubeconfig));
        return file with { DependsOn = [.. needed], Arguments = [.. arguments], Outdone = [.. KubeletFlags.ReasonsOf(outdone)] };
    }

    private static FileResource Secret(string path, string text, ImmutableArray<Reason> reasons) => new()
    {
        Path = path,
        Content = Utf8(text),
        Mode = FileModes.Secret,
        Sensitive = true,
        Restarts = Units,
        Reasons = reasons,
    };

    private static ImmutableArray<byte> Utf8(string text) => [.. Encoding.UTF8.GetBytes(text)];
}
