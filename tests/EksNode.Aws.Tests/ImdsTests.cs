using System.Net;
using System.Net.Sockets;
using System.Text;
using EksNode.Aws.Imds;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Simulation;

namespace EksNode.Aws.Tests;

public sealed class ImdsTests
{
    [Fact]
    public async Task Reads_share_one_token()
    {
        await using var node = await SimulatedFacts.StartAsync();

        await node.RunAsync(SimulatedFacts.Config());

        Assert.Equal(1, node.Simulator.Calls.Count("imds:token"));
    }

    [Fact]
    public async Task A_token_that_was_revoked_is_replaced()
    {
        await using var node = await SimulatedFacts.StartAsync();
        using var source = node.Source();
        await source.UserDataAsync(TestContext.Current.CancellationToken);
        using var imds = Client(node.Simulator.ImdsUrl);
        await ReadAsync(imds, ImdsKey.Mac);
        node.Simulator.RevokeImdsTokens();

        Assert.IsType<ImdsValue>(await ReadAsync(imds, ImdsKey.LocalIpv4));
    }

    [Fact]
    public async Task A_token_is_replaced_before_it_expires()
    {
        await using var simulator = await Simulator.StartAsync();
        var clock = new SimulatorClockLike();
        using var imds = Client(simulator.ImdsUrl, clock: clock);
        await ReadAsync(imds, ImdsKey.Mac);
        clock.Advance(TimeSpan.FromHours(5.5));
        await ReadAsync(imds, ImdsKey.Mac);

        Assert.Equal(2, simulator.Calls.Count("imds:token"));
        Assert.DoesNotContain(simulator.Calls.All, c => c.Status == 401);
    }

