using EksNode.Aws.Credentials;
using EksNode.Aws.Imds;
using EksNode.Aws.Services;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;

namespace EksNode.Aws.Identity;

/// <summary>
/// What the short commands need that speak for the node: its credentials, its region, and calls with them. Nothing is asked before
/// it is needed.
/// </summary>
public sealed class IdentitySession : IDisposable
{
    private readonly IdentityOptions options;
    private readonly Timeline timeline;
    private readonly HttpSender direct;
    private readonly Lazy<HttpSender> outward;
    private readonly Lazy<ImdsClient> imds;
    private readonly Lazy<CredentialChain> chain;

    /// <summary>Creates a session.</summary>
    public IdentitySession(IdentityOptions options)
    {
        this.options = options;
        timeline = new Timeline(options.Clock);
        direct = new HttpSender(
            new HttpSenderOptions
            {
                ConnectTimeout = options.Imds?.ConnectTimeout ?? TimeSpan.FromSeconds(1),
                Trust = TrustStore.FromEnvironment(options.Environment.Variables),
            },
            options.Clock);
        outward = new Lazy<HttpSender>(Outward);
        imds = new Lazy<ImdsClient>(() => new ImdsClient(
            options.Imds ?? ImdsOptions.FromEnvironment(options.Environment) with { Deadline = IdentityOptions.ImdsDeadline },
            direct,
            options.Clock,
            options.Random,
            options.Log,
            timeline));
        chain = new Lazy<CredentialChain>(() => new CredentialChain(
            options.Environment, imds.Value, direct, options.Clock, options.Random, options.Log));
    }

    /// <summary>The environment that calls see.</summary>
    public AwsEnvironment Environment => options.Environment;

    /// <summary>The clock.</summary>
    public TimeProvider Clock => options.Clock;

    /// <summary>The credentials of the environment, the container or the instance.</summary>
    /// <exception cref="DiagnosticException">There are none, or they have expired.</exception>
    public async Task<AwsCredentials> CredentialsAsync(CancellationToken cancellation)
    {
        var found = await chain.Value.GetAsync(cancellation).ConfigureAwait(false);
        return found.Expires is { } expires && expires <= options.Clock.GetUtcNow()
            ? throw new DiagnosticException(
                DiagnosticCatalogue.CredentialsExpired,
                $"The credentials of {found.Source} expired at {expires.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, and this host's clock says "
                + $"{options.Clock.GetUtcNow().UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.",
                "Check the clock (chronyd); if it is right, renew the credentials.")
            : found;
    }

    /// <summary>The region: what is given, else <c>AWS_REGION</c> or <c>AWS_DEFAULT_REGION</c>, else the instance's.</summary>
    /// <exception cref="DiagnosticException">Nothing tells.</exception>
    public async Task<string> RegionAsync(string? given, CancellationToken cancellation)
    {
        if (given is not null || (given = Environment.Region) is not null)
        {
            return given;
        }

        var reading = await imds.Value.ReadAsync(ImdsKey.IdentityDocument, imds.Value.NewDeadline(), cancellation).ConfigureAwait(false);
        return reading is ImdsValue value && ImdsText.Identity(value.Bytes) is { } identity
            ? identity.Region
            : throw new DiagnosticException(
                DiagnosticCatalogue.RegionUnknown,
                $"The region is not known: there is no --region, AWS_REGION is not set, and IMDS does not tell ({(reading as ImdsFailure)?.Reason ?? "HTTP 404"}).",
                "Give --region, or set AWS_REGION.");
    }

    /// <summary>A token for the API server of a cluster.</summary>
    /// <param name="cluster">The cluster's name; the id of a local cluster on an Outpost.</param>
    /// <param name="region">The region of STS; null: as <see cref="RegionAsync"/> finds it.</param>
    /// <param name="role">The role to take on first; null: none.</param>
    /// <param name="bag">Where to report.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="DiagnosticException">There is no region, or there are no credentials.</exception>
    public async Task<EksToken> TokenAsync(
        string cluster, string? region, RoleAssumption? role, DiagnosticBag bag, CancellationToken cancellation)
    {
        region = await RegionAsync(region, cancellation).ConfigureAwait(false);
        if (EksToken.LacksFips(region, Environment))
        {
            bag.Report(
                DiagnosticCatalogue.TokenFipsUnavailable,
                $"EKS accepts no FIPS endpoint of STS in {region}: the token names the regional endpoint, which EKS calls, not this node.",
                "Nothing need be done; to be rid of this warning, set AWS_USE_FIPS_ENDPOINT to false for this command.");
        }

        var credentials = role is null
            ? await CredentialsAsync(cancellation).ConfigureAwait(false)
            : await role.CredentialsAsync(Caller(region, Environment), cancellation).ConfigureAwait(false);
        return EksToken.Make(cluster, region, Environment, credentials, Clock.GetUtcNow());
    }

    /// <summary>What calls the services of a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="environment">The environment that decides the endpoints.</param>
    internal AwsCaller Caller(string region, AwsEnvironment environment) => new(
        region, environment, chain.Value, outward.Value, options.Limits, options.Clock, options.Random, options.Log, timeline);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (imds.IsValueCreated)
        {
            imds.Value.Dispose();
        }

        if (outward.IsValueCreated)
        {
            outward.Value.Dispose();
        }

        direct.Dispose();
    }

    private HttpSender Outward()
    {
        var proxy = GoProxy.FromEnvironment(Environment.Variables);
        return new HttpSender(
            new HttpSenderOptions
            {
                Proxy = proxy.IsConfigured ? proxy : null,
                ConnectTimeout = options.Limits.ConnectTimeout,
                Trust = TrustStore.FromEnvironment(Environment.Variables),
            },
            options.Clock);
    }
}
