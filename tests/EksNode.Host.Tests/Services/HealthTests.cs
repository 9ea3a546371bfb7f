using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Host.Services;
using EksNode.Host.Tests.Files;
using EksNode.Host.Tests.Http;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Services;

/// <summary>The questions to the kubelet and to the API server, and what they make of answers that are none.</summary>
public sealed class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "")]
    [InlineData("HTTP/1.1 500 Bad\r\nContent-Length: 0\r\n\r\n", "answers with status 500")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", "answers with status 302")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "the connection ended before the answer was complete")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "the answer is longer than 65536 bytes")]
    [InlineData("SSH-2.0-x\r\n\r\n", "what came is not an HTTP answer")]
    [InlineData("", "the connection ended before the answer was complete")]
    public async Task The_kubelet_is_healthy_only_when_it_says_so(string answer, string why)
    {
        await using var server = RawServer.Sending(answer);
        var health = await AskAsync(server.Url.Port);
        Assert.Equal(why.Length == 0, health.IsHealthy);
        Assert.EndsWith(why, health.Why, StringComparison.Ordinal);
        // A connection that ends before any answer is tried again by the HTTP client itself.
        Assert.All(server.Requests, r => Assert.StartsWith("GET /healthz HTTP/1.1\r\n", r, StringComparison.Ordinal));
        Assert.True(server.Requests.Count == 1 || answer.Length == 0);
    }

    [Fact]
    public async Task A_kubelet_that_hangs_is_given_up()
    {
        await using var server = new RawServer((_, _, cancel) => Task.Delay(Timeout.Infinite, cancel));
        var began = DateTime.UtcNow;
        var health = await AskAsync(server.Url.Port);
        Assert.EndsWith("no answer within 5 s", health.Why, StringComparison.Ordinal);
        Assert.True(DateTime.UtcNow - began < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Nothing_that_listens_is_not_healthy()
    {
        int port;
        await using (var server = RawServer.Sending(""))
        {
            port = server.Url.Port;
        }

        Assert.EndsWith("connection refused", (await AskAsync(port)).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", null, "", "http://127.0.0.1:10248/healthz", null)]
    [InlineData("""{"healthzPort":10300,"healthzBindAddress":"0.0.0.0"}""", null, "", "http://127.0.0.1:10300/healthz", null)]
    [InlineData("""{"healthzPort":10300}""", "healthzPort: 10301\nhealthzBindAddress: \"::\"\n", "", "http://[::1]:10301/healthz", null)]
    [InlineData("""{"healthzPort":10300}""", "healthzPort: 10301\n", "--a --healthz-port=10302 --healthz-bind-address 10.0.0.7", "http://10.0.0.7:10302/healthz", null)]
    [InlineData("""{"healthzPort":0}""", null, "--hostname-override=one --hostname-override=Two", null, "two")]
    [InlineData("not { json", null, "", "http://127.0.0.1:10248/healthz", null)]
    public void The_health_endpoint_is_where_the_kubelets_files_say(string config, string? dropIn, string flags, string? address, string? name)
    {
        using var host = new TestRoot();
        host.Write(NodePaths.KubeletConfig, config).Write(NodePaths.KubeletEnvironment, $"A=b\nNODEADM_KUBELET_ARGS={flags}");
        if (dropIn is not null)
        {
            host.Write(NodePaths.KubeletConfigDropIns + "/50-mine.conf", dropIn).Write(NodePaths.KubeletConfigDropIns + "/60-not.txt", "healthzPort: 1\n");
        }

        using var root = host.Open();
        var settings = KubeletSettings.Read(root, NoLog.Instance);
        Assert.Equal(address, settings.HealthzUri?.AbsoluteUri);
        Assert.Equal(name, settings.NodeName);
    }

    [Theory]
    [InlineData("""{"status":{"conditions":[{"type":"Ready","status":"True","lastHeartbeatTime":"2026-01-02T03:04:05Z"}]}}""", "")]
    [InlineData("""{"status":{"conditions":[{"type":"Ready","status":"True","lastHeartbeatTime":"2026-01-02T03:03:59Z"}]}}""", "its condition is from before the kubelet was started")]
    [InlineData("""{"status":{"conditions":[{"type":"Ready","status":"False","message":"cni plugin not initialized"}]}}""", "cni plugin not initialized")]
    [InlineData("""{"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""", "its condition Ready is not True")]
    [InlineData("""{"status":{"conditions":[{"type":"DiskPressure","status":"True"}]}}""", "the kubelet has not told its condition")]
    [InlineData("""{"status":{}}""", "the kubelet has not told its condition")]
    [InlineData("""{"status":{"conditions":[{}]}}""", "the API server's answer is no Node")]
    [InlineData("""{"status":7}""", "the API server's answer is no Node")]
    [InlineData("[]", "the API server's answer is no Node")]
    [InlineData("<html>", "the API server's answer is no Node")]
    public void A_Node_is_Ready_when_the_kubelet_that_runs_says_so(string node, string why)
    {
        var health = NodeReadiness.Judge(Encoding.UTF8.GetBytes(node), new DateTimeOffset(2026, 1, 2, 3, 4, 5, 900, TimeSpan.Zero));
        Assert.Equal((why.Length == 0, why), (health.IsHealthy, health.Why));
    }

    [Theory]
    [InlineData("404 Not Found", "the kubelet has not registered it")]
    [InlineData("401 Unauthorized", "the API server does not accept this instance's role (401)")]
    [InlineData("403 Forbidden", "the API server does not let this instance's role read its Node (403)")]
    [InlineData("301 Moved", "the API server answers with status 301")]
    public async Task What_the_API_server_refuses_is_told(string status, string why)
    {
        await using var server = RawServer.Sending($"HTTP/1.1 {status}\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n");
        using var sender = new HttpSender(new HttpSenderOptions(), TimeProvider.System);
        var readiness = new NodeReadiness(
            sender, server.Url, "ip-10-0-0-1.ec2.internal", _ => Task.FromResult<Secret?>(new Secret("k8s-aws-v1.x")), _ => Task.FromResult(DateTimeOffset.UnixEpoch));
        Assert.StartsWith(why, (await readiness.AskAsync(Cancellation)).Why, StringComparison.Ordinal);
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("GET /api/v1/nodes/ip-10-0-0-1.ec2.internal HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer k8s-aws-v1.x\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_not_there_yet_are_a_reason_to_wait()
    {
        using var sender = new HttpSender(new HttpSenderOptions(), TimeProvider.System);
        var readiness = new NodeReadiness(
            sender,
            new Uri("https://127.0.0.1:1"),
            "n",
            _ => throw new DiagnosticException(DiagnosticCatalogue.CredentialsMissing, "There are no credentials.", "Wait."),
            _ => Task.FromResult(DateTimeOffset.UnixEpoch));
        Assert.Equal(Health.Bad("There are no credentials"), await readiness.AskAsync(Cancellation));
    }

    private static async Task<Health> AskAsync(int port)
    {
        using var sender = new HttpSender(new HttpSenderOptions(), TimeProvider.System);
        return await new KubeletHealth(sender, () => new KubeletSettings(port, System.Net.IPAddress.Loopback, null)).AskAsync(Cancellation);
    }
}
