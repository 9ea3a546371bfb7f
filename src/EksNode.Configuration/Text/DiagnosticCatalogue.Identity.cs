using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0850 to EKN0869: tokens for the API server, credentials for registries.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary><c>KUBERNETES_EXEC_INFO</c> cannot be read, or asks for a version of the exec credential that eksnode does not speak.</summary>
    public static DiagnosticDescriptor ExecInfoUnusable { get; } = new("EKN0850", Severity.Error, "unusable KUBERNETES_EXEC_INFO");

    /// <summary>A FIPS endpoint is asked for and EKS accepts none of this region; the token names the regional endpoint.</summary>
    public static DiagnosticDescriptor TokenFipsUnavailable { get; } = new("EKN0851", Severity.Warning, "no FIPS endpoint for the token");

    /// <summary>What the kubelet asks the credential provider cannot be read.</summary>
    public static DiagnosticDescriptor ProviderRequestUnreadable { get; } =
        new("EKN0855", Severity.Error, "credential provider request cannot be read");

    /// <summary>The kubelet speaks another version of the credential provider protocol.</summary>
    public static DiagnosticDescriptor ProviderVersionUnsupported { get; } =
        new("EKN0856", Severity.Error, "credential provider protocol version is not supported");

    /// <summary>The credential provider was asked for an image of a registry that is not ECR.</summary>
    public static DiagnosticDescriptor ImageNotOfEcr { get; } = new("EKN0857", Severity.Error, "image is not of an ECR registry");

    /// <summary><c>ECR_CREDENTIAL_PROVIDER_BIN_PATH</c> names a program that is not there.</summary>
    public static DiagnosticDescriptor CredentialProviderMissing { get; } = new("EKN0858", Severity.Warning, "credential provider is missing");

    private static ImmutableArray<DiagnosticDescriptor> IdentityEntries =>
        [ExecInfoUnusable, TokenFipsUnavailable, ProviderRequestUnreadable, ProviderVersionUnsupported, ImageNotOfEcr, CredentialProviderMissing];
}
