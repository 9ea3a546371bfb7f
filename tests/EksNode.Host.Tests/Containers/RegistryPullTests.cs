using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Logging;
using EksNode.Host.Services;
using EksNode.Planning;
using EksNode.Planning.Containerd;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Containers;

/// <summary>containerd reads what is planned for <c>spec.registries</c>, and images are pulled through it.</summary>
public sealed class RegistryPullTests
{
    private const string Key = "a secret 'key' with \"quotes\"";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_comes_from_the_second_mirror_with_its_header_and_by_the_name_of_its_registry()
    {
        await using var containerd = await RealContainerd.StartAsync(Cancellation);
        await using var registry = await ImageRegistry.StartAsync();
        registry.Key = Key;
        Write(containerd, "registry.example.com:5000", Mirror("http://127.0.0.1:9", ""), Mirror(registry.Url, Key));
        const string Image = "registry.example.com:5000/team/app:1";

        var pulled = await PullAsync(containerd, Image);
        Assert.Null(pulled.Problem);
        Assert.Equal("pulled", pulled.State);
        Assert.True(pulled.Bytes > 0);
        Assert.All(registry.Requests, r => Assert.EndsWith("?ns=registry.example.com%3A5000", r, StringComparison.Ordinal));
        Assert.Contains(registry.Requests, r => r.StartsWith("GET /v2/team/app/blobs/sha256:", StringComparison.Ordinal));

        var requests = registry.Requests.Count;
        Assert.Equal("present", (await PullAsync(containerd, Image)).State);
        Assert.Equal(requests, registry.Requests.Count);
    }

    [Fact]
    public async Task All_other_registries_have_the_default_mirror_and_what_is_not_there_or_forbidden_is_not_tried_again()
    {
        await using var containerd = await RealContainerd.StartAsync(Cancellation);
        await using var registry = await ImageRegistry.StartAsync();
        registry.Key = Key;
        Write(containerd, "_default", Mirror(registry.Url, Key), server: registry.Url);
        Assert.Equal("pulled", (await PullAsync(containerd, "other.example.com/team/app:1")).State);

        var missing = await PullAsync(containerd, "other.example.com/team/app:2");
        Assert.Equal("failed", missing.State);
        Assert.True(missing.Duration < TimeSpan.FromSeconds(30), $"{missing.Problem} after {missing.Duration}");

        Write(containerd, "closed.example.com", Mirror(registry.Url, "wrong"), server: registry.Url);
        var closed = await PullAsync(containerd, "closed.example.com/team/app:1");
        Assert.Contains("403", closed.Problem, StringComparison.Ordinal);
        Assert.True(closed.Duration < TimeSpan.FromSeconds(30), $"{closed.Problem} after {closed.Duration}");
    }

    private static async Task<PullOutcome> PullAsync(RealContainerd containerd, string image)
    {
        using CriClient cri = new(containerd.Socket, TimeProvider.System);
        ImagePuller puller = new(cri, (_, _) => Task.FromResult<RegistryPassword?>(null), NoLog.Instance, TimeProvider.System);
        return await puller.PullAsync(image, new Deadline(TimeSpan.FromMinutes(2), TimeProvider.System), Cancellation);
    }

    private static RegistryMirror Mirror(string url, string key) => new()
    {
        Url = Value(url),
        Headers = SortedMap.Empty<Sourced<Secret>>().Add("X-Key", Value(new Secret(key))),
    };

    private static void Write(RealContainerd containerd, string host, params RegistryMirror[] mirrors) => Write(containerd, host, mirrors, null);

    private static void Write(RealContainerd containerd, string host, RegistryMirror mirror, string server) => Write(containerd, host, [mirror], server);

    private static void Write(RealContainerd containerd, string host, RegistryMirror[] mirrors, string? server)
    {
        var settings = new RegistrySettings { Mirrors = Value(ImmutableArray.Create(mirrors)), Server = server is null ? null : Value(server) };
        var config = new NodeConfig { Registries = SortedMap.Empty<RegistrySettings>().Add(host, settings) };
        foreach (var file in new RegistriesComponent().Plan(new PlanContext(config, new NodeFacts(), null!, new DiagnosticBag())).OfType<FileResource>())
        {
            var path = containerd.At("certs.d") + file.Path[RegistriesComponent.Folder.Length..];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, [.. file.Content]);
        }
    }

    private static Sourced<T> Value<T>(T value) => new(value, Origin.Default("a test"));
}
