using System.Text.Json;
using EksNode.Host.Containers;
using EksNode.Host.Tests.Containers;
using EksNode.Simulation;

namespace EksNode.Tests.Wire;

/// <summary><c>eksnode pull</c>, the published executable, with a real containerd and a registry on loopback.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private const string EcrImage = "111122223333.dkr.ecr.us-west-2.amazonaws.com/team/app:1";

    private ImageRegistry registry = null!;
    private SimulatedNode? node;
    private RealContainerd? containerd;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => registry = await ImageRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (containerd is not null)
        {
            await containerd.DisposeAsync();
        }

        if (node is not null)
        {
            await node.DisposeAsync();
        }

        await registry.DisposeAsync();
    }

    [Fact]
    public async Task An_image_is_pulled_once_and_nothing_of_progress_is_said_off_a_terminal()
    {
        await StartAsync();
        var image = registry.Host + "/team/app:1";
        var first = (await PullAsync("--output", "json", image)).Expect(0);
        var pulled = Assert.Single(first.Json.GetProperty("images").EnumerateArray());
        Assert.Equal((image, "pulled"), (Text(pulled, "image"), Text(pulled, "state")));
        Assert.True(pulled.GetProperty("bytes").GetInt64() > 0);
        Assert.True(pulled.GetProperty("seconds").GetDouble() > 0);
        Assert.Empty(first.Json.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal("", first.Stderr);

        var requests = registry.Requests.Count;
        var second = (await PullAsync(image)).Expect(0);
        Assert.StartsWith("present ", second.Stdout, StringComparison.Ordinal);
        Assert.EndsWith("  " + image + "\n", second.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', second.Everything);
        Assert.Equal("", second.Stderr);
        Assert.Equal(requests, registry.Requests.Count);
    }

    [Theory]
    [InlineData("Team/App")]
    [InlineData("")]
    [InlineData("team/app:")]
    [InlineData("team/app@sha256:12")]
    [InlineData("https://registry.example.com/team/app")]
    [InlineData("a b")]
    public async Task A_name_that_is_none_is_refused_before_anything_is_asked(string image)
    {
        node = await SimulatedNode.StartAsync((string?)null);
        var refused = (await node.RunPlainAsync(["pull", "--socket", "/no/such/socket", image, registry.Host + "/team/app:1"])).Expect(2);
        Assert.Contains("EKN", refused.Stderr, StringComparison.Ordinal);
        Assert.Equal("", refused.Stdout);
        Assert.Empty(node.Simulator.Calls.All);
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task What_cannot_be_pulled_is_named_and_what_can_is_pulled_all_the_same()
    {
        await StartAsync();
        string[] images = ["127.0.0.1:9/team/app:1", registry.Host + "/team/app:2", registry.Host + "/team/app:1"];
        var result = (await PullAsync(["--timeout", "15s", "--output", "json", .. images])).Expect(1);
        Assert.Equal(
            [(images[0], "failed"), (images[1], "failed"), (images[2], "pulled")],
            result.Json.GetProperty("images").EnumerateArray().Select(i => (Text(i, "image"), Text(i, "state"))));
        var errors = result.Json.GetProperty("diagnostics").EnumerateArray().ToArray();
        Assert.Equal(["EKN0875", "EKN0875"], errors.Select(e => Text(e, "code")));
        Assert.Contains(images[0], Text(errors[0], "message"), StringComparison.Ordinal);
        Assert.Contains("connection refused", Text(errors[0], "message"), StringComparison.Ordinal);
        Assert.Contains("not found", Text(errors[1], "message"), StringComparison.Ordinal);
        Assert.All(errors, e => Assert.Contains("spec.registries", Text(e, "help"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_wants_a_password_that_nobody_has_is_not_asked_again_and_again()
    {
        await StartAsync();
        registry.Allows = authorization => authorization is not null;
        var result = (await PullAsync(registry.Host + "/team/app:1")).Expect(1);
        Assert.Contains("EKN0875", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("pull access denied", result.Stderr, StringComparison.Ordinal);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(30), result.Elapsed.ToString());
    }

    [Fact]
    public async Task A_registry_that_stumbles_is_asked_again()
    {
        await StartAsync();
        for (var i = 0; i < 12; i++)
        {
            registry.Failures.Enqueue(503);
        }

        Assert.StartsWith("pulled ", (await PullAsync(registry.Host + "/team/app:1")).Expect(0).Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ECR_gets_the_password_of_the_nodes_own_role_and_nobody_sees_it()
    {
        await StartAsync();
        registry.Allows = authorization => node!.Simulator.RegistryPasswords.Any(p => authorization == ImageRegistry.Basic("AWS", p.Password));
        var hosts = containerd!.At("certs.d/" + EcrImage.Split('/')[0]);
        Directory.CreateDirectory(hosts);
        File.WriteAllText(Path.Combine(hosts, "hosts.toml"), $"server = \"http://{registry.Host}\"\n");
        var result = (await PullAsync("--log-level", "trace", EcrImage)).Expect(0);
        Assert.StartsWith("pulled ", result.Stdout, StringComparison.Ordinal);
        Assert.Single(node!.Simulator.Calls.Of("ecr:"));
        Assert.All(node.Simulator.Secrets, secret => Assert.DoesNotContain(secret, result.Everything, StringComparison.Ordinal));

        // Without the right, it is told what to look at.
        node.Simulator.Faults.Add("ecr:*=denied*");
        var denied = (await PullAsync("--timeout", "6s", EcrImage.Replace(":1", ":2", StringComparison.Ordinal))).Expect(1);
        Assert.Contains("EKN0875", denied.Stderr, StringComparison.Ordinal);
        Assert.Contains("role may pull from ECR", denied.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deadline_is_that_of_all_images_and_each_is_named_at_it()
    {
        await StartAsync();
        registry.Hangs = true;
        var images = new[] { registry.Host + "/team/app:1", registry.Host + "/team/other:1" };
        var result = (await PullAsync(["--timeout", "4s", "--output", "json", .. images])).Expect(1);
        Assert.InRange(result.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(30));
        Assert.Equal(images, result.Json.GetProperty("images").EnumerateArray().Select(i => Text(i, "image")));
        var errors = result.Json.GetProperty("diagnostics").EnumerateArray().ToArray();
        Assert.Equal(2, errors.Length);
        Assert.All(errors, e => Assert.EndsWith(" cannot be pulled: it was not there within 4 s.", Text(e, "message"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_runtime_that_is_not_there_is_waited_for_until_the_deadline()
    {
        node = await SimulatedNode.StartAsync((string?)null);
        var result = (await node.RunPlainAsync(["pull", "--timeout", "3s", "--socket", "/no/such/socket", registry.Host + "/team/app:1"])).Expect(1);
        Assert.Contains("EKN0875", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("/no/such/socket", result.Stderr, StringComparison.Ordinal);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(20), result.Elapsed.ToString());
    }

    [Fact]
    public async Task An_image_is_pinned_and_found_under_its_further_names()
    {
        await StartAsync();
        var image = registry.Host + "/team/app:1";
        (await PullAsync("--pin", "--alias", "registry.example.com/app:1", "--alias", "localhost/app", image)).Expect(0);
        using CriClient cri = new(containerd!.Socket, TimeProvider.System);
        foreach (var name in new[] { image, "registry.example.com/app:1", "localhost/app:latest" })
        {
            ContainerImage? found = null;
            for (var left = 200; found is not { Pinned: true } && left > 0; left--)
            {
                found = (await cri.ImageStatusAsync(name, CriClient.DefaultDeadline, Cancellation)).Value!.Images.SingleOrDefault();
                await Task.Delay(50, Cancellation);
            }

            Assert.True(found?.Pinned, name);
        }

        var requests = registry.Requests.Count;
        Assert.StartsWith("present ", (await PullAsync("registry.example.com/app:1")).Expect(0).Stdout, StringComparison.Ordinal);
        Assert.Equal(requests, registry.Requests.Count);
    }

    [Theory]
    [InlineData("is a name for one image", "--alias", "registry.example.com/app:1", "a.example.com/b", "c.example.com/d")]
    [InlineData("is no name of an image", "--alias", "B/", "a.example.com/b")]
    [InlineData("no image of a private registry of ECR", "--alias-region", "eu-west-1", "a.example.com/b")]
    public async Task A_further_name_that_makes_no_sense_is_refused_before_anything_is_asked(string why, params string[] arguments)
    {
        node = await SimulatedNode.StartAsync((string?)null);
        var refused = (await node.RunPlainAsync(["pull", "--socket", "/no/such/socket", .. arguments])).Expect(2);
        Assert.Contains(why, refused.Stderr, StringComparison.Ordinal);
    }

    private async Task StartAsync()
    {
        node = await SimulatedNode.StartAsync(new SimulatorOptions { UserData = null });
        containerd = await RealContainerd.StartAsync(Cancellation);
    }

    private Task<ProcessResult> PullAsync(params string[] arguments) => node!.RunPlainAsync(["pull", "--socket", containerd!.Socket, .. arguments]);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
