using System.Collections.Concurrent;
using System.Net;
using EksNode.Simulation.Aws;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;
using EksNode.Simulation.Imds;
using EksNode.Simulation.Kubernetes;

namespace EksNode.Simulation;

/// <summary>An EC2 instance and an EKS cluster on loopback, over HTTP.</summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly ConcurrentBag<string> secrets;
    private readonly ImdsTokens tokens;
    private readonly LoopbackServer imds;
    private readonly LoopbackServer aws;
    private readonly AwsService awsService;
    private readonly RecordingProxy? proxy;
    private readonly SimulatedCluster? cluster;

    private Simulator(
        SimulatorOptions options, ConcurrentBag<string> secrets, ImdsTokens tokens, LoopbackServer imds, LoopbackServer aws, AwsService awsService,
        RecordingProxy? proxy, SimulatedCluster? cluster)
    {
        Options = options;
        this.secrets = secrets;
        this.tokens = tokens;
        this.imds = imds;
        this.aws = aws;
        this.awsService = awsService;
        this.proxy = proxy;
        this.cluster = cluster;
    }

    public SimulatorOptions Options { get; }

    /// <summary>For <c>AWS_EC2_METADATA_SERVICE_ENDPOINT</c>.</summary>
    public Uri ImdsUrl => imds.Addresses[0];

    /// <summary>IMDS on <c>[::1]</c>; needs <see cref="SimulatorOptions.ImdsOnIpv6"/>.</summary>
    public Uri ImdsIpv6Url => imds.Addresses.Length > 1
        ? imds.Addresses[1]
        : throw new InvalidOperationException("The simulator was started without ImdsOnIpv6.");

    /// <summary>For <c>AWS_ENDPOINT_URL</c>.</summary>
    public Uri AwsUrl => aws.Addresses[0];

    /// <summary>For <c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c>.</summary>
    public Uri ContainerCredentialsUrl => new(AwsUrl, AwsService.ContainerCredentialsPath);

    /// <summary>For <c>AWS_CONTAINER_AUTHORIZATION_TOKEN</c>.</summary>
    public string ContainerAuthorization => awsService.ContainerAuthorization;

    /// <summary>Every request so far.</summary>
    public required CallLog Calls { get; init; }

    /// <summary>The faults; more can be added at any time.</summary>
    public required FaultScript Faults { get; init; }

    /// <summary>The credentials handed out; a test can ask for more.</summary>
    public required IssuedCredentials Credentials { get; init; }

    /// <summary>The proxy; needs <see cref="SimulatorOptions.Proxy"/>.</summary>
    public RecordingProxy Proxy => proxy ?? throw new InvalidOperationException("The simulator was started without a proxy.");

    /// <summary>The API server side of the cluster; needs <see cref="SimulatorOptions.Kubernetes"/>.</summary>
    public SimulatedCluster Kubernetes => cluster ?? throw new InvalidOperationException("The simulator was started without Kubernetes.");

    /// <summary>The time of IMDS: it ages tokens and decides when credentials rotate.</summary>
    public required SimulatorClock ImdsClock { get; init; }

    /// <summary>The time of AWS: it decides whether signatures and credentials are current.</summary>
    public required SimulatorClock AwsClock { get; init; }

    /// <summary>Every secret handed out so far: tokens, secret keys, session tokens, registry passwords. None may show up in an output.</summary>
    public IReadOnlyCollection<string> Secrets => [.. secrets];

    /// <summary>The passwords for registries that were handed out.</summary>
    public IReadOnlyCollection<RegistryPassword> RegistryPasswords => awsService.Passwords;

    /// <summary>Starts to listen; the addresses are known when it returns.</summary>
    public static async Task<Simulator> StartAsync(SimulatorOptions? options = null)
    {
        options ??= new SimulatorOptions();
        var secrets = new ConcurrentBag<string>();
        var imdsClock = new SimulatorClock();
        var awsClock = new SimulatorClock();
        var calls = new CallLog();
        var faults = new FaultScript();
        foreach (var script in options.Faults)
        {
            faults.Add(script);
        }

        var credentials = new IssuedCredentials(imdsClock, options.CredentialLifetime, secrets);
        var tokens = new ImdsTokens(imdsClock, secrets);
        var proxyPorts = new ConcurrentDictionary<int, byte>();
        var imdsService = new ImdsService(options, tokens, new ImdsTree(options, credentials, imdsClock));
        var awsService = new AwsService(options, new SignatureVerifier(credentials, awsClock, options.Region), credentials, secrets, awsClock);
        var imds = await LoopbackServer.StartAsync(imdsService, faults, calls, proxyPorts, new IPEndPoint(options.ImdsAddress, options.ImdsPort), options.ImdsOnIpv6);
        var aws = await LoopbackServer.StartAsync(awsService, faults, calls, proxyPorts, new IPEndPoint(IPAddress.Loopback, options.AwsPort), ipv6: false);
        var proxy = options.Proxy ? new RecordingProxy(aws.Addresses[0].Port, options.ProxyCredentials, proxyPorts) : null;
        var cluster = options.Kubernetes is { } kubernetes
            ? await SimulatedCluster.StartAsync(options, kubernetes, new TokenVerifier(options, aws.Addresses[0], awsClock), faults, calls, awsClock)
            : null;
        return new Simulator(options, secrets, tokens, imds, aws, awsService, proxy, cluster)
        {
            Calls = calls,
            Faults = faults,
            Credentials = credentials,
            ImdsClock = imdsClock,
            AwsClock = awsClock,
        };
    }

    /// <summary>Makes every IMDS token invalid at once.</summary>
    public void RevokeImdsTokens() => tokens.RevokeAll();

    public async ValueTask DisposeAsync()
    {
        if (proxy is not null)
        {
            await proxy.DisposeAsync();
        }

        if (cluster is not null)
        {
            await cluster.DisposeAsync();
        }

        await imds.DisposeAsync();
        await aws.DisposeAsync();
    }
}
