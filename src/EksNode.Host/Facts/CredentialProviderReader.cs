using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Facts;

/// <summary>Finds the program that gives the kubelet passwords for ECR.</summary>
public static class CredentialProviderReader
{
    /// <summary>The fact's name.</summary>
    public const string Fact = "host.imageCredentialProvider";

    private const string Variable = "ECR_CREDENTIAL_PROVIDER_BIN_PATH";

    /// <summary>Adds the fact to those of the host.</summary>
    /// <param name="reading">The facts of the host.</param>
    /// <param name="root">The root.</param>
    /// <param name="environment">The environment of the process, as nodeadm reads it, too.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static HostReading AddTo(
        HostReading reading, HostRoot root, IReadOnlyDictionary<string, string> environment, DiagnosticBag diagnostics)
    {
        var (program, source) = Find(root, environment, diagnostics);
        return reading with
        {
            Facts = reading.Facts with { ImageCredentialProvider = program },
            Sources = reading.Sources.SetItem(Fact, source),
        };
    }

    private static (string Program, string Source) Find(
        HostRoot root, IReadOnlyDictionary<string, string> environment, DiagnosticBag diagnostics)
    {
        if (environment.TryGetValue(Variable, out var named) && named.Length > 0)
        {
            if (NodePaths.IsProgram(named) && root.Status(named, followLink: true) is { Kind: FileKind.File })
            {
                return (named, Variable);
            }

            diagnostics.Report(
                DiagnosticCatalogue.CredentialProviderMissing,
                $"{Variable} names {named}, and there is no such program.",
                $"Install it there, or unset the variable: then {NodePaths.EcrCredentialProvider} is used, or eksnode where that is missing.");
        }

        // A link to eksnode is no program of the image's: join made it, or whoever built the image.
        const string usual = NodePaths.EcrCredentialProvider;
        return root.ReadLink(usual) != NodePaths.Eksnode && root.Status(usual, followLink: true) is { Kind: FileKind.File }
            ? (usual, usual)
            : (NodePaths.Eksnode, $"{usual} is missing");
    }
}
