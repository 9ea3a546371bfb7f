using System.Text;
using EksNode.NodeTests.ControlPlanes;
using EksNode.NodeTests.Machines;
using EksNode.Simulation;
using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.Scenarios;

/// <summary>The machine, its instance metadata and its cluster in one scenario; all of it ends with the scenario.</summary>
internal sealed class ScenarioContext(NodeTestOptions options, Accelerator accelerator, KubernetesPrograms? programs, Phases phases) : IAsyncDisposable
{
    /// <summary>How long a machine may take to its shell: a busy machine emulates slowly.</summary>
    public static readonly TimeSpan ShellDeadline = TimeSpan.FromMinutes(8);

    /// <summary>How long from power-on to Ready.</summary>
    public static readonly TimeSpan ReadyDeadline = TimeSpan.FromMinutes(12);

    private readonly ClusterAuthority authority = new();
    private Simulator? simulator;
    private IControlPlane? controlPlane;
    private VirtualMachine? machine;

    public Phases Phases => phases;

    public ClusterAuthority Authority => authority;

    public NodeTestOptions Options => options;

    public Simulator Simulator => simulator ?? throw new InvalidOperationException("Nothing is simulated yet.");

    public IControlPlane ControlPlane => controlPlane ?? throw new InvalidOperationException("There is no control plane yet.");

    public VirtualMachine Machine => machine ?? throw new InvalidOperationException("There is no machine yet.");

    /// <summary>Whether kubelet and API server are real.</summary>
    public bool IsReal => programs is not null;

    /// <summary>The minor of the kubelet.</summary>
    public string KubernetesMinor => programs?.Minor ?? StandIn.KubernetesMinor;

    /// <summary>User data as a managed node group gives it, for this scenario's cluster.</summary>
    /// <param name="more">YAML below <c>spec:</c>.</param>
    public string UserData(string more = "") => $"""
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="//"

        --//
        Content-Type: application/node.eks.aws

        ---
        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        spec:
          cluster:
            apiServerEndpoint: https://{PrivateNetwork.ApiServer}
            certificateAuthority: {Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.Pem))}
            cidr: 172.20.0.0/16
            name: demo
          featureGates:
            InstanceIdNodeName: true
          kubelet:
            config:
              maxPods: 29
            flags:
            - "--node-labels=eks.amazonaws.com/nodegroup=workers,eks.amazonaws.com/capacityType=ON_DEMAND"
        {more}
        --//--

        """;

    /// <summary>Starts the instance's metadata and the cluster.</summary>
    public async Task StartCloudAsync(string userData, CancellationToken cancellation)
    {
        var kubernetes = new KubernetesOptions
        {
            Authority = authority,
            Endpoint = IsReal ? null : new(PrivateNetwork.ApiServer, 443),
        };
        simulator = await Simulator.StartAsync(new SimulatorOptions
        {
            ImdsAddress = PrivateNetwork.Imds,
            ImdsPort = 80,
            UserData = Encoding.UTF8.GetBytes(userData),
            LocalIpv4 = PrivateNetwork.Machine.ToString(),
            SubnetCidr = PrivateNetwork.Subnet,
            Cluster = new ClusterOptions { Name = "demo", KubernetesVersion = KubernetesMinor },
            Kubernetes = kubernetes,
        });
        controlPlane = programs is null
            ? new StandInControlPlane(simulator, kubernetes)
            : await RealControlPlane.StartAsync(options, programs, simulator, kubernetes, cancellation);
        phases.Done($"control plane: {controlPlane.Description}");
    }

    /// <summary>Powers the machine on.</summary>
    public async Task PowerOnAsync(MachineOptions what, CancellationToken cancellation)
    {
        machine = await VirtualMachine.StartAsync(options, what, accelerator, cancellation);
        phases.Done("power on");
    }

    /// <summary>The machine of the simulated instance.</summary>
    public MachineOptions Instance(string name) => new() { Name = name, InstanceType = Simulator.Options.InstanceType, Mac = Simulator.Options.Mac };

    /// <summary>After a failure: the end of the console, what the units said, and the programs beside the machine.</summary>
    public async Task ExplainAsync(CancellationToken cancellation)
    {
        if (machine is not null)
        {
            phases.Detail("serial console:\n" + machine.LastLines(25));
            const string Units = "journalctl --no-pager -o short-monotonic -b -n 30 -u 'eksnode*'; "
                + "for u in containerd kubelet; do journalctl --no-pager -o short-monotonic -b -n 12 -u $u; done; systemctl --no-pager --failed; systemctl --no-pager list-jobs";
            if (await machine.Shell.TryAskAsync(Units, 30, cancellation) is { } answer)
            {
                phases.Detail("units:\n" + answer.Output);
            }
        }

        if (controlPlane is not null)
        {
            phases.Detail("control plane:\n" + controlPlane.LastLines(6));
        }

        if (simulator is not null)
        {
            phases.Detail("calls:\n" + string.Join('\n', simulator.Calls.All.TakeLast(12)));
        }

        phases.Detail(SuiteVersions.Moved(options));
    }

    public async ValueTask DisposeAsync()
    {
        if (machine is not null)
        {
            await machine.DisposeAsync();
        }

        if (controlPlane is not null)
        {
            await controlPlane.DisposeAsync();
        }

        if (simulator is not null)
        {
            await simulator.DisposeAsync();
        }

        authority.Dispose();
    }
}
