using EksNode.Aws.Imds;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Host.Tasks;
using EksNode.Planning.Facts;

namespace EksNode.Aws;

/// <summary>
/// What a node learns from IMDS, EC2, EKS and DNS: its user data, then the facts that its configuration needs. Everything that does
/// not depend on another answer is asked at once; what nothing needs is not asked.
/// </summary>
public sealed class AwsFactSource : IDisposable
{
    /// <summary>As many as reads begin at once when the token is there, with half a dozen facts that templates name; they are opened as needed.</summary>
    private const int ConnectionsToImds = 12;

    private readonly AwsOptions options;
    private readonly AwsEnvironment environment;
    private readonly Timeline timeline;
    private readonly CancellationTokenSource lifetime = new();
    private readonly HttpSender direct;
    private ImdsClient? imds;
    private ImdsReads? reads;
    private Task<ImdsReading>? userData;

    /// <summary>Creates the source. Nothing is asked before <see cref="Begin"/> or the first question.</summary>
    public AwsFactSource(AwsOptions options)
    {
        this.options = options;
        environment = new AwsEnvironment(options.Environment);
        timeline = options.Timeline ?? new Timeline(options.Clock);
        direct = new HttpSender(
            new HttpSenderOptions
            {
                ConnectTimeout = options.Imds?.ConnectTimeout ?? TimeSpan.FromSeconds(1),
                ConnectionsPerServer = ConnectionsToImds,
                Trust = TrustStore.FromEnvironment(options.Environment),
            },
            options.Clock);
    }

    /// <summary>Begins to ask IMDS, so that the answers arrive while something else is done. It may be called more than once.</summary>
    /// <param name="withUserData">Whether the user data will be asked for.</param>
    /// <exception cref="DiagnosticException">A variable that says where IMDS is, is wrong.</exception>
    public void Begin(bool withUserData)
    {
        reads ??= ImdsReads.Begin(Imds(), environment, lifetime.Token);
        if (withUserData)
        {
            _ = UserData();
        }
    }

    /// <summary>Begins to ask for the user data and nothing else: when the facts are known, perhaps.</summary>
    /// <exception cref="DiagnosticException">A variable that says where IMDS is, is wrong.</exception>
    public void BeginUserData() => _ = UserData();

    private Task<ImdsReading> UserData() =>
        userData ??= Imds().ReadAsync(ImdsKey.UserData, reads?.Deadline ?? Imds().NewDeadline(), lifetime.Token);

    private ImdsClient Imds() =>
        imds ??= new ImdsClient(
            options.Imds ?? ImdsOptions.FromEnvironment(environment), direct, options.Clock, options.Random, options.Log, timeline);

    /// <summary>The user data as it is, or null when the instance has none (404).</summary>
    /// <exception cref="DiagnosticException">IMDS does not give it.</exception>
    public async Task<ReadOnlyMemory<byte>?> UserDataAsync(CancellationToken cancellation)
    {
        var reading = await UserData().WithinAsync(cancellation).ConfigureAwait(false);
        if (reading is ImdsFailure failure)
        {
            throw new DiagnosticException(failure.Diagnostic);
        }

        // Not a conditional expression: null would become empty memory.
        if (reading is ImdsValue value)
        {
            return value.Bytes;
        }

        return null;
    }

    /// <summary>
    /// Adds the facts of the instance, its type and the cluster. A fact that cannot be had is left out and reported; so is one that
    /// came from another source than the first. AWS calls see the variables of <c>spec.instance.environment.default</c>, IMDS does not.
    /// </summary>
    /// <param name="soFar">The facts of the host and the image.</param>
    /// <param name="config">The merged configuration.</param>
    /// <param name="needs">What the configuration needs.</param>
    /// <param name="bag">Where diagnostics go.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="DiagnosticException">A variable that says where IMDS is, is wrong.</exception>
    public async Task<NodeFacts> GatherAsync(
        NodeFacts soFar, NodeConfig config, FactNeeds needs, DiagnosticBag bag, CancellationToken cancellation)
    {
        Begin(withUserData: false);
        if (imds is null || reads is null)
        {
            throw new InvalidOperationException("Reading IMDS has not begun.");
        }

        var overlaid = environment.With(config);
        overlaid.Check(bag);
        var proxy = GoProxy.FromEnvironment(overlaid.Variables);
        foreach (var name in proxy.Unusable)
        {
            bag.Report(
                DiagnosticCatalogue.EnvironmentInvalid,
                $"{name} is not the address of a proxy; it is ignored, as kubelet and containerd do.",
                "Set it to an address such as http://proxy.example.com:3128.");
        }

        var trust = TrustStore.FromEnvironment(overlaid.Variables);
        foreach (var authority in config.Trust?.Value ?? [])
        {
            trust = trust.With($"spec.trust ({authority.Name.Value})", authority.Pem?.Value ?? "");
        }

        using var sender = new HttpSender(
            new HttpSenderOptions
            {
                Proxy = proxy.IsConfigured ? proxy : null,
                ConnectTimeout = options.Limits.ConnectTimeout,
                Trust = trust,
            },
            options.Clock);
        var services = new AwsServices(options, overlaid, imds, reads, direct, sender, timeline);
        var (client, deadline) = (imds, reads.Deadline);
        var gathering = new FactGathering(
            options, overlaid, reads, services, config, needs, key => client.ReadAsync(key, deadline, cancellation), bag);
        return await gathering.RunAsync(soFar, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lifetime.Cancel();
        imds?.Dispose();
        direct.Dispose();
        lifetime.Dispose();
    }
}
