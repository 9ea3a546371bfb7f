using EksNode.Aws.Imds;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;

namespace EksNode.Aws.Credentials;

/// <summary>
/// The credentials of a node, from the first source that has any: environment variables; the container credential endpoint
/// (EKS Pod Identity, ECS); the role of the instance profile, from IMDS. They are kept until shortly before they expire.
/// </summary>
/// <param name="environment">The environment.</param>
/// <param name="imds">IMDS.</param>
/// <param name="sender">Sends requests to a container credential endpoint.</param>
/// <param name="clock">The clock.</param>
/// <param name="random">The source of jitter.</param>
/// <param name="log">Where progress is written.</param>
/// <param name="role">A read of <see cref="ImdsKey.RoleName"/> that has begun already; null: none has.</param>
/// <remarks>Order: AWS SDKs and Tools Reference Guide, "Standardized credential providers", as far as a node has them.</remarks>
public sealed class CredentialChain(
    AwsEnvironment environment,
    ImdsClient imds,
    IHttpSender sender,
    TimeProvider clock,
    Random random,
    ILog log,
    Task<ImdsReading>? role = null)
{
    /// <summary>How long before they expire credentials are replaced.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private Task<AwsCredentials>? current;

    /// <summary>Whether IMDS will be asked: no source before it has anything.</summary>
    public static bool NeedsImds(AwsEnvironment environment) =>
        (environment["AWS_ACCESS_KEY_ID"] is null || environment["AWS_SECRET_ACCESS_KEY"] is null)
        && !ContainerCredentials.IsConfigured(environment);

    /// <summary>The credentials.</summary>
    /// <exception cref="DiagnosticException">No source has any, or the one that should have cannot give them.</exception>
    public Task<AwsCredentials> GetAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            if (current is { IsCompleted: true } && !(current.IsCompletedSuccessfully && IsFresh(current.Result)))
            {
                current = null;
            }

            return current ??= FindAsync(cancellation);
        }
    }

    /// <summary>Forgets credentials that AWS does not accept any more.</summary>
    public void Forget(AwsCredentials refused)
    {
        lock (gate)
        {
            if (current is { IsCompletedSuccessfully: true } && ReferenceEquals(current.Result, refused))
            {
                current = null;
            }
        }
    }

    private bool IsFresh(AwsCredentials credentials) => credentials.Expires is not { } expires || expires - clock.GetUtcNow() > Margin;

    private async Task<AwsCredentials> FindAsync(CancellationToken cancellation)
    {
        var (keyId, secret) = (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]);
        if (keyId is not null && secret is not null)
        {
            var token = environment["AWS_SESSION_TOKEN"] is { } text ? new Secret(text) : null;
            return Found(new AwsCredentials(new Secret(keyId), new Secret(secret), token, null, "environment variables"));
        }

        if (ContainerCredentials.IsConfigured(environment))
        {
            var container = new ContainerCredentials(environment, sender, clock, random);
            return Found(await container.GetAsync(cancellation).ConfigureAwait(false));
        }

        return Found(await FromRoleAsync(keyId is not null || secret is not null, cancellation).ConfigureAwait(false));
    }

    private AwsCredentials Found(AwsCredentials credentials)
    {
        log.Write(LogLevel.Debug, "found AWS credentials", ("source", credentials.Source));
        return credentials;
    }

    private async Task<AwsCredentials> FromRoleAsync(bool isHalfInEnvironment, CancellationToken cancellation)
    {
        var deadline = imds.NewDeadline();
        var name = role is null ? new ImdsAbsent() : await role.ConfigureAwait(false);
        if (name is ImdsAbsent)
        {
            // The role appears in IMDS a while after the instance starts.
            var patiently = ImdsKey.RoleName with { Always = true, AbsencePatience = deadline.Length };
            name = await imds.ReadAsync(patiently, deadline, cancellation).ConfigureAwait(false);
        }

        if (name is not ImdsValue value || ImdsText.RoleName(value.Bytes) is not { } roleName)
        {
            var environmentPart = isHalfInEnvironment
                ? "Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set"
                : "AWS_ACCESS_KEY_ID is not set";
            throw new DiagnosticException(
                DiagnosticCatalogue.CredentialsMissing,
                $"No AWS credentials were found. {environmentPart}, there is no container credential endpoint, and IMDS gives no role "
                + $"(GET {ImdsKey.RoleName.Path}: {((name as ImdsFailure)?.Reason ?? "no role")}).",
                "Give the instance an instance profile with the node role, and check that IMDS is on.");
        }

        var reading = await imds.ReadAsync(
            ImdsKey.RoleCredentials(roleName) with { AbsencePatience = deadline.Length, IsValid = CredentialDocument.IsOne },
            deadline,
            cancellation).ConfigureAwait(false);
        return reading switch
        {
            ImdsValue document => CredentialDocument.Read(document.Bytes, $"IMDS role {roleName}"),
            ImdsFailure failure => throw new DiagnosticException(failure.Diagnostic),
            _ => throw new InvalidOperationException("The credentials of a role are a key that is always there."),
        };
    }
}
