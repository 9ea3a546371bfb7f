using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EksNode.Simulation.Kubernetes;

namespace EksNode.Tests.Wire;

/// <summary>A node that was joined, and whose services run; it is booted once for all tests of the class.</summary>
public sealed class VerifiedNode : IAsyncLifetime
{
    internal SimulatedMachine? Machine { get; private set; }

    /// <summary>Where the kubelet is asked.</summary>
    internal int Port { get; } = SimulatedMachine.FreePort();

    /// <summary>Of a cluster that is not the node's.</summary>
    internal ClusterAuthority Stranger { get; } = new("stranger");

    public async ValueTask InitializeAsync()
    {
        if (SimulatedMachine.Missing is not null)
        {
            return;
        }

        Machine = await SimulatedMachine.PrepareAsync();
        Machine.Systemd.Write("/etc/test/node.yaml", Machine.Configuration(kubelet: string.Create(CultureInfo.InvariantCulture, $", port: {Port}")));
        await Machine.Systemd.BootAsync();
        await Machine.ExpectAsync(0, "join", "--no-start", "-c", "/etc/test/node.yaml");
        await Machine.SystemctlAsync("daemon-reload");
        await Machine.SystemctlAsync("start", "containerd.service", "kubelet.service");
    }

    public async ValueTask DisposeAsync()
    {
        Stranger.Dispose();
        if (Machine is not null)
        {
            await Machine.DisposeAsync();
        }
    }
}

