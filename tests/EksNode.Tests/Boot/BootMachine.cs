using System.Globalization;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;
using EksNode.Simulation.Systemd;
using EksNode.Tests.Wire;

namespace EksNode.Tests.Boot;

/// <summary>
/// A machine that boots for real: systemd and cloud-init of a Debian suite, the units and links of <c>image/files</c>, the executable,
/// and stand-ins for containerd and the kubelet that only say when they were started. IMDS and AWS are the simulator on loopback.
/// </summary>
internal sealed class BootMachine : IAsyncDisposable
{
    /// <summary>Both suites: cloud-init before and after its stages got other names.</summary>
    public static readonly TheoryData<string> Suites = ["EKSNODE_CLOUD_INIT_ROOT_BOOKWORM", "EKSNODE_CLOUD_INIT_ROOT_TRIXIE"];

    public const string NodeConfig =
        "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  featureGates: {InstanceIdNodeName: true}\n  cluster:\n    name: demo\n"
        + "    apiServerEndpoint: https://demo.example.com\n    cidr: 10.100.0.0/16\n    certificateAuthority: ";

    private static readonly TimeSpan longest = TimeSpan.FromMinutes(4);

    private BootMachine(RealSystemd systemd, Simulator simulator)
    {
        Systemd = systemd;
        Simulator = simulator;
    }

    public RealSystemd Systemd { get; }

    public Simulator Simulator { get; }

    /// <summary>Prepares a machine; the test is skipped where there is no such root file system or no executable.</summary>
    /// <param name="rootVariable">The variable that names the root file system.</param>
    /// <param name="userData">The user data; null: a NodeConfig alone.</param>
    public static async Task<BootMachine> PrepareAsync(string rootVariable, string? userData = null)
    {
        var executable = EksNodeProcess.Executable;
        Assert.SkipUnless(RealSystemd.MissingFor(rootVariable) is null, RealSystemd.MissingFor(rootVariable) ?? "");
        var data = userData ?? NodeConfig + ClusterCertificate.Base64 + "\n";
        var simulator = await Simulator.StartAsync(new SimulatorOptions { UserData = UserData.Bytes(data) });
        var systemd = new RealSystemd(new RealSystemdOptions { Root = Environment.GetEnvironmentVariable(rootVariable) ?? "", HostNetwork = true });
        var machine = new BootMachine(systemd, simulator);
        machine.Install(executable);
        Seed(systemd, data);
        return machine;
    }

    /// <summary>Boots, and does not wait for anything.</summary>
    public Task BootAsync() => Systemd.BootAsync(waitUntilUp: false);

    /// <summary>Waits until a unit is in one of these states and says in which; the last state when none came.</summary>
    public async Task<string> StateAsync(string unit, params string[] wanted)
    {
        var until = DateTime.UtcNow + longest;
        while (true)
        {
            var state = await PropertyAsync(unit, "ActiveState");
            if (wanted.Length == 0 || wanted.Contains(state) || DateTime.UtcNow > until)
            {
                return state;
            }

            await Task.Delay(200);
        }
    }

    public async Task<string> PropertyAsync(string unit, string property) =>
        (await Systemd.RunAsync("systemctl", "show", "-P", property, unit)).Output.Trim();

    /// <summary>A time of a unit in microseconds of the monotonic clock; 0: never.</summary>
    public async Task<long> TimeAsync(string unit, string property) =>
        long.Parse(await PropertyAsync(unit, property + "TimestampMonotonic"), CultureInfo.InvariantCulture);

    public async Task<bool> HasAsync(string path) => (await Systemd.RunAsync("test", "-e", path)).ExitCode == 0;

    public async Task<string> DescribeAsync() =>
        $"{await Systemd.JournalAsync()}\n{(await Systemd.RunAsync("systemctl", "list-jobs", "--no-pager")).Output}\n{Systemd.Console}";

    public async ValueTask DisposeAsync()
    {
        await Systemd.DisposeAsync();
        await Simulator.DisposeAsync();
    }

    /// <summary>Puts <c>image/files</c> into a machine and enables its units.</summary>
    public static void InstallFiles(RealSystemd systemd)
    {
        var files = Path.Combine(Repository.Root, "image/files");
        foreach (var file in Directory.EnumerateFiles(files, "*", SearchOption.AllDirectories))
        {
            var path = "/" + Path.GetRelativePath(files, file);
            if (new FileInfo(file).LinkTarget is { } target)
            {
                systemd.Link(path, target);
            }
            else
            {
                systemd.Install(file, path);
            }
        }

        foreach (var unit in (string[])["eksnode-configure.service", "eksnode-start.service"])
        {
            systemd.Link($"/etc/systemd/system/multi-user.target.wants/{unit}", $"/usr/lib/systemd/system/{unit}");
        }
    }

    /// <summary>What cloud-init gets: it is told of no other source.</summary>
    public static void Seed(RealSystemd systemd, string userData)
    {
        systemd.Write("/etc/cloud/cloud.cfg.d/99-test.cfg", "datasource_list: [NoCloud]\nnetwork: {config: disabled}\n");
        systemd.Write("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: i-0abc123def4567890\n");
        systemd.Write("/var/lib/cloud/seed/nocloud/user-data", userData);
    }

    private void Install(string executable)
    {
        InstallFiles(Systemd);
        Systemd.Install(executable, "/usr/bin/eksnode");
        foreach (var unit in (string[])["eksnode-configure.service", "eksnode-start.service"])
        {
            Systemd.Write(
                $"/etc/systemd/system/{unit}.d/10-simulator.conf",
                // The simulated interface is none of this machine's: nothing to wait for, and its requests are not those of a join.
                $"[Service]\nExecStartPre=\nEnvironment=AWS_EC2_METADATA_SERVICE_ENDPOINT={Simulator.ImdsUrl} AWS_ENDPOINT_URL={Simulator.AwsUrl}\n");
        }

        foreach (var unit in (string[])["containerd.service", "kubelet.service"])
        {
            Systemd.Write($"/usr/lib/systemd/system/{unit}", "[Service]\nExecStart=/bin/sleep infinity\n");
        }

        Systemd.Write(
            "/etc/eksnode/image.json", """{"schemaVersion":1,"components":{"kubelet":{"version":"1.33.4"},"containerd":{"version":"2.1.9"}}}""");
    }
}
