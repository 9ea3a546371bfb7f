using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Diagnostics;
using EksNode.Aws.Imds;
using EksNode.Aws.Services;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Planning.Facts;
using EksNode.Simulation;

namespace EksNode.Aws.Tests;

/// <summary>What one run against the simulator came to.</summary>
internal sealed record SimulatedRun(NodeFacts Facts, byte[]? UserData, IReadOnlyList<Diagnostic> Diagnostics, TimeSpan Elapsed)
{
    public string Text => string.Join("\n", Diagnostics);

    public Diagnostic Only(DiagnosticDescriptor descriptor) => Assert.Single(Diagnostics, d => d.Code == descriptor.Code);
}

/// <summary>A fact source in front of the simulator, with deadlines short enough for tests.</summary>
internal sealed class SimulatedFacts : IAsyncDisposable
{
    public static readonly SimulatorOptions Healthy = new()
    {
        UserData = "hello"u8.ToArray(),
        Ipv6Addresses = ["2001:db8::1", "2001:db8::2"],
        InstanceTypes = [new InstanceTypeRow("m6i.large", "x86_64", 2, 8192, 3, 10)],
    };

    private SimulatedFacts(Simulator simulator) => Simulator = simulator;

    public Simulator Simulator { get; }

    public Dictionary<string, string> Environment { get; } = [];

    public Dictionary<string, string> HostFiles { get; } = [];

    public Func<string, bool> KnowsInstanceType { get; set; } = _ => true;

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(150);

    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(20);

    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(5);

    public ImmutableArray<Uri> ImdsEndpoints { get; set; } = [];

    public DnsOptions Dns { get; set; } = new() { Servers = [] };

    public RecordingLog Log { get; } = new();

    public static async Task<SimulatedFacts> StartAsync(SimulatorOptions? options = null, params string[] faults)
    {
        var simulator = await Simulator.StartAsync((options ?? Healthy) with { Faults = [.. faults] });
        return new SimulatedFacts(simulator)
        {
            Environment = { ["AWS_ENDPOINT_URL"] = simulator.AwsUrl.AbsoluteUri },
            HostFiles = { ["/sys/class/dmi/id/board_asset_tag"] = simulator.Options.InstanceId + "\n" },
            ImdsEndpoints = [simulator.ImdsUrl],
        };
    }

    public static NodeConfig Config(string? cluster = null, bool instanceIdName = false, string? endpoint = null, bool outpost = false) => new()
    {
        Cluster = new ClusterSettings
        {
            Name = Value(cluster),
            ApiServerEndpoint = Value(endpoint),
            EnableOutpost = outpost ? new Sourced<bool>(true, Origin.Default("a test")) : null,
        },
        FeatureGates = SortedMap.Empty<Sourced<bool>>().Add("InstanceIdNodeName", new Sourced<bool>(instanceIdName, Origin.Default("a test"))),
    };

    public AwsFactSource Source() => new(new AwsOptions
    {
        Environment = Environment,
        ReadHostFile = path => HostFiles.GetValueOrDefault(path),
        KnowsInstanceType = KnowsInstanceType,
        Clock = Clock,
        Random = new Random(1),
        Log = Log,
        Imds = new ImdsOptions
        {
            Endpoints = ImdsEndpoints,
            TokenTimeout = AttemptTimeout,
            ReadTimeout = AttemptTimeout,
            Patience = Patience,
            Deadline = Deadline,
            FirstWait = TimeSpan.FromMilliseconds(5),
            LongestWait = TimeSpan.FromMilliseconds(20),
            HeadStart = TimeSpan.FromMilliseconds(100),
        },
        Limits = new AwsLimits
        {
            Deadline = Deadline,
            AttemptTimeout = AttemptTimeout,
            Patience = Patience,
            FirstWait = TimeSpan.FromMilliseconds(5),
            LongestWait = TimeSpan.FromMilliseconds(20),
        },
        Dns = Dns,
    });

    /// <summary>User data, then facts, as join asks for them. A diagnostic that ends the user data is among the run's.</summary>
    public async Task<SimulatedRun> RunAsync(NodeConfig config, bool withUserData = true)
    {
        var began = Stopwatch.StartNew();
        using var source = Source();
        var bag = new DiagnosticBag();
        source.Begin(withUserData);
        byte[]? userData = null;
        try
        {
            userData = withUserData ? (await source.UserDataAsync(TestContext.Current.CancellationToken))?.ToArray() : null;
        }
        catch (DiagnosticException e)
        {
            bag.Add(e.Diagnostic);
        }

        var facts = await source.GatherAsync(new NodeFacts(), config, FactNeeds.Of(config), bag, TestContext.Current.CancellationToken);
        return new SimulatedRun(facts, userData, bag.Items, began.Elapsed);
    }

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();

    private static Sourced<string>? Value(string? value) => value is null ? null : new Sourced<string>(value, Origin.Default("a test"));
}

/// <summary>A log whose lines a test can look at.</summary>
internal sealed class RecordingLog : ILog
{
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
            {
                return [.. lines];
            }
        }
    }

    public bool Writes(LogLevel level) => true;

    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var line = $"{level} {message}";
        foreach (var (name, value) in fields)
        {
            line += $" {name}={value}";
        }

        lock (lines)
        {
            lines.Add(line);
        }
    }
}