/// <summary>verify asks the running kubelet for its configuration, over TLS and with the node's token, and compares it with the plan.</summary>
public sealed class RunningKubeletTests(VerifiedNode node) : IClassFixture<VerifiedNode>
{
    // A question has 10 s; this leaves room for a busy machine, and none for a second question.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);
    private static readonly JsonSchema Schema = JsonSchema.Of("verify.schema.json");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kubelet_that_runs_what_is_planned_is_no_finding()
    {
        await using var port = Listen();
        port.Answer = KubeletPort.Text(200, Answer(_ => { }));
        var found = await VerifyAsync(0);
        Assert.Empty(found.Json.GetProperty("kubelet").EnumerateArray());
        Assert.DoesNotContain(found.Json.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("code").GetString()!.StartsWith("EKN093", StringComparison.Ordinal));
        var (line, authorization) = Assert.Single(port.Requests);
        Assert.Equal("GET /configz HTTP/1.1", line);
        Assert.StartsWith("Bearer k8s-aws-v1.", authorization, StringComparison.Ordinal);
        Assert.StartsWith("No drift", (await Machine().ExpectAsync(0, "verify", "-c", "/etc/test/node.yaml")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_runs_otherwise_is_named_with_both_values()
    {
        await using var port = Listen();
        port.Answer = KubeletPort.Text(200, Answer(kubelet =>
        {
            kubelet["maxPods"] = 58;
            kubelet["evictionHard"]!["memory.available"] = "200Mi";
            kubelet["clusterDomain"] = null;
            kubelet["staticPodURL"] = "https://pods.example";
            kubelet["staticPodURLHeader"] = new JsonObject { ["Authorization"] = new JsonArray("Bearer canary-4711") };
        }));
        var found = await VerifyAsync(3);
        var kubelet = found.Json.GetProperty("kubelet").EnumerateArray().ToDictionary(k => k.GetProperty("setting").GetString()!);
        Assert.Equal(
            ["clusterDomain", "evictionHard.memory.available", "maxPods", "staticPodURL", "staticPodURLHeader.Authorization"],
            kubelet.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("29", "58"), (Text(kubelet["maxPods"], "planned"), Text(kubelet["maxPods"], "running")));
        Assert.Contains("/etc/test/node.yaml:", Text(kubelet["maxPods"], "decidedBy"), StringComparison.Ordinal);
        Assert.Equal(("\"100Mi\"", "\"200Mi\""), (Text(kubelet["evictionHard.memory.available"], "planned"), Text(kubelet["evictionHard.memory.available"], "running")));
        Assert.False(kubelet["clusterDomain"].TryGetProperty("running", out _));
        Assert.False(kubelet["staticPodURL"].TryGetProperty("planned", out _));
        Assert.DoesNotContain("canary-4711", found.Everything, StringComparison.Ordinal);

        var text = await Machine().ExpectAsync(3, "verify", "-c", "/etc/test/node.yaml");
        var line = Assert.Single(text.Output.Split('\n'), l => l.Contains("maxPods", StringComparison.Ordinal));
        Assert.Contains("29", line, StringComparison.Ordinal);
        Assert.Contains("58", line, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-4711", text.Output + text.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "EKN0930")]
    [InlineData(403, "EKN0930")]
    [InlineData(404, "EKN0931")]
    [InlineData(500, "EKN0931")]
    [InlineData(302, "EKN0931")]
    public async Task A_refusal_is_told_and_is_neither_drift_nor_agreement(int status, string code)
    {
        await using var port = Listen();
        port.Answer = KubeletPort.Text(status, "no");
        var diagnostic = await NotComparedAsync(code);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"status {status}"), diagnostic, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("{\"kubeletconfig\":")]
    [InlineData("{\"kubeletconfig\":5}")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\0\u0001{")]
    public async Task What_is_no_configuration_is_told(string body)
    {
        await using var port = Listen();
        port.Answer = KubeletPort.Text(200, body);
        await NotComparedAsync("EKN0931");
    }

    [Fact]
    public async Task An_answer_nested_without_an_end_is_told()
    {
        await using var port = Listen();
        port.Answer = KubeletPort.Text(200, "{\"kubeletconfig\":{\"a\":" + new string('[', 400_000));
        await NotComparedAsync("EKN0931");
    }

    [Fact]
    public async Task Nobody_who_listens_is_told()
    {
        _ = Machine();
        await NotComparedAsync("EKN0931");
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("byte by byte")]
    [InlineData("silent before TLS")]
    public async Task The_wait_for_a_slow_answer_is_bounded(string how)
    {
        await using var port = Listen();
        if (how == "silent before TLS")
        {
            // It waits for a request in the clear that never ends.
            port.Certificate = null;
        }

        port.Answer = async (stream, cancellation) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), cancellation);
            while (true)
            {
                await Task.Delay(500, cancellation);
                if (how == "byte by byte")
                {
                    await stream.WriteAsync(" "u8.ToArray(), cancellation);
                    await stream.FlushAsync(cancellation);
                }
            }
        };
        var began = Stopwatch.GetTimestamp();
        await NotComparedAsync("EKN0931");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Bound);
    }

    [Theory]
    [InlineData("Content-Length: 10000000000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task An_answer_without_an_end_is_not_read_to_it(string length)
    {
        await using var port = Listen();
        var written = 0L;
        port.Answer = async (stream, cancellation) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{length}\r\n\r\n"), cancellation);
            var block = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 0x10000) + "\r\n");
            while (true)
            {
                await stream.WriteAsync(block, cancellation);
                written += block.Length;
            }
        };
        var began = Stopwatch.GetTimestamp();
        await NotComparedAsync("EKN0931");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Bound);
        Assert.InRange(written, 0, 16 << 20);
    }

    [Fact]
    public async Task Who_shows_no_certificate_of_the_cluster_or_of_the_kubelet_gets_no_token()
    {
        await using var port = Listen();
        port.Answer = KubeletPort.Text(200, Answer(_ => { }));
        port.Certificate = node.Stranger.IssueServer("system:node", [], [IPAddress.Loopback]);
        await NotComparedAsync("EKN0931");
        port.Certificate = Machine().Authority.IssueServer("system:node", [], [IPAddress.Parse("10.0.0.1")]);
        await NotComparedAsync("EKN0931");
        port.Certificate = null;
        await NotComparedAsync("EKN0931");
        Assert.DoesNotContain(port.Requests, r => r.Authorization.Length > 0);

        // What the kubelet signed for itself is on the machine, for root alone to write.
        using var own = node.Stranger.IssueServer("system:node", [], [IPAddress.Loopback]);
        port.Certificate = own;
        Machine().Systemd.Write("/var/lib/kubelet/pki/kubelet.crt", node.Stranger.Pem);
        try
        {
            Assert.Empty((await VerifyAsync(0)).Json.GetProperty("kubelet").EnumerateArray());
        }
        finally
        {
            File.Delete(Machine().Systemd.HostPath("/var/lib/kubelet/pki/kubelet.crt"));
        }
    }

