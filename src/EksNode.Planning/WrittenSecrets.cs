using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Containerd;
using EksNode.Planning.Plans;

namespace EksNode.Planning;

/// <summary>
/// The secrets in a file of the node as it stands on the disk: of an earlier configuration or written by hand, so that today's
/// configuration does not know them.
/// </summary>
public static class WrittenSecrets
{
    /// <summary>
    /// The secrets that the kind of the file tells: headers and credentials of registries, credential flags, headers of static
    /// pods. What its own name or form gives away is left to the <see cref="Redactor"/>. Of a file that cannot be read as what
    /// it should be, all is secret.
    /// </summary>
    /// <param name="path">The file's path on the node.</param>
    /// <param name="text">Its text.</param>
    public static IEnumerable<Secret> In(string path, string text)
    {
        if (text.AsSpan().Trim().IsEmpty)
        {
            return [];
        }

        return path switch
        {
            ContainerdComponent.ConfigPath => Of(TomlReader.Read(text, path, new DiagnosticBag()), NodeConfigSecrets.OfContainerd),
            BaseRuntimeSpec.Path => Of(Json(path, text), NodeConfigSecrets.OfRuntimeSpec),
            NodePaths.KubeletEnvironment => NodeConfigSecrets.OfKubeletArguments(text),
            NodePaths.ImageCredentialProviderConfig => Of(Json(path, text), NodeConfigSecrets.OfCredentialProviders),
            _ when path.StartsWith(RegistriesComponent.Folder + "/", StringComparison.Ordinal) => Of(TomlReader.Read(text, path, new DiagnosticBag()), NodeConfigSecrets.OfContainerd),
            _ when path == NodePaths.KubeletConfig || path.StartsWith(NodePaths.KubeletConfigDropIns + "/", StringComparison.Ordinal) =>
                Of(Json(path, text), NodeConfigSecrets.OfKubelet),
            _ => [],
        };

        IEnumerable<Secret> Of(TreeMap? document, Func<TreeMap, IEnumerable<Secret>> secrets) =>
            document is null ? [new Secret(text)] : secrets(document);
    }

    private static TreeMap? Json(string path, string text) => JsonReader.Read(text, path, 0, new DiagnosticBag()) as TreeMap;
}