    [Fact]
    public async Task Ipv6_is_used_when_ipv4_refuses()
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.Skip("This machine has no IPv6.");
        }

        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { ImdsOnIpv6 = true });
        using var imds = Client(new Uri("http://127.0.0.1:9/"), simulator.ImdsIpv6Url);

        Assert.IsType<ImdsValue>(await ReadAsync(imds, ImdsKey.Mac));
    }

    [Fact]
    public async Task Ipv6_is_used_when_ipv4_is_silent()
    {
        // A listener that accepts nothing: connections wait in its queue and get no answer.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var simulator = await Simulator.StartAsync();
        using var imds = Client(new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/"), simulator.ImdsUrl);

        Assert.IsType<ImdsValue>(await ReadAsync(imds, ImdsKey.Mac));
    }

    [Fact]
    public async Task An_answer_of_the_first_endpoint_stands_without_asking_the_second()
    {
        await using var first = await Simulator.StartAsync();
        await using var second = await Simulator.StartAsync();
        using var imds = Client(first.ImdsUrl, second.ImdsUrl);

        await ReadAsync(imds, ImdsKey.Mac);

        Assert.Empty(second.Calls.All);
    }

    [Theory]
    [InlineData(ImdsMode.Disabled, "EKN0702")]
    [InlineData(ImdsMode.HopLimitReached, "EKN0701")]
    public async Task The_modes_of_an_instance_are_told_apart(ImdsMode mode, string code)
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { ImdsMode = mode });
        using var imds = Client(simulator.ImdsUrl, brief: true);

        var failure = Assert.IsType<ImdsFailure>(await ReadAsync(imds, ImdsKey.Mac));

        Assert.Equal(code, failure.Diagnostic.Code);
        Assert.Contains($"PUT {simulator.ImdsUrl}latest/api/token", failure.Diagnostic.Message);
    }

    [Fact]
    public async Task Nothing_at_the_address_is_told_with_both_time_and_reason()
    {
        using var imds = Client(new Uri("http://127.0.0.1:9/"), brief: true);

        var failure = Assert.IsType<ImdsFailure>(await ReadAsync(imds, ImdsKey.Mac));

        Assert.Equal(DiagnosticCatalogue.ImdsUnreachable.Code, failure.Diagnostic.Code);
        Assert.Equal("connection refused", failure.Reason);
        Assert.Matches("connection refused; tried [0-9]+ times in [0-9.]+ s", failure.Diagnostic.Message);
    }

    [Fact]
    public async Task A_service_that_is_no_http_is_garbage()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync();
        using var imds = Client(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), brief: true);

        var failure = Assert.IsType<ImdsFailure>(await ReadAsync(imds, ImdsKey.Mac));

        Assert.Equal(DiagnosticCatalogue.ImdsGarbage.Code, failure.Diagnostic.Code);
        await stop.CancelAsync();
        await serving;

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(stop.Token);
                    var buffer = new byte[1024];
                    await client.GetStream().ReadAtLeastAsync(buffer, 16, throwOnEndOfStream: false, stop.Token);
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.0\r\n\r\n"), stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    [Fact]
    public async Task Imds_is_not_asked_when_the_environment_forbids_it()
    {
        await using var simulator = await Simulator.StartAsync();
        var options = ImdsOptions.FromEnvironment(new AwsEnvironment(new Dictionary<string, string>
        {
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = simulator.ImdsUrl.AbsoluteUri,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        }));
        using var sender = new HttpSender(new HttpSenderOptions(), TimeProvider.System);
        using var imds = new ImdsClient(options, sender, TimeProvider.System, new Random(1), NoLog.Instance, new Timeline(TimeProvider.System));

        var failure = Assert.IsType<ImdsFailure>(await ReadAsync(imds, ImdsKey.Mac));

        Assert.Contains("AWS_EC2_METADATA_DISABLED", failure.Diagnostic.Message);
        Assert.Empty(simulator.Calls.All);
    }

    [Theory]
    [InlineData("", "http://169.254.169.254/ http://[fd00:ec2::254]/")]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6", "http://[fd00:ec2::254]/")]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv4", "http://169.254.169.254/")]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1234", "http://127.0.0.1:1234/")]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://host/base;AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6", "http://host/base/")]
    public void The_environment_says_where_imds_is(string variables, string endpoints) =>
        Assert.Equal(endpoints, string.Join(' ', ImdsOptions.FromEnvironment(Environment(variables)).Endpoints.Select(e => e.AbsoluteUri)));

    [Theory]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT=169.254.169.254")]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT=https://host")]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=dual")]
    public void A_wrong_endpoint_is_an_error_that_names_the_variable(string variables)
    {
        var e = Assert.Throws<DiagnosticException>(() => ImdsOptions.FromEnvironment(Environment(variables)));

        Assert.Equal(DiagnosticCatalogue.ImdsEndpointInvalid.Code, e.Diagnostic.Code);
        Assert.Contains(variables.Split('=')[0], e.Diagnostic.Message);
    }

    private static AwsEnvironment Environment(string variables) =>
        new(variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]));

    private static Task<ImdsReading> ReadAsync(ImdsClient imds, ImdsKey key) => imds.ReadAsync(key, imds.NewDeadline(), TestContext.Current.CancellationToken);

    // Brief: for what goes on until the deadline. What is to succeed has time, however busy the machine.
    private static ImdsClient Client(Uri endpoint, Uri? other = null, TimeProvider? clock = null, bool brief = false)
    {
        var options = new ImdsOptions
        {
            Endpoints = other is null ? [endpoint] : [endpoint, other],
            Deadline = TimeSpan.FromSeconds(brief ? 3 : 20),
            TokenTimeout = TimeSpan.FromSeconds(brief ? 1.5 : 10),
            FirstWait = TimeSpan.FromMilliseconds(10),
            LongestWait = TimeSpan.FromMilliseconds(50),
        };
        clock ??= TimeProvider.System;
        return new ImdsClient(options, new HttpSender(new HttpSenderOptions(), clock), clock, new Random(1), NoLog.Instance, new Timeline(clock));
    }

    private sealed class SimulatorClockLike : TimeProvider
    {
        private long ahead;

        public void Advance(TimeSpan time) => Interlocked.Add(ref ahead, (long)(time.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref ahead);
    }
}
