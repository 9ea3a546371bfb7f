using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EksNode.Simulation;
using EksNode.Simulation.Kubernetes;
using EksNode.Simulation.Systemd;

namespace EksNode.Tests.Wire;

/// <summary>
/// An instance with a machine of its own: systemd is real, and IMDS, AWS and the API server are the simulator's, on the loopback that both share. The
/// executable runs there as on a node, without <c>--root</c> and <c>--facts</c>.
/// </summary>
internal sealed class SimulatedMachine : IAsyncDisposable
{
    public const string NodeName = "i-0abc123def4567890";

    private const string ContainerdVariable = "EKSNODE_CONTAINERD_2";
    private const UnixFileMode Program = (UnixFileMode)0x1ED; // 0755

    private readonly KubernetesOptions kubernetes;

    private SimulatedMachine(Simulator simulator, KubernetesOptions kubernetes, ClusterAuthority authority)
    {
        Simulator = simulator;
        this.kubernetes = kubernetes;
        Authority = authority;
    }

    public RealSystemd Systemd { get; } = new(new RealSystemdOptions { HostNetwork = true });

    public Simulator Simulator { get; }

    public ClusterAuthority Authority { get; }

    /// <summary>Where the kubelet's <c>/healthz</c> is: the network is shared with other tests, so that no port is the usual one.</summary>
    public int HealthPort { get; } = FreePort();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What is missing for such a machine here; null: nothing.</summary>
    public static string? Missing =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("EKSNODE_EXE")) ? "EKSNODE_EXE does not name the published executable: script/test publishes it and sets the variable."
        : RealSystemd.Missing;

    /// <summary>What is missing for one whose containerd is real; null: nothing.</summary>
    public static string? MissingWithContainerd =>
        Missing ?? (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ContainerdVariable)) ? $"{ContainerdVariable} names no containerd: script/test fetches one." : null);

    /// <summary>Prepares a machine whose services only run; it is not booted yet.</summary>
    public static async Task<SimulatedMachine> PrepareAsync()
    {
        var authority = new ClusterAuthority();
        var kubernetes = new KubernetesOptions { Authority = authority, Endpoint = new IPEndPoint(IPAddress.Loopback, 0) };
        var simulator = await Simulator.StartAsync(new SimulatorOptions { LocalIpv4 = "127.0.0.1", Kubernetes = kubernetes });
        var machine = new SimulatedMachine(simulator, kubernetes, authority);
        machine.Systemd.Install(EksNodeProcess.Executable, "/usr/bin/eksnode");
        machine.Systemd.Write("/etc/eksnode/image.json", """{"schemaVersion":1,"components":{"kubelet":{"version":"1.33.4"},"containerd":{"version":"2.1.9"}}}""");
        machine.Systemd.Write("/etc/systemd/system/containerd.service", "[Service]\nExecStart=/bin/sleep infinity\n");
        machine.Systemd.Write("/etc/systemd/system/kubelet.service", "[Unit]\nAfter=containerd.service\n[Service]\nExecStart=/bin/sleep infinity\n");
        return machine;
    }

    /// <summary>Prepares a machine with a real containerd and a kubelet that reads its configuration and answers that it is healthy.</summary>
    public static async Task<SimulatedMachine> PrepareWithContainerdAsync()
    {
        var machine = await PrepareAsync();
        machine.Systemd.Install(Environment.GetEnvironmentVariable(ContainerdVariable)!, "/usr/bin/containerd");
        machine.Systemd.Write("/usr/bin/kubelet", string.Create(CultureInfo.InvariantCulture, $$"""
            #!/usr/bin/perl
            use IO::Socket::INET;
            open(my $config, '<', '/etc/kubernetes/kubelet/config.json') or die "no configuration: $!";
            my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => {{machine.HealthPort}}, Listen => 5, ReuseAddr => 1) or die "listen: $!";
            while (my $client = $server->accept) {
              while (<$client>) { last if /^\r?$/ }
              print $client "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
              close $client;
            }
            """), Program);
        machine.Systemd.Write(
            "/etc/systemd/system/containerd.service",
            "[Service]\nType=notify\nExecStart=/usr/bin/containerd\nRestart=always\nRestartSec=5\nDelegate=yes\nKillMode=process\n");
        machine.Systemd.Write(
            "/etc/systemd/system/kubelet.service",
            "[Unit]\nAfter=containerd.service\nWants=containerd.service\n[Service]\nEnvironmentFile=/etc/eks/kubelet/environment\n"
            + "ExecStart=/usr/bin/kubelet $NODEADM_KUBELET_ARGS\nRestart=on-failure\nRestartSec=300ms\nKillMode=process\n");
        return machine;
    }

    /// <summary>A configuration of this node; the sandbox image is one that is containerd's to pull.</summary>
    /// <param name="more">More of <c>spec</c>, indented by two.</param>
    /// <param name="kubelet">More of <c>spec.kubelet.config</c>, as flow: <c>, port: 1</c>.</param>
    public string Configuration(string more = "", string kubelet = "") => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: eksnode.io/v1alpha1
        kind: NodeConfig
        spec:
          featureGates: {InstanceIdNodeName: true}
          cluster:
            name: demo
            apiServerEndpoint: {{Simulator.Kubernetes.EndpointUrl.GetLeftPart(UriPartial.Authority)}}
            cidr: 10.100.0.0/16
            certificateAuthority: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(Authority.Pem))}}
          kubelet:
            config: {maxPods: 29, healthzPort: {{HealthPort}}{{kubelet}}}
          containerd:
            config: |
              [plugins.'io.containerd.cri.v1.images'.pinned_images]
              sandbox = 'registry.example/pause:1'

        """) + more;

    /// <summary>Runs the executable as root's shell would on the node.</summary>
    public Task<RealSystemdResult> RunAsync(params string[] arguments) => RunWithinAsync(TimeSpan.FromMinutes(2), arguments);

    /// <summary>The same with another deadline.</summary>
    public Task<RealSystemdResult> RunWithinAsync(TimeSpan deadline, params string[] arguments) => Systemd.RunAsync(
        // AWS is not asked: the node is called by the id of its instance, and a token is only signed.
        deadline, ["env", $"AWS_EC2_METADATA_SERVICE_ENDPOINT={Simulator.ImdsUrl}", "/usr/bin/eksnode", .. arguments]);

    /// <summary>Runs it and fails with all that it said unless it ended so.</summary>
    public async Task<RealSystemdResult> ExpectAsync(int exitCode, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == exitCode, $"{string.Join(' ', arguments)}: wanted {exitCode}\n{result}");
        return result;
    }

    /// <summary>The same with <c>--output json</c>.</summary>
    public async Task<JsonElement> JsonAsync(int exitCode, params string[] arguments)
    {
        using var document = JsonDocument.Parse((await ExpectAsync(exitCode, [.. arguments, "--output", "json"])).Output);
        return document.RootElement.Clone();
    }

    public async Task<string> SystemctlAsync(params string[] arguments) => (await Systemd.RunAsync(["systemctl", .. arguments])).Output.Trim();

    public string Read(string path) => File.ReadAllText(Systemd.HostPath(path));

    public bool Has(string path) => Path.Exists(Systemd.HostPath(path));

    /// <summary>Creates this machine's Node as a kubelet does, or tells its condition anew.</summary>
    /// <param name="ready">The status of the condition: <c>True</c>, <c>False</c>.</param>
    /// <param name="message">Its message.</param>
    /// <param name="at">The time of its heartbeat.</param>
    public async Task TellNodeAsync(string ready, string message, DateTimeOffset at)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(Authority.Pem) },
        };
        using var http = new HttpClient(handler) { BaseAddress = Simulator.Kubernetes.EndpointUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kubernetes.AdministratorToken);
        var time = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var status = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = ready, ["message"] = message, ["lastHeartbeatTime"] = time }),
        };
        var node = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = NodeName } };
        using var created = await http.PostAsync("/api/v1/nodes", Json(node, "application/json"), Cancellation);
        Assert.True(created.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict, created.StatusCode.ToString());
        using var told = await http.PatchAsync($"/api/v1/nodes/{NodeName}/status", Json(new JsonObject { ["status"] = status }, "application/merge-patch+json"), Cancellation);
        Assert.True(told.IsSuccessStatusCode, await told.Content.ReadAsStringAsync(Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await Systemd.DisposeAsync();
        await Simulator.DisposeAsync();
        Authority.Dispose();
    }

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static StringContent Json(JsonObject body, string type) => new(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type));
}
