using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Joining;

/// <summary>What a configuration can only be told with the machine and its clock at hand.</summary>
public static class ConfigurationWarnings
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <summary>Certificate authorities that expire, and credential providers whose programs are not there.</summary>
    /// <param name="view">Configuration and facts.</param>
    /// <param name="root">The root of the node.</param>
    /// <param name="now">The time.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Report(NodeView view, HostRoot root, DateTimeOffset now, DiagnosticBag diagnostics)
    {
        foreach (var authority in view.Config.Trust?.Value ?? [])
        {
            if (authority.Pem is { } pem && CertificateBundle.EarliestEnd(pem.Value) is { } end && end < now + Soon)
            {
                var day = end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                diagnostics.Report(
                    DiagnosticCatalogue.TrustedAuthorityExpires,
                    end <= now
                        ? $"A certificate of the authority {Quoted.Text(authority.Name.Value)} has expired on {day}: servers that it signed are refused."
                        : $"A certificate of the authority {Quoted.Text(authority.Name.Value)} expires on {day}.",
                    "Put the new one beside it before it ends.",
                    pem.Origin,
                    "spec.trust.certificateAuthorities");
            }
        }

        // A folder from the environment setting is the user's own to fill.
        var program = view.Facts.Host.ImageCredentialProvider is { } own and not NodePaths.Eksnode ? own : NodePaths.EcrCredentialProvider;
        for (var i = 0; i < view.Config.CredentialProviders.Length; i++)
        {
            var provider = view.Config.CredentialProviders[i];
            var name = provider["name"] is Configuration.Documents.TreeScalar scalar ? scalar.Text : "";
            var path = program[..(program.LastIndexOf('/') + 1)] + name;
            if (path != program && root.Status(path, followLink: true) is null)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.CredentialProviderNotThere,
                    $"The credential provider {path} is not there, and the kubelet does not start without it.",
                    "Put it there before the node joins: into the image, or in the user data.",
                    provider.Origin,
                    $"spec.credentialProviders[{i}].name");
            }
        }
    }
}
