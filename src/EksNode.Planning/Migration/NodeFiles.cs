using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Migration;

/// <summary>A file of a node.</summary>
/// <param name="path">Its path on the node.</param>
/// <param name="text">Its text; empty where only its name counts.</param>
public sealed class NodeText(string path, string text)
{
    /// <summary>Its path on the node.</summary>
    public string Path { get; } = path;

    /// <summary>Its text; empty where only its name counts.</summary>
    public string Text { get; } = text;

    /// <summary>Its folder.</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>Its name in the folder.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>What the files of an existing node say, whoever wrote them.</summary>
public sealed class NodeFiles
{
    /// <summary>Whether eksnode configured the node: it keeps its state there.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The kubelet's version; null: not known.</summary>
    public SemanticVersion? Kubelet { get; init; }

    /// <summary>containerd's version; null: not known.</summary>
    public SemanticVersion? Containerd { get; init; }

    /// <summary>The kubelet's own configuration; null: there is none.</summary>
    public TreeMap? KubeletConfig { get; init; }

    /// <summary>The drop-ins over it, in their order; the source of each is its path.</summary>
    public ImmutableArray<TreeMap> KubeletDropIns { get; init; } = [];

    /// <summary>The kubelet's arguments.</summary>
    public ImmutableArray<Sourced<string>> Arguments { get; init; } = [];

    /// <summary>Variables of the kubelet's unit that hold its <see cref="Arguments"/>, on Amazon Linux 2.</summary>
    public ImmutableArray<string> ArgumentVariables { get; init; } = [];

    /// <summary>containerd's configuration; null: there is none.</summary>
    public TreeMap? ContainerdConfig { get; init; }

    /// <summary>The files that it imports, in their order; empty unless it imports the files of one folder, <c>FOLDER/*.toml</c>, alone.</summary>
    public ImmutableArray<TreeMap> ContainerdImports { get; init; } = [];

    /// <summary>The runtime spec that containers start from; null: there is none.</summary>
    public TreeMap? BaseRuntimeSpec { get; init; }

    /// <summary>The CredentialProviderConfig; null: there is none.</summary>
    public TreeMap? CredentialProviders { get; init; }

    /// <summary>The cluster's certificate authority, PEM; empty: there is none.</summary>
    public ImmutableArray<byte> CertificateAuthority { get; init; } = [];

    /// <summary>The kubeconfig; null: there is none.</summary>
    public TreeMap? Kubeconfig { get; init; }

    /// <summary>
    /// Other files, sorted within their folders: those of <see cref="Patterns"/>, the drop-ins of services (<see cref="IsUnitDropIn"/>), what is
    /// below <see cref="RegistryFolders"/>, and the environment files that drop-ins name.
    /// </summary>
    public ImmutableArray<NodeText> Texts { get; init; } = [];

    /// <summary>The files that are read into <see cref="Texts"/>, each with <c>*</c> for any text in a name or without.</summary>
    public static ImmutableArray<string> Patterns => HostConversion.Patterns;

    /// <summary>The folders with a folder for each registry, all of whose files are read.</summary>
    public static ImmutableArray<string> RegistryFolders => HostConversion.RegistryFolders;

    /// <summary>The folder of units, and of the folders of their drop-ins.</summary>
    public const string Units = "/etc/systemd/system";

    /// <summary>What the name of the folder of a service's drop-ins ends in.</summary>
    public const string UnitDropIns = ".service.d";

    /// <summary>Whether a drop-in of a service is of a node: of a service that a node has, or by its name one of eksnode's or nodeadm's.</summary>
    /// <param name="service">The service, without its suffix.</param>
    /// <param name="name">The name of the file.</param>
    public static bool IsUnitDropIn(string service, string name) => ServiceConversion.IsOfNode(service, name);

    /// <summary>The environment files that a drop-in names.</summary>
    /// <param name="dropIn">The drop-in's text.</param>
    public static IEnumerable<string> EnvironmentFiles(string dropIn)
    {
        foreach (var directive in SystemdWords.Directives(dropIn))
        {
            if (directive.Name == "EnvironmentFile" && ServiceConversion.EnvironmentPath(directive.Value) is ['/', ..] path)
            {
                yield return path;
            }
        }
    }

    /// <summary>The folder whose TOML files containerd's configuration imports; null: it imports something else, or nothing.</summary>
    /// <param name="config">containerd's configuration.</param>
    public static string? ImportedFolder(TreeMap config) =>
        config["imports"] is TreeList { Items: [TreeScalar { Kind: ScalarKind.String } only] }
        && only.Text.StartsWith('/') && only.Text.EndsWith("/*.toml", StringComparison.Ordinal) && only.Text.IndexOf('*', StringComparison.Ordinal) == only.Text.Length - 6
            ? only.Text[..^"/*.toml".Length]
            : null;
}
