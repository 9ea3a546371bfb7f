using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0700 to EKN0749: facts of IMDS and AWS.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>No connection to IMDS.</summary>
    public static DiagnosticDescriptor ImdsUnreachable { get; } = new("EKN0700", Severity.Error, "IMDS cannot be reached");

    /// <summary>IMDS accepts connections but its answers do not arrive.</summary>
    public static DiagnosticDescriptor ImdsSilent { get; } = new("EKN0701", Severity.Error, "IMDS does not answer");

    /// <summary>IMDS is turned off for the instance, or for this process.</summary>
    public static DiagnosticDescriptor ImdsDisabled { get; } = new("EKN0702", Severity.Error, "IMDS is disabled");

    /// <summary>IMDS answers with an error.</summary>
    public static DiagnosticDescriptor ImdsFailed { get; } = new("EKN0703", Severity.Error, "IMDS answers with an error");

    /// <summary>IMDS answers with something that is not what was asked.</summary>
    public static DiagnosticDescriptor ImdsGarbage { get; } = new("EKN0704", Severity.Error, "the answer of IMDS makes no sense");

    /// <summary>The variable that names the IMDS endpoint is wrong.</summary>
    public static DiagnosticDescriptor ImdsEndpointInvalid { get; } = new("EKN0705", Severity.Error, "invalid IMDS endpoint");

    /// <summary>IMDS does not accept the token that it gave.</summary>
    public static DiagnosticDescriptor ImdsTokenRefused { get; } = new("EKN0706", Severity.Error, "IMDS refuses the session token");

    /// <summary>Neither IMDS nor the host says which instance this is.</summary>
    public static DiagnosticDescriptor InstanceIdUnknown { get; } = new("EKN0707", Severity.Error, "unknown instance id");

    /// <summary>Nothing says which region this is.</summary>
    public static DiagnosticDescriptor RegionUnknown { get; } = new("EKN0708", Severity.Error, "unknown region");

    /// <summary>A fact of the instance came from EC2 because IMDS did not give it.</summary>
    public static DiagnosticDescriptor ImdsReplaced { get; } = new("EKN0709", Severity.Warning, "instance facts from EC2 instead of IMDS");

    /// <summary>No source of credentials has any.</summary>
    public static DiagnosticDescriptor CredentialsMissing { get; } = new("EKN0710", Severity.Error, "no AWS credentials");

    /// <summary>A source of credentials answers with something else.</summary>
    public static DiagnosticDescriptor CredentialsInvalid { get; } = new("EKN0711", Severity.Error, "unusable AWS credentials");

    /// <summary>The credentials do not allow a call.</summary>
    public static DiagnosticDescriptor CallNotAllowed { get; } = new("EKN0712", Severity.Error, "AWS call not allowed");

    /// <summary>AWS refuses the signature.</summary>
    public static DiagnosticDescriptor SignatureRefused { get; } = new("EKN0713", Severity.Error, "AWS refuses the signature");

    /// <summary>The clock of this host is wrong.</summary>
    public static DiagnosticDescriptor ClockWrong { get; } = new("EKN0714", Severity.Warning, "the clock of this host is wrong");

    /// <summary>AWS says that the credentials have expired.</summary>
    public static DiagnosticDescriptor CredentialsExpired { get; } = new("EKN0715", Severity.Error, "expired AWS credentials");

    /// <summary>AWS refused a call for too many requests until the deadline.</summary>
    public static DiagnosticDescriptor CallThrottled { get; } = new("EKN0716", Severity.Error, "AWS call throttled");

    /// <summary>An AWS call failed.</summary>
    public static DiagnosticDescriptor CallFailed { get; } = new("EKN0717", Severity.Error, "AWS call failed");

    /// <summary>EC2 does not know the instance.</summary>
    public static DiagnosticDescriptor InstanceNotFound { get; } = new("EKN0718", Severity.Error, "instance not found");

    /// <summary>EKS does not know the cluster.</summary>
    public static DiagnosticDescriptor ClusterNotFound { get; } = new("EKN0719", Severity.Error, "cluster not found");

    /// <summary>The cluster exists but has no API server yet.</summary>
    public static DiagnosticDescriptor ClusterNotReady { get; } = new("EKN0720", Severity.Error, "cluster without an API server");

    /// <summary>AWS answers with something that is not what was asked.</summary>
    public static DiagnosticDescriptor AnswerUnreadable { get; } = new("EKN0721", Severity.Error, "unreadable AWS answer");

    /// <summary>EC2 gave the instance no private DNS name in time.</summary>
    public static DiagnosticDescriptor PrivateDnsNameMissing { get; } = new("EKN0722", Severity.Error, "no private DNS name");

    /// <summary>An AWS environment variable has a value that cannot be used.</summary>
    public static DiagnosticDescriptor EnvironmentInvalid { get; } = new("EKN0723", Severity.Warning, "unusable environment variable");

    /// <summary>There is no endpoint of the kind that was asked for.</summary>
    public static DiagnosticDescriptor EndpointUnsupported { get; } = new("EKN0724", Severity.Error, "no such AWS endpoint");

    /// <summary>The certificate authorities cannot be read.</summary>
    public static DiagnosticDescriptor TrustStoreUnreadable { get; } = new("EKN0725", Severity.Error, "unreadable certificate authorities");

    /// <summary>A server of AWS is not trusted.</summary>
    public static DiagnosticDescriptor ServerNotTrusted { get; } = new("EKN0726", Severity.Error, "AWS endpoint not trusted");

    /// <summary>EC2 could not say what the instance type's limits are.</summary>
    public static DiagnosticDescriptor InstanceTypeNotDescribed { get; } = new("EKN0727", Severity.Warning, "limits of the instance type unknown");

    private static ImmutableArray<DiagnosticDescriptor> InstanceFactEntries =>
    [
        ImdsUnreachable,
        ImdsSilent,
        ImdsDisabled,
        ImdsFailed,
        ImdsGarbage,
        ImdsEndpointInvalid,
        ImdsTokenRefused,
        InstanceIdUnknown,
        RegionUnknown,
        ImdsReplaced,
        CredentialsMissing,
        CredentialsInvalid,
        CallNotAllowed,
        SignatureRefused,
        ClockWrong,
        CredentialsExpired,
        CallThrottled,
        CallFailed,
        InstanceNotFound,
        ClusterNotFound,
        ClusterNotReady,
        AnswerUnreadable,
        PrivateDnsNameMissing,
        EnvironmentInvalid,
        EndpointUnsupported,
        TrustStoreUnreadable,
        ServerNotTrusted,
        InstanceTypeNotDescribed,
    ];
}