    [Fact]
    public async Task A_kubelet_that_wants_a_certificate_of_the_client_is_told()
    {
        await using var port = Listen();
        port.WantsClientCertificate = true;
        port.Answer = KubeletPort.Text(200, Answer(_ => { }));
        await NotComparedAsync("EKN0931");
        Assert.Empty(port.Requests);
    }

    [Fact]
    public async Task A_kubelet_that_does_not_run_is_not_asked()
    {
        await using var port = Listen();
        await Machine().SystemctlAsync("stop", "kubelet.service");
        try
        {
            var found = await VerifyAsync(3);
            Assert.False(found.Json.TryGetProperty("kubelet", out _));
            Assert.Empty(port.Requests);
        }
        finally
        {
            await Machine().SystemctlAsync("start", "kubelet.service");
        }
    }

    private SimulatedMachine Machine()
    {
        Assert.SkipUnless(SimulatedMachine.Missing is null, SimulatedMachine.Missing ?? "");
        return node.Machine!;
    }

    private KubeletPort Listen()
    {
        var machine = Machine();
        return new KubeletPort(node.Port) { Certificate = machine.Authority.IssueServer("system:node", [], [IPAddress.Loopback]) };
    }

    /// <summary>
    /// What a real kubelet of this minor told of itself when it was recorded, with everything that this node's files say otherwise.
    /// </summary>
    private string Answer(Action<JsonObject> change)
    {
        var recorded = Path.Combine(Repository.Root, "tests/EksNode.Planning.Tests/Kubelet/configz-recorded/plain@1.33");
        var answer = JsonNode.Parse(File.ReadAllText(Directory.GetFiles(recorded, "answer@*").Single()))!.AsObject();
        var kubelet = answer["kubeletconfig"]!.AsObject();
        // The recorded one was started with flags that let it run where it was recorded.
        kubelet.Remove("tlsCertFile");
        kubelet.Remove("tlsPrivateKeyFile");
        kubelet["cgroupsPerQOS"] = true;
        kubelet["enforceNodeAllocatable"] = new JsonArray("pods");
        kubelet["failSwapOn"] = true;
        foreach (var file in (string[])["config.json", "config.json.d/40-nodeadm.conf"])
        {
            foreach (var (key, value) in JsonNode.Parse(Machine().Read("/etc/kubernetes/kubelet/" + file))!.AsObject())
            {
                // Kubelets leave out a port of 0, and complete what they log with.
                if (key is not ("kind" or "apiVersion" or "logging" or "readOnlyPort"))
                {
                    kubelet[key] = value?.DeepClone();
                }
            }
        }

        change(kubelet);
        return answer.ToJsonString();
    }

    private async Task<(JsonElement Json, string Everything)> VerifyAsync(int exitCode)
    {
        var result = await Machine().ExpectAsync(exitCode, "verify", "-c", "/etc/test/node.yaml", "--output", "json");
        Assert.Empty(Schema.Violations(result.Output));
        var everything = result.Output + result.Error;
        Assert.All(Machine().Simulator.Secrets, secret => Assert.DoesNotContain(secret, everything, StringComparison.Ordinal));
        using var document = JsonDocument.Parse(result.Output);
        return (document.RootElement.Clone(), everything);
    }

    // The message of the diagnostic that says so; there is no other remark, and no comparison.
    private async Task<string> NotComparedAsync(string code)
    {
        var (json, _) = await VerifyAsync(0);
        Assert.False(json.TryGetProperty("kubelet", out _));
        var diagnostic = Assert.Single(json.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("code").GetString()!.StartsWith("EKN093", StringComparison.Ordinal));
        Assert.Equal(code, Text(diagnostic, "code"));
        Assert.False(string.IsNullOrEmpty(Text(diagnostic, "help")));
        return Text(diagnostic, "message");
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
