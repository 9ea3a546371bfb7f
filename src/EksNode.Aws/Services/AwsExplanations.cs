using EksNode.Aws.Credentials;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Services;

/// <summary>Says what a failed AWS call means and what to do about it.</summary>
internal static class AwsExplanations
{
    /// <summary>The diagnostic of a call that failed for good.</summary>
    /// <param name="operation">The call.</param>
    /// <param name="endpoint">Where it was sent.</param>
    /// <param name="region">The region.</param>
    /// <param name="used">The credentials of the last attempt.</param>
    /// <param name="skew">How far this host's clock is behind AWS's.</param>
    /// <param name="result">How it ended.</param>
    public static Diagnostic Of(AwsOperation operation, Uri endpoint, string region, AwsCredentials? used, TimeSpan skew, Retried result)
    {
        var tried = result.Attempts == 1 ? "" : $"; tried {result.Attempts} times in {result.Elapsed.TotalSeconds:0.#} s";
        var credentials = used?.Source ?? "no credentials";
        var at = $"{operation} at {endpoint.Authority}";

        Diagnostic Make(DiagnosticDescriptor descriptor, string what, string help) =>
            new(descriptor.Code, descriptor.Severity, $"{at}: {what}{tried}.", help);

        switch (result.Outcome)
        {
            case HttpFault { Kind: HttpFaultKind.Tls } fault:
                return Make(
                    DiagnosticCatalogue.ServerNotTrusted,
                    fault.Detail,
                    "Check the clock; behind a proxy that opens TLS, set AWS_CA_BUNDLE to a file with its authority.");
            case HttpFault { Kind: HttpFaultKind.Proxy } fault:
                return Make(
                    DiagnosticCatalogue.CallFailed,
                    fault.Detail,
                    "Check HTTPS_PROXY and NO_PROXY in the environment and in spec.instance.environment.default.");
            case HttpFault fault:
                return Make(
                    DiagnosticCatalogue.CallFailed,
                    fault.Detail,
                    "Check that the subnet has a route to AWS: a NAT gateway, a proxy, or a VPC endpoint for "
                    + $"{operation.Service} with private DNS and a security group that lets the node in.");
            case HttpAnswer answer when answer.Succeeded:
                return Make(
                    DiagnosticCatalogue.AnswerUnreadable,
                    "the answer cannot be read",
                    "Check that nothing between this host and AWS (a proxy, a captive portal, AWS_ENDPOINT_URL) answers in its place.");
            case HttpAnswer answer:
                var error = AwsError.Of(answer);
                var (descriptor, help) = Explain(operation, error, region, credentials, skew);
                return Make(descriptor, error.ToString(), help);
            default:
                throw new InvalidOperationException($"An outcome of unknown kind: {result.Outcome}");
        }
    }

    /// <summary>An outcome as a clause.</summary>
    public static string Clause(HttpOutcome outcome) => outcome switch
    {
        HttpFault fault => fault.Detail,
        HttpAnswer { Succeeded: true } => "unreadable answer",
        HttpAnswer answer => AwsError.Of(answer).Code,
        _ => "no outcome",
    };

    private static (DiagnosticDescriptor Descriptor, string Help) Explain(
        AwsOperation operation, AwsError error, string region, string credentials, TimeSpan skew) => error.Kind switch
        {
            AwsErrorKind.NotAllowed => (
                DiagnosticCatalogue.CallNotAllowed,
                $"Allow {operation.Action} to the node role (which signs as {credentials}){PolicyWith(operation)}."),
            AwsErrorKind.Signature => (
                DiagnosticCatalogue.SignatureRefused,
                skew == TimeSpan.Zero
                    ? $"Check that the credentials ({credentials}) are of this partition, that their role still exists, and the clock."
                    : $"The clock of this host is {Describe(skew)}: check chronyd. If it is right, check the credentials ({credentials})."),
            AwsErrorKind.Expired => (
                DiagnosticCatalogue.CredentialsExpired,
                $"Check the clock, and renew the credentials ({credentials})."),
            AwsErrorKind.Throttled => (
                DiagnosticCatalogue.CallThrottled,
                operation.Service is "ec2" or "eks"
                    ? "Many nodes start at once: the feature gate InstanceIdNodeName and complete cluster details in the configuration make "
                        + "this call unnecessary."
                    : "Many nodes call at once: it is tried again when the kubelet asks the next time; a higher limit is in Service Quotas."),
            AwsErrorKind.NotFound when operation.Service == "eks" => (
                DiagnosticCatalogue.ClusterNotFound,
                $"Check spec.cluster.name, and that the cluster is in region {region} and in the account of the node role."),
            AwsErrorKind.NotFound => (
                DiagnosticCatalogue.InstanceNotFound,
                $"Check that the instance is in region {region} and in the account of the node role."),
            AwsErrorKind.Transient => (
                DiagnosticCatalogue.CallFailed,
                "This is a fault of the service: see the AWS Health Dashboard, and run eksnode again."),
            _ => (
                DiagnosticCatalogue.CallFailed,
                "Look the error code up in the service's API reference."),
        };

    // The managed policy with the permission, or what else is needed with it.
    private static string PolicyWith(AwsOperation operation) => operation.Service switch
    {
        "ec2" or "eks" => "; AmazonEKSWorkerNodePolicy includes it",
        "ecr" => "; AmazonEC2ContainerRegistryPullOnly includes it",
        "ecr-public" => ", and with it sts:GetServiceBearerToken; AmazonElasticContainerRegistryPublicReadOnly includes both. Without it "
            + "images of the public registry are pulled anonymously, and more slowly",
        "sts" => ", and let the trust policy of the role allow it to this principal",
        _ => "",
    };

    /// <summary>A difference of clocks for people.</summary>
    /// <param name="skew">How far this host is behind.</param>
    public static string Describe(TimeSpan skew) => $"{skew.Duration():d\\.hh\\:mm\\:ss} {(skew > TimeSpan.Zero ? "behind" : "ahead")}";
}
