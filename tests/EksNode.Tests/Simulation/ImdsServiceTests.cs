using System.Net;
using System.Text.Json;
using EksNode.Simulation;

namespace EksNode.Tests.Simulation;

public sealed class ImdsServiceTests
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task An_instance_tells_who_it_is_to_the_holder_of_a_token()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { InstanceType = "c7g.large", UserData = "hello"u8.ToArray() });
        var token = await TokenAsync(simulator);

        Assert.Equal("hello", await GetAsync(simulator, token, "/latest/user-data"));
        Assert.Equal("06:5f:2b:8c:1d:3e", await GetAsync(simulator, token, "/latest/meta-data/mac"));
        Assert.Equal("0", await GetAsync(simulator, token, "/latest/meta-data/network/interfaces/macs/06:5f:2b:8c:1d:3e/device-number"));
        Assert.Equal("06:5f:2b:8c:1d:3e/", await GetAsync(simulator, token, "/latest/meta-data/network/interfaces/macs/"));
        Assert.Equal("us-west-2a", await GetAsync(simulator, token, "/2021-07-15/meta-data/placement/availability-zone"));
        Assert.Contains("iam/", (await GetAsync(simulator, token, "/latest/meta-data/")).Split('\n'));
        using var identity = JsonDocument.Parse(await GetAsync(simulator, token, "/latest/dynamic/instance-identity/document"));
        Assert.Equal("c7g.large", identity.RootElement.GetProperty("instanceType").GetString());
        Assert.Equal("arm64", identity.RootElement.GetProperty("architecture").GetString());
        var role = await GetAsync(simulator, token, "/latest/meta-data/iam/security-credentials/");
        using var credentials = JsonDocument.Parse(await GetAsync(simulator, token, $"/latest/meta-data/iam/security-credentials/{role}"));
        Assert.StartsWith("ASIA", credentials.RootElement.GetProperty("AccessKeyId").GetString());
        Assert.Equal(
            ["imds:token", "imds:user-data", "imds:mac", "imds:macs/device-number"], simulator.Calls.All.Take(4).Select(call => call.Name));
    }

    [Fact]
    public async Task The_host_name_of_DHCP_is_not_the_private_DNS_name()
    {
        await using var simulator = await Simulator.StartAsync();
        var name = await GetAsync(simulator, await TokenAsync(simulator), "/latest/meta-data/local-hostname");
        Assert.Equal("ip-10-0-12-34.corp.example.com", name);
    }

    [Theory]
    [InlineData("/latest/user-data")]
    [InlineData("/latest/meta-data/no-such-thing")]
    [InlineData("/latest/meta-data/network/interfaces/macs/06:5f:2b:8c:1d:3e/ipv6s")]
    [InlineData("/latest/meta-data/tags/instance")]
    public async Task What_an_instance_does_not_have_is_not_found(string path)
    {
        await using var simulator = await Simulator.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(simulator, await TokenAsync(simulator), path));
    }

    [Fact]
    public async Task A_token_ends_with_its_time_to_live()
    {
        await using var simulator = await Simulator.StartAsync();
        var token = await TokenAsync(simulator, "60");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(simulator, token, "/latest/meta-data/mac"));

        simulator.ImdsClock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(simulator, token, "/latest/meta-data/mac"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(simulator, "made-up", "/latest/meta-data/mac"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(simulator, null, "/latest/meta-data/mac"));
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.BadRequest)]
    [InlineData("0", null, HttpStatusCode.BadRequest)]
    [InlineData("21601", null, HttpStatusCode.BadRequest)]
    [InlineData("soon", null, HttpStatusCode.BadRequest)]
    [InlineData("21600", "10.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("21600", null, HttpStatusCode.OK)]
    public async Task A_token_is_given_for_a_valid_time_to_live_and_not_through_a_reverse_proxy(string? ttl, string? forwardedFor, HttpStatusCode expected)
    {
        await using var simulator = await Simulator.StartAsync();
        using var request = TokenRequest(simulator, ttl);
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Disabled_refuses_everything()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { ImdsMode = ImdsMode.Disabled });
        using var response = await Client.SendAsync(TokenRequest(simulator, "60"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task One_hop_too_far_the_answer_with_the_token_never_arrives()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { ImdsMode = ImdsMode.HopLimitReached });
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = Client.SendAsync(TokenRequest(simulator, "60"), deadline.Token);
        await simulator.Calls.WaitForAsync("imds:token", TimeSpan.FromSeconds(30));
        deadline.CancelAfter(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Null(Assert.Single(simulator.Calls.All).Answered);
    }

    [Fact]
    public async Task It_listens_on_IPv6_when_asked()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { ImdsOnIpv6 = true });
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(simulator.ImdsIpv6Url, "/latest/api/token"));
        request.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", "60");
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("[::1]", simulator.ImdsIpv6Url.Host);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Round_trips_that_wait_for_each_other_are_told_from_those_made_at_once()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions { Faults = ["imds:*=delay:200*"] });
        var token = await TokenAsync(simulator);
        await Task.WhenAll(new[] { "mac", "instance-id", "local-ipv4" }.Select(item => GetAsync(simulator, token, "/latest/meta-data/" + item)));
        await GetAsync(simulator, token, "/latest/meta-data/instance-type");

        Assert.Equal(5, simulator.Calls.Count("imds:"));
        Assert.Equal(3, simulator.Calls.SequentialRoundTrips("imds:"));
    }

    private static HttpRequestMessage TokenRequest(Simulator simulator, string? ttl)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, new Uri(simulator.ImdsUrl, "/latest/api/token"));
        if (ttl is not null)
        {
            request.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", ttl);
        }

        return request;
    }

    private static async Task<string> TokenAsync(Simulator simulator, string ttl = "21600")
    {
        using var response = await Client.SendAsync(TokenRequest(simulator, ttl), TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> SendAsync(Simulator simulator, string? token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(simulator.ImdsUrl, path));
        if (token is not null)
        {
            request.Headers.Add("X-aws-ec2-metadata-token", token);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> StatusAsync(Simulator simulator, string? token, string path)
    {
        using var response = await SendAsync(simulator, token, path);
        return response.StatusCode;
    }

    private static async Task<string> GetAsync(Simulator simulator, string token, string path)
    {
        using var response = await SendAsync(simulator, token, path);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
