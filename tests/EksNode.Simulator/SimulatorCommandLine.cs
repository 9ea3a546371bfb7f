using System.Globalization;
using System.Text;
using EksNode.Simulation.Scenarios;

namespace EksNode.Simulation;

/// <summary>The simulator as a program, for the demo and the benchmarks.</summary>
internal sealed class SimulatorCommandLine
{
    public const string Usage = """
        usage: EksNode.Simulator [option value]…

          --scenario karpenter|mng|eksctl   user data as this producer writes it
          --user-data FILE                  user data from a file
          --instance-type TYPE              m6i.large unless told otherwise
          --instance-id ID, --region REGION, --private-dns-name NAME, --local-hostname NAME
          --cluster-name NAME, --kubernetes-version X.Y
          --port N, --aws-port N            0 (any free port) unless told otherwise
          --ipv6                            IMDS on [::1] too
          --proxy                           a forward proxy too
          --imds enabled|disabled|hop-limit
          --fault 'CALL=STEP,…'             several times; for example ec2:DescribeInstances=throttle*2
          --ready-file FILE                 the addresses as environment variables, written when ready
          --calls-file FILE                 every request, one a line, written at the end (SIGTERM)
          --print-user-data                 print the user data and end
        """;

    public SimulatorOptions Options { get; private set; } = new();

    public bool Help { get; private set; }

    public bool PrintUserData { get; private set; }

    private string? readyFile;
    private string? callsFile;

    public static SimulatorCommandLine Parse(string[] arguments)
    {
        var command = new SimulatorCommandLine();
        var userData = new UserDataOptions();
        string? scenario = null;
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var option))
        {
            string Value() => rest.TryDequeue(out var value) ? value : throw new ArgumentException($"{option} needs a value.");
            int Port() => int.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture);
            var options = command.Options;
            switch (option)
            {
                case "--help" or "-h":
                    command.Help = true;
                    break;
                case "--print-user-data":
                    command.PrintUserData = true;
                    break;
                case "--ipv6":
                    command.Options = options with { ImdsOnIpv6 = true };
                    break;
                case "--proxy":
                    command.Options = options with { Proxy = true };
                    break;
                case "--scenario":
                    scenario = Value();
                    break;
                case "--user-data":
                    command.Options = options with { UserData = File.ReadAllBytes(Value()) };
                    break;
                case "--instance-type":
                    command.Options = options with { InstanceType = Value() };
                    break;
                case "--instance-id":
                    command.Options = options with { InstanceId = Value() };
                    break;
                case "--region":
                    command.Options = options with { Region = Value() };
                    break;
                case "--private-dns-name":
                    command.Options = options with { PrivateDnsName = Value() };
                    break;
                case "--local-hostname":
                    command.Options = options with { LocalHostname = Value() };
                    break;
                case "--cluster-name":
                    userData = userData with { ClusterName = Value() };
                    command.Options = options with { Cluster = options.Cluster! with { Name = userData.ClusterName } };
                    break;
                case "--kubernetes-version":
                    command.Options = options with { Cluster = options.Cluster! with { KubernetesVersion = Value() } };
                    break;
                case "--port":
                    command.Options = options with { ImdsPort = Port() };
                    break;
                case "--aws-port":
                    command.Options = options with { AwsPort = Port() };
                    break;
                case "--imds":
                    command.Options = options with { ImdsMode = Mode(Value()) };
                    break;
                case "--fault":
                    command.Options = options with { Faults = options.Faults.Add(Value()) };
                    break;
                case "--ready-file":
                    command.readyFile = Value();
                    break;
                case "--calls-file":
                    command.callsFile = Value();
                    break;
                default:
                    throw new ArgumentException($"Unknown option {option}.");
            }
        }

        if (scenario is not null)
        {
            command.Options = command.Options with { UserData = Encoding.UTF8.GetBytes(Generate(scenario, userData)) };
        }

        return command;
    }

    public async Task ReportReadyAsync(Simulator simulator, TextWriter output)
    {
        var lines = new List<string>
        {
            $"AWS_EC2_METADATA_SERVICE_ENDPOINT={simulator.ImdsUrl}",
            $"AWS_ENDPOINT_URL={simulator.AwsUrl}",
        };
        if (Options.Proxy)
        {
            lines.Add($"SIMULATOR_PROXY={simulator.Proxy.Url}");
        }

        if (readyFile is not null)
        {
            // Renamed into place, so that whoever waits for the file never reads half of it.
            var partial = readyFile + ".partial";
            await File.WriteAllLinesAsync(partial, lines);
            File.Move(partial, readyFile, overwrite: true);
        }

        await output.WriteLineAsync($"ready {string.Join(' ', lines)}");
        await output.FlushAsync();
    }

    public async Task ReportCallsAsync(Simulator simulator)
    {
        if (callsFile is not null)
        {
            await File.WriteAllLinesAsync(callsFile, simulator.Calls.All.Select(call => call.ToString()));
        }
    }

    private static ImdsMode Mode(string text) => text switch
    {
        "enabled" => ImdsMode.Enabled,
        "disabled" => ImdsMode.Disabled,
        "hop-limit" => ImdsMode.HopLimitReached,
        _ => throw new ArgumentException($"Unknown IMDS mode {text}."),
    };

    private static string Generate(string scenario, UserDataOptions options) => scenario switch
    {
        "karpenter" => UserData.Karpenter(options),
        "mng" => UserData.ManagedNodeGroup(options),
        "eksctl" => UserData.Eksctl(options),
        _ => throw new ArgumentException($"Unknown scenario {scenario}."),
    };
}
