using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Aws.Tests;

/// <summary>A fault at every call of IMDS and AWS, one at a time: success after a retry, or a diagnostic that names the call.</summary>
public sealed class FaultTests
{
    private static readonly string[] Imds = ["token", "user-data", "identity", "mac", "local-ipv4", "macs/ipv6s", "role", "credentials"];
    private static readonly string[] Aws = ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "eks:DescribeCluster"];

    // How the diagnostics name each call.
    private static readonly Dictionary<string, string> Names = new()
    {
        ["imds:token"] = "/latest/api/token",
        ["imds:user-data"] = "/latest/user-data",
        ["imds:identity"] = "latest/dynamic/instance-identity/document",
        ["imds:mac"] = "latest/meta-data/mac",
        ["imds:local-ipv4"] = "latest/meta-data/local-ipv4",
        ["imds:macs/ipv6s"] = "latest/meta-data/network/interfaces/macs/06:5f:2b:8c:1d:3e/ipv6s",
        ["imds:role"] = "latest/meta-data/iam/security-credentials/",
        ["imds:credentials"] = "latest/meta-data/iam/security-credentials/KarpenterNodeRole-demo",
        ["ec2:DescribeInstances"] = "EC2 DescribeInstances",
        ["ec2:DescribeInstanceTypes"] = "EC2 DescribeInstanceTypes",
        ["eks:DescribeCluster"] = "EKS DescribeCluster",
    };

    private static IEnumerable<string> Calls => [.. Imds.Select(call => "imds:" + call), .. Aws];

    [Theory]
    [InlineData("delay:50")]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("reset")]
    [InlineData("truncated")]
    [InlineData("throttle")]
    [InlineData("hang")]
    [InlineData("401")]
    [InlineData("404")]
    [InlineData("expired")]
    [InlineData("denied")]
    [InlineData("garbage")]
    [InlineData("empty")]
    public Task A_fault_that_passes_is_retried(string fault) => Task.WhenAll(Calls.Where(call => Passes(call, fault)).Select(async call =>
    {
        await using var node = await SimulatedFacts.StartAsync(null, $"{call}={fault}");
        node.KnowsInstanceType = _ => false;
        node.AttemptTimeout = TimeSpan.FromSeconds(fault == "hang" ? 2 : 15);
        node.Deadline = TimeSpan.FromSeconds(30);
        node.Patience = TimeSpan.FromSeconds(20);

        var run = await node.RunAsync(SimulatedFacts.Config("demo"));

        Assert.True(node.Simulator.Faults.Fired(call) == 1, $"{call}: the fault was not met");
        Assert.True(run.Diagnostics.Count == 0, $"{call}: {run.Text}");
        Assert.Equal("hello"u8.ToArray(), run.UserData);
        AssertComplete(run.Facts);
    }));

    [Theory]
    [InlineData("500")]
    [InlineData("reset")]
    [InlineData("truncated")]
    [InlineData("throttle")]
    [InlineData("hang")]
    [InlineData("400")]
    [InlineData("401")]
    [InlineData("403")]
    [InlineData("404")]
    [InlineData("expired")]
    [InlineData("denied")]
    [InlineData("garbage")]
    [InlineData("empty")]
    public Task A_fault_that_stays_ends_within_the_deadline_in_a_diagnostic_that_names_the_call(string fault) => Task.WhenAll(Calls.Select(async call =>
    {
        await using var node = await SimulatedFacts.StartAsync(null, $"{call}={fault}*");
        node.KnowsInstanceType = _ => false;
        node.Deadline = TimeSpan.FromSeconds(3);
        node.AttemptTimeout = TimeSpan.FromSeconds(1.5);
        var isReplaced = call is "imds:identity" or "imds:mac" or "imds:local-ipv4" or "imds:macs/ipv6s";
        if (isReplaced)
        {
            node.Environment["AWS_REGION"] = "us-west-2";
        }

        var run = await node.RunAsync(SimulatedFacts.Config("demo"));

        // Facts of IMDS, the credentials of the role, then the calls: three deadlines in sequence at most, and a busy machine.
        Assert.InRange(run.Elapsed, TimeSpan.Zero, (3 * node.Deadline) + TimeSpan.FromSeconds(8));
        if (IsAnswer(call, fault))
        {
            Assert.True(run.Diagnostics.Count == 0, $"{call}: {run.Text}");
            return;
        }

        Assert.True(run.Diagnostics.Any(d => d.Message.Contains(Names[call], StringComparison.Ordinal)), $"{call} is not named in:\n{run.Text}");
        Assert.All(run.Diagnostics, d => Assert.True(d.Help.Length > 20 && d.Message.EndsWith('.') && d.Help.EndsWith('.'), d.Message + d.Help));
        if (isReplaced)
        {
            AssertComplete(run.Facts);
            Assert.All(run.Diagnostics, d => Assert.Equal(Severity.Warning, d.Severity));
        }
    }));

    [Theory]
    [InlineData("imds:token=403*", "EKN0702", "http-endpoint enabled")]
    [InlineData("imds:token=hang*", "EKN0701", "hop-limit")]
    [InlineData("imds:token=400*", "EKN0706", "IMDSv2")]
    [InlineData("imds:token=garbage*", "EKN0704", "IMDSv2")]
    [InlineData("imds:token=500*", "EKN0703", "fault of IMDS")]
    [InlineData("imds:user-data=401*", "EKN0706", "")]
    [InlineData("imds:user-data=hang*", "EKN0701", "")]
    [InlineData("imds:role=404*", "EKN0710", "instance profile")]
    [InlineData("imds:credentials=500*", "EKN0703", "")]
    [InlineData("imds:credentials=garbage*", "EKN0704", "")]
    [InlineData("ec2:DescribeInstances=denied*", "EKN0712", "ec2:DescribeInstances")]
    [InlineData("ec2:DescribeInstances=expired*", "EKN0715", "IMDS role KarpenterNodeRole-demo")]
    [InlineData("ec2:DescribeInstances=throttle*", "EKN0716", "InstanceIdNodeName")]
    [InlineData("ec2:DescribeInstances=500*", "EKN0717", "")]
    [InlineData("ec2:DescribeInstances=hang*", "EKN0717", "route to AWS")]
    [InlineData("ec2:DescribeInstances=garbage*", "EKN0721", "AWS_ENDPOINT_URL")]
    [InlineData("ec2:DescribeInstances=empty-dns*", "EKN0722", "DNS")]
    [InlineData("eks:DescribeCluster=denied*", "EKN0712", "eks:DescribeCluster")]
    [InlineData("eks:DescribeCluster=throttle*", "EKN0716", "")]
    public async Task A_fault_is_explained(string fault, string code, string help)
    {
        await using var node = await SimulatedFacts.StartAsync(null, fault);
        // What is not the fault must have time on a busy machine; calls of AWS end by their number.
        node.Deadline = TimeSpan.FromSeconds(3);
        node.AttemptTimeout = TimeSpan.FromSeconds(1.5);
        node.Environment["AWS_MAX_ATTEMPTS"] = "2";

        var run = await node.RunAsync(SimulatedFacts.Config("demo"));

        Assert.True(run.Diagnostics.Any(d => d.Code == code && d.Severity == Severity.Error && d.Help.Contains(help, StringComparison.Ordinal)), run.Text);
    }

    [Fact]
    public async Task A_cluster_of_another_name_or_region_is_explained()
    {
        await using var node = await SimulatedFacts.StartAsync();

        var diagnostic = (await node.RunAsync(SimulatedFacts.Config("dmeo"))).Only(DiagnosticCatalogue.ClusterNotFound);

        Assert.Contains("EKS DescribeCluster", diagnostic.Message);
        Assert.Contains("region us-west-2", diagnostic.Help);
    }

    [Fact]
    public async Task A_cluster_that_failed_to_be_created_is_explained()
    {
        await using var node = await SimulatedFacts.StartAsync(
            SimulatedFacts.Healthy with { Cluster = new Simulation.ClusterOptions { Status = "FAILED", Endpoint = "" } });

        Assert.Contains("FAILED", (await node.RunAsync(SimulatedFacts.Config("demo"))).Only(DiagnosticCatalogue.ClusterNotReady).Message);
    }

    [Fact]
    public async Task An_instance_that_ec2_does_not_know_yet_is_waited_for()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { ImdsMode = Simulation.ImdsMode.Disabled });
        node.HostFiles["/sys/class/dmi/id/board_asset_tag"] = "i-00000000000000000";
        node.Environment["AWS_REGION"] = "us-west-2";
        node.Deadline = TimeSpan.FromSeconds(3);
        var key = node.Simulator.Credentials.IssueLongTerm();
        node.Environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
        node.Environment["AWS_SECRET_ACCESS_KEY"] = key.SecretAccessKey;

        var run = await node.RunAsync(SimulatedFacts.Config(), withUserData: false);

        Assert.Contains("InvalidInstanceID.NotFound", run.Only(DiagnosticCatalogue.InstanceNotFound).Message);
        Assert.True(node.Simulator.Calls.Count("ec2:DescribeInstances") > 1);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_corrected_for_signatures_and_reported()
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.Clock = new ShiftedClock(TimeSpan.FromHours(-3));

        var run = await node.RunAsync(SimulatedFacts.Config());

        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", run.Facts.Instance.PrivateDnsName);
        Assert.Contains("behind", Assert.Single(run.Diagnostics).Message);
        Assert.Equal(DiagnosticCatalogue.ClockWrong.Code, run.Diagnostics[0].Code);
    }

    [Fact]
    public async Task No_secret_shows_in_any_log_line_or_diagnostic()
    {
        await using var node = await SimulatedFacts.StartAsync(null, "ec2:DescribeInstances=denied*", "imds:credentials=reset", "imds:mac=500*");
        node.Deadline = TimeSpan.FromSeconds(3);

        var run = await node.RunAsync(SimulatedFacts.Config("demo"));

        Assert.NotEmpty(node.Simulator.Secrets);
        Assert.NotEmpty(node.Log.Lines);
        var output = string.Join("\n", node.Log.Lines) + run.Text + string.Join("\n", run.Diagnostics.Select(d => d.Help));
        Assert.All(node.Simulator.Secrets, secret => Assert.DoesNotContain(secret, output));
    }

    // 403 is final for IMDS: it is turned off. AWS has no 401 or 404 that passes; IMDS knows no expired credentials.
    private static bool Passes(string call, string fault) =>
        !IsAnswer(call, fault) && (call.StartsWith("imds:", StringComparison.Ordinal) ? fault is not ("denied" or "expired") : fault is not ("401" or "404"));

    private static bool IsAnswer(string call, string fault) =>
        (call, fault) is ("imds:user-data", "404" or "garbage" or "empty") or ("imds:local-ipv4", "404") or ("imds:macs/ipv6s", "404" or "empty");

    private static void AssertComplete(NodeFacts facts)
    {
        Assert.Equal(("i-0abc123def4567890", "m6i.large", "us-west-2", "us-west-2a"), (facts.Instance.Id, facts.Instance.Type, facts.Instance.Region, facts.Instance.AvailabilityZone));
        Assert.Equal(("06:5f:2b:8c:1d:3e", "10.0.12.34", "ip-10-0-12-34.us-west-2.compute.internal"), (facts.Instance.Mac, facts.Instance.LocalIpv4, facts.Instance.PrivateDnsName));
        Assert.Equal(["2001:db8::1", "2001:db8::2"], facts.Instance.Ipv6);
        Assert.Equal(new InstanceTypeFacts(3, 10), facts.InstanceType);
        Assert.Equal("172.20.0.0/16", facts.Cluster.ServiceCidr);
    }

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }
}
