using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>The kubelet: its configuration and the user's drop-in over it, its arguments, and how it gets credentials for images.</summary>
public sealed class KubeletComponent : IComponent
{
    private const int ConfigIndent = 4;
    private const int ProviderIndent = 2;

    private static readonly ImmutableArray<string> Units = ["kubelet.service"];

    /// <inheritdoc/>
    public string Name => "kubelet";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var decisions = context.Decisions;
        var generated = KubeletConfigurationDocument.Of(decisions);
        var document = decisions.Profile.Harden(NodePaths.KubeletConfig, generated, formula => Formula(formula, context));
        yield return new FileResource
        {
            Path = NodePaths.KubeletConfig,
            Content = Utf8(JsonWriter.Write(document, ConfigIndent, sortKeys: false)),
            Mode = decisions.Profile.Mode(NodePaths.KubeletConfig, FileModes.Public),
            DependsOn = [NodePaths.FileId(NodePaths.CertificateAuthority)],
            Restarts = Units,
            Reasons = Reasons.OfLeaves("kubelet", document),
            Controls = decisions.Profile.Controls(NodePaths.KubeletConfig, document),
            Document = document,
            DocumentLayers = [generated],
        };

        var user = UserKubeletConfig.Of(context.Config);
        KubeletPredictions.Report(context.Config, decisions.KubeletVersion.Value, document, context.Diagnostics);
        if (user is not null)
        {
            yield return Secret(NodePaths.KubeletUserConfig, JsonWriter.Write(user, ConfigIndent, sortKeys: true), Reasons.OfLeaves("kubelet", user)) with { Document = user };
        }

        var program = ProviderProgram.Of(context.Config, context.Facts);
        if (program.IsEksnode)
        {
            yield return new SymlinkResource
            {
                Path = program.Path,
                Target = NodePaths.Eksnode,
                Restarts = Units,
                Reasons = [new Reason("kubelet.imageCredentialProvider.program", NodePaths.Eksnode, program.Origin)],
            };
        }

        var provider = ImageCredentialProvider.Of(decisions.KubeletVersion, program, context.Config.CredentialProviders, context.Diagnostics);
        yield return Secret(
            NodePaths.ImageCredentialProviderConfig,
            JsonWriter.Write(provider, ProviderIndent, sortKeys: false),
            [.. ImageCredentialProvider.ReasonsOf(provider)]) with { Document = provider };

        yield return Environment(context, user, program);
    }

    // Values of a profile that are no constants.
    private static Sourced<long> Formula(string name, PlanContext context)
    {
        if (name != "podPidsLimit")
        {
            throw new InvalidOperationException($"A compliance profile names the formula {name}, which is none.");
        }

        var pods = Reserved.EffectiveMaxPods(context.Config.Kubelet) ?? context.Decisions.MaxPods;
        var limit = PodPidsLimitFormula.Of(pods.Value);
        return new Sourced<long>(limit, pods.Origin.Because(string.Create(
            CultureInfo.InvariantCulture, $"90 % of {PodPidsLimitFormula.PidMax} process ids for {pods.Value} pods = {limit} each")));
    }

    private static FileResource Environment(PlanContext context, TreeMap? user, ProviderProgram program)
    {
        var kubelet = context.Decisions.KubeletVersion;
        var arguments = KubeletFlags.Of(context.Config, context.Decisions, program, context.Diagnostics);
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
        return file with { DependsOn = [.. needed], Arguments = [.. arguments] };
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
