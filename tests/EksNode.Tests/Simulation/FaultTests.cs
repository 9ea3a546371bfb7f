using System.Net;
using EksNode.Simulation;
using EksNode.Simulation.Faults;

namespace EksNode.Tests.Simulation;

public sealed class FaultTests
{
    [Fact]
    public void A_script_is_a_queue_per_call_and_then_all_is_well()
    {
        var script = new FaultScript();
        script.Add("imds:mac=503*2,ok,delay:5; imds:*=404");

        Assert.Equal(new FaultStep(FaultKind.Status, 503), script.Next("imds:mac"));
        Assert.Equal(new FaultStep(FaultKind.Status, 503), script.Next("imds:mac"));
        Assert.Null(script.Next("imds:mac"));
        Assert.Equal(new FaultStep(FaultKind.Delay, 5), script.Next("imds:mac"));
        Assert.Equal(new FaultStep(FaultKind.Status, 404), script.Next("imds:mac"));
        Assert.Null(script.Next("imds:mac"));
        Assert.Equal(4, script.Fired("imds:mac"));
    }

    [Theory]
    [InlineData("imds:mac")]
    [InlineData("imds:mac=unknown")]
    [InlineData("imds:mac=delay")]
    [InlineData("imds:mac=reset*many")]
    public void A_script_that_means_nothing_is_an_error(string script) => Assert.Throws<FormatException>(() => new FaultScript().Add(script));

    [Theory]
    [InlineData("reset")]
    [InlineData("truncated")]
    public async Task A_connection_that_breaks_breaks_for_the_caller_and_heals(string fault)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { Faults = [$"imds:token={fault}"] });
        await Assert.ThrowsAsync<HttpRequestException>(() => TokenAsync(client, simulator));
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(client, simulator));
        Assert.Equal(1, simulator.Faults.Fired("imds:token"));
    }

    [Theory]
    [InlineData("500", HttpStatusCode.InternalServerError)]
    [InlineData("throttle", HttpStatusCode.ServiceUnavailable)]
    [InlineData("garbage", HttpStatusCode.OK)]
    [InlineData("delay:20", HttpStatusCode.OK)]
    public async Task A_fault_is_answered_in_the_shape_of_the_service_and_logged(string fault, HttpStatusCode expected)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { Faults = [$"imds:token={fault}"] });
        Assert.Equal(expected, await TokenAsync(client, simulator));
        Assert.NotNull(Assert.Single(simulator.Calls.All).Fault);
    }

    [Fact]
    public async Task A_hanging_call_does_not_keep_the_simulator_from_stopping()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var simulator = await Simulator.StartAsync(new SimulatorOptions { Faults = ["imds:token=hang"] });
        var hanging = TokenAsync(client, simulator);
        await simulator.Calls.WaitForAsync("imds:token", TimeSpan.FromSeconds(30));

        await simulator.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Theory]
    [InlineData("u:p", HttpStatusCode.OK, true)]
    [InlineData("u:wrong", HttpStatusCode.ProxyAuthenticationRequired, false)]
    public async Task The_proxy_records_what_goes_through_it(string credentials, HttpStatusCode expected, bool arrives)
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { Proxy = true, ProxyCredentials = "u:p" });
        var parts = credentials.Split(':');
        using var handler = new SocketsHttpHandler
        {
            Proxy = new WebProxy(simulator.Proxy.Url) { Credentials = new NetworkCredential(parts[0], parts[1]) },
            PreAuthenticate = true,
        };
        using var client = new HttpClient(handler);
        using var request = TestSigner.Form(
            new Uri("http://sts.us-west-2.example.test/"), "Action=GetCallerIdentity&Version=2011-06-15", simulator.Credentials.IssueTemporary(), "sts");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains(simulator.Proxy.Requests, proxied => proxied is { Method: "POST", Target: "http://sts.us-west-2.example.test/" });
        Assert.Equal(arrives, simulator.Calls.All.Any(call => call is { Name: "sts:GetCallerIdentity", Proxied: true }));
    }

    private static async Task<HttpStatusCode> TokenAsync(HttpClient client, Simulator simulator)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(simulator.ImdsUrl, "/latest/api/token"));
        request.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", "60");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
