using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.proxy</c>. The address of a proxy is never shown: a password may stand in it.</summary>
internal static class ProxyReader
{
    /// <param name="section">The section.</param>
    /// <param name="isOfNode">Whether services of a node have it in their environment, where every user of the node can read it.</param>
    public static ProxySettings Read(Section section, bool isOfNode = true)
    {
        var settings = new ProxySettings
        {
            Http = Address(section, "http", isOfNode),
            Https = Address(section, "https", isOfNode),
            NoProxy = section.Texts("noProxy", ProxyUrl.ParseException, DiagnosticCatalogue.BadNoProxyEntry),
        };
        section.Finish();
        return settings;
    }

    private static Sourced<Secret>? Address(Section section, string key, bool isOfNode)
    {
        var path = section.PathOf(key);
        switch (section.Value(key))
        {
            case null or TreeScalar { Kind: ScalarKind.String, Text: "" }:
                return null;
            case TreeScalar { Kind: ScalarKind.String } scalar:
                if (!ProxyUrl.Parse(scalar.Text).TryGet(out var url, out var problem))
                {
                    section.Diagnostics.Report(DiagnosticCatalogue.BadProxyUrl, problem.Message, Section.NotRendered(scalar.Text) ?? problem.Help, scalar.Origin, path);
                    return null;
                }

                // Of the same proxy for both it is said once.
                if (isOfNode && url.HasUser && !(key != "http" && section.Map?["http"] is TreeScalar { Text: var other } && other == scalar.Text))
                {
                    section.Diagnostics.Report(
                        DiagnosticCatalogue.ProxyCredentials,
                        $"The credentials in `{path}` can be read by every user of the node: `systemctl show` prints the environment of services.",
                        "Let the proxy know the node by its address, or give it an account that can do nothing else.",
                        scalar.Origin,
                        path);
                }

                return new Sourced<Secret>(new Secret(scalar.Text), scalar.Origin);
            case var node:
                SettingTypes.ReportNotText(node, path, secret: true, section.Diagnostics);
                return null;
        }
    }
}
