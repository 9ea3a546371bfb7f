using System.Net;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Credentials;

/// <summary>
/// The container credential endpoint: <c>AWS_CONTAINER_CREDENTIALS_RELATIVE_URI</c> on ECS, else
/// <c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c> (EKS Pod Identity and others), with a token from
/// <c>AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE</c> or <c>AWS_CONTAINER_AUTHORIZATION_TOKEN</c>.
/// </summary>
/// <remarks>AWS SDKs and Tools Reference Guide, "Container credential provider".</remarks>
internal sealed class ContainerCredentials(AwsEnvironment environment, IHttpSender sender, TimeProvider clock, Random random)
{
    private const string RelativeUri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    private const string FullUri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    private const string TokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    private const string Token = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    private const string EcsEndpoint = "http://169.254.170.2";
    private const int LongestAnswer = 64 * 1024;
    private const int Attempts = 5;

    /// <summary>The hosts that may be asked without TLS: that of ECS, those of EKS Pod Identity, and the machine itself.</summary>
    private static readonly string[] PlainHosts = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

    public static bool IsConfigured(AwsEnvironment environment) => environment[RelativeUri] is not null || environment[FullUri] is not null;

    public async Task<AwsCredentials> GetAsync(CancellationToken cancellation)
    {
        var address = Address();
        var source = $"container credential endpoint {address.GetLeftPart(UriPartial.Path)}";
        var policy = new RetryPolicy
        {
            Attempts = Attempts,
            Backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), random),
            AttemptTimeout = TimeSpan.FromSeconds(5),
        };
        var result = await policy.RunAsync(
            (limit, cancel) => sender.SendAsync(
                new HttpCall
                {
                    Method = HttpMethod.Get,
                    Address = address,
                    Headers = Authorization(),
                    LongestAnswer = LongestAnswer,
                    Timeout = limit,
                },
                cancel),
            (outcome, _) => outcome is HttpAnswer { Status: 200 } ok
                ? (CredentialDocument.IsOne(ok.Body) ? RetryVerdict.Final : RetryVerdict.Retry)
                : (RetryPolicy.IsTransient(outcome) ? RetryVerdict.Retry : RetryVerdict.Final),
            new Deadline(TimeSpan.FromSeconds(60), clock),
            cancellation).ConfigureAwait(false);
        if (result.Outcome is HttpAnswer { Status: 200 } answer && CredentialDocument.IsOne(answer.Body))
        {
            return CredentialDocument.Read(answer.Body, source);
        }

        var reason = result.Outcome switch
        {
            HttpFault fault => fault.Detail,
            HttpAnswer { Status: 200 } => "the answer holds no credentials",
            HttpAnswer other => $"HTTP {other.Status}",
            _ => "no outcome",
        };
        throw new DiagnosticException(
            DiagnosticCatalogue.CredentialsInvalid,
            $"GET {address.GetLeftPart(UriPartial.Path)} (container credentials): {reason}; tried {result.Attempts} times.",
            $"Check the agent behind {(environment[RelativeUri] is null ? FullUri : RelativeUri)}, or remove that variable to use the "
            + "instance profile.");
    }

    private Uri Address()
    {
        if (environment[RelativeUri] is { } relative)
        {
            return relative.StartsWith('/') && Uri.TryCreate(EcsEndpoint + relative, UriKind.Absolute, out var ecs)
                ? ecs
                : throw Invalid($"{RelativeUri} is not a path.", "Set it to a path that begins with `/`.");
        }

        if (!Uri.TryCreate(environment[FullUri], UriKind.Absolute, out var full) || full.Scheme is not ("http" or "https"))
        {
            throw Invalid($"{FullUri} is not an http or https URL.", "Set it to the URL of the credential endpoint.");
        }

        // A token must not leave the machine in clear text.
        var host = full.Host.Trim('[', ']');
        return full.Scheme == "https" || full.IsLoopback || PlainHosts.Contains(host)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip))
            ? full
            : throw Invalid(
                $"{FullUri} sends credentials over plain http to {full.Host}.",
                "Use https, the loopback interface, or the address of ECS or EKS Pod Identity.");
    }

    private System.Collections.Immutable.ImmutableArray<HttpHeader> Authorization()
    {
        var token = environment[Token];
        if (environment[TokenFile] is { } file)
        {
            try
            {
                // Read for each attempt: the file is replaced while the program runs.
                token = File.ReadAllText(file, Encoding.UTF8).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DiagnosticException(
                    new Diagnostic(
                        DiagnosticCatalogue.CredentialsInvalid.Code,
                        Severity.Error,
                        $"{TokenFile} ({file}) cannot be read: {e.Message.TrimEnd('.')}.",
                        "Check that the token is mounted there."),
                    e);
            }
        }

        if (token is null)
        {
            return [];
        }

        return token.AsSpan().IndexOfAny('\r', '\n') < 0
            ? [new HttpHeader("Authorization", token)]
            : throw Invalid("The container authorization token has more than one line.", "Use a token of one line.");
    }

    private static DiagnosticException Invalid(string message, string help) =>
        new(DiagnosticCatalogue.CredentialsInvalid, message, help);
}
