using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0211 to EKN0219: proxies and private certificate authorities.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The address of a proxy that cannot be one.</summary>
    public static DiagnosticDescriptor BadProxyUrl { get; } = new("EKN0211", Severity.Error, "bad address of a proxy");

    /// <summary>An entry of <c>spec.proxy.noProxy</c> that no program would understand.</summary>
    public static DiagnosticDescriptor BadNoProxyEntry { get; } = new("EKN0212", Severity.Error, "bad exception from a proxy");

    /// <summary>Credentials in the address of a proxy: every user of the node can read them.</summary>
    public static DiagnosticDescriptor ProxyCredentials { get; } = new("EKN0213", Severity.Warning, "credentials in the address of a proxy");

    /// <summary>A certificate authority of <c>spec.trust</c> that is none, or has no name or no certificate.</summary>
    public static DiagnosticDescriptor BadTrustedAuthority { get; } = new("EKN0214", Severity.Error, "bad certificate authority");

    private static ImmutableArray<DiagnosticDescriptor> ProxyEntries => [BadProxyUrl, BadNoProxyEntry, ProxyCredentials, BadTrustedAuthority];
}
