using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0222 to EKN0229 and EKN0870 to EKN0889: registries, credential providers, images, readiness, trust.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The key of <c>spec.registries</c> is no registry's name.</summary>
    public static DiagnosticDescriptor BadRegistryHost { get; } = new("EKN0222", Severity.Error, "bad name of a registry");

    /// <summary>The URL of a registry or a mirror that containerd cannot use.</summary>
    public static DiagnosticDescriptor BadRegistryUrl { get; } = new("EKN0223", Severity.Error, "bad URL of a registry");

    /// <summary>A header that HTTP does not allow.</summary>
    public static DiagnosticDescriptor BadRegistryHeader { get; } = new("EKN0224", Severity.Error, "bad header for a registry");

    /// <summary>A mirror whose certificate is not checked.</summary>
    public static DiagnosticDescriptor RegistryNotVerified { get; } = new("EKN0225", Severity.Warning, "a registry that is not verified");

    /// <summary>A credential provider that the kubelet would refuse.</summary>
    public static DiagnosticDescriptor BadCredentialProvider { get; } = new("EKN0226", Severity.Error, "bad credential provider");

    /// <summary>A time to wait for the node that is no duration above zero.</summary>
    public static DiagnosticDescriptor BadReadinessTimeout { get; } = new("EKN0227", Severity.Error, "bad time to wait for the node");

    /// <summary>The name of an image that is none.</summary>
    public static DiagnosticDescriptor BadImageName { get; } = new("EKN0228", Severity.Error, "bad name of an image");

    private static ImmutableArray<DiagnosticDescriptor> RegistryEntries =>
        [BadRegistryHost, BadRegistryUrl, BadRegistryHeader, RegistryNotVerified, BadCredentialProvider, BadReadinessTimeout, BadImageName];

    /// <summary>The program of a credential provider is not there.</summary>
    public static DiagnosticDescriptor CredentialProviderNotThere { get; } = new("EKN0870", Severity.Warning, "the program of a credential provider is missing");

    /// <summary>A certificate authority of <c>spec.trust</c> that has expired, or soon will have.</summary>
    public static DiagnosticDescriptor TrustedAuthorityExpires { get; } = new("EKN0871", Severity.Warning, "a certificate authority expires");

    /// <summary>A credential provider with settings that the kubelet of this image refuses.</summary>
    public static DiagnosticDescriptor CredentialProviderRefused { get; } = new("EKN0872", Severity.Warning, "the kubelet will refuse a credential provider");

    /// <summary>containerd's configuration looks for registries elsewhere.</summary>
    public static DiagnosticDescriptor RegistriesUnread { get; } = new("EKN0873", Severity.Warning, "registries that containerd does not read");

    /// <summary>The system's store of certificate authorities could not be made anew.</summary>
    public static DiagnosticDescriptor TrustNotExtracted { get; } = new("EKN0874", Severity.Error, "certificate authorities could not be put into the system's store");

    /// <summary>An image that could not be pulled.</summary>
    public static DiagnosticDescriptor ImageNotPulled { get; } = new("EKN0875", Severity.Error, "an image could not be pulled");

    /// <summary>Images are not pulled ahead of their pods.</summary>
    public static DiagnosticDescriptor PrefetchNotStarted { get; } = new("EKN0876", Severity.Warning, "images are not pulled ahead");

    /// <summary>An image is there, and could not be pinned or be given a further name.</summary>
    public static DiagnosticDescriptor ImageNotNamed { get; } = new("EKN0877", Severity.Error, "an image could not be pinned or named");

    private static ImmutableArray<DiagnosticDescriptor> PullEntries =>
    [
        CredentialProviderNotThere, TrustedAuthorityExpires, CredentialProviderRefused, RegistriesUnread, TrustNotExtracted, ImageNotPulled, PrefetchNotStarted,
        ImageNotNamed,
    ];
}
