using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Imds;

/// <summary>Says what a failed read of IMDS means and what to do about it.</summary>
internal static class ImdsExplanations
{
    private const string TurnOn =
        "Turn IMDS on (`aws ec2 modify-instance-metadata-options --http-endpoint enabled`), or give what it would tell in other ways: "
        + "see the order of sources in the documentation of facts.";

    public static ImdsFailure Forbidden(ImdsKey key, string why) => new(
        Make(
            DiagnosticCatalogue.ImdsDisabled,
            $"IMDS is not asked for {key.Path}: {why}.",
            "Remove the variable, or give the configuration and the region in other ways."),
        why);

    /// <summary>Explains why there is no session token.</summary>
    /// <param name="request">Method and address.</param>
    /// <param name="result">How it ended.</param>
    public static ImdsFailure OfToken(string request, Retried result) => result.Outcome switch
    {
        HttpAnswer { Status: 403 } => Fail(
            DiagnosticCatalogue.ImdsDisabled, request, result, "IMDS is turned off for this instance (HTTP 403)", TurnOn),
        HttpAnswer { Status: 400 or 401 } => Fail(
            DiagnosticCatalogue.ImdsTokenRefused,
            request,
            result,
            $"IMDS gives no session token ({Clause(result.Outcome)})",
            "Check that the address is that of an IMDSv2 service."),
        HttpFault { Kind: HttpFaultKind.Timeout } => Fail(
            DiagnosticCatalogue.ImdsSilent,
            request,
            result,
            "IMDS accepts the connection, but its answer with the token does not arrive",
            "This is how a hop limit that is too low looks: raise it (`aws ec2 modify-instance-metadata-options "
            + "--http-put-response-hop-limit 2`), or run eksnode on the host's network instead of in a container."),
        _ => OfRead(request, result, connected: false),
    };

    /// <summary>Explains why a request has no usable answer.</summary>
    /// <param name="request">Method and address.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="connected">Whether IMDS had given a token before, so that it is known to be there.</param>
    public static ImdsFailure OfRead(string request, Retried result, bool connected) => result.Outcome switch
    {
        HttpAnswer { Status: 401 } => Fail(
            DiagnosticCatalogue.ImdsTokenRefused,
            request,
            result,
            "IMDS refuses the session token that it gave itself (HTTP 401)",
            "Check that nothing between eksnode and IMDS changes requests; with several network interfaces, that all leave by one."),
        HttpAnswer { Status: 403 } => Fail(
            DiagnosticCatalogue.ImdsDisabled, request, result, "IMDS is turned off for this instance (HTTP 403)", TurnOn),
        HttpAnswer { Status: 200 } => Fail(
            DiagnosticCatalogue.ImdsGarbage,
            request,
            result,
            "the answer is not what this key holds",
            "Check that the address is that of an IMDSv2 service and that nothing in between answers instead."),
        HttpFault { Kind: HttpFaultKind.Garbage or HttpFaultKind.TooLarge } => Fail(
            DiagnosticCatalogue.ImdsGarbage,
            request,
            result,
            Clause(result.Outcome),
            "Check that the address is that of an IMDSv2 service and that nothing in between answers instead."),
        HttpFault { Kind: HttpFaultKind.Timeout } or HttpFault { Kind: HttpFaultKind.ConnectTimeout } when connected => Fail(
            DiagnosticCatalogue.ImdsSilent,
            request,
            result,
            Clause(result.Outcome),
            "IMDS limits the packets of an instance: check whether other software on it asks IMDS all the time."),
        HttpFault
        {
            Kind: HttpFaultKind.Refused or HttpFaultKind.Unreachable or HttpFaultKind.ConnectTimeout or HttpFaultKind.NameNotFound,
        } => Fail(
            DiagnosticCatalogue.ImdsUnreachable,
            request,
            result,
            "IMDS cannot be reached: " + Clause(result.Outcome),
            "Check that this is an EC2 instance, that its network is up, and that no route, firewall or container network hides IMDS."),
        _ => Fail(
            DiagnosticCatalogue.ImdsFailed,
            request,
            result,
            Clause(result.Outcome),
            "This is a fault of IMDS or of what answers in its place: run eksnode again, and replace the instance if it stays."),
    };

    /// <summary>An outcome as a clause.</summary>
    public static string Clause(HttpOutcome outcome) => outcome switch
    {
        HttpFault fault => fault.Detail,
        HttpAnswer { Status: 200 } => "unusable answer",
        HttpAnswer answer => $"HTTP {answer.Status}",
        _ => "no outcome",
    };

    private static ImdsFailure Fail(DiagnosticDescriptor descriptor, string request, Retried result, string what, string help)
    {
        var tried = result.Attempts == 1 ? "" : $"; tried {result.Attempts} times in {result.Elapsed.TotalSeconds:0.#} s";
        return new ImdsFailure(Make(descriptor, $"{request}: {what}{tried}.", help), Clause(result.Outcome));
    }

    private static Diagnostic Make(DiagnosticDescriptor descriptor, string message, string help) =>
        new(descriptor.Code, descriptor.Severity, message, help);
}
