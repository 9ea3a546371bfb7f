using System.Text;
using EksNode.Host.Containers;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EksNode.Host.Tests.Containers;

public sealed class ContainerdClientTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_download_that_is_half_there_says_so_and_an_image_gets_a_pin_and_further_names()
    {
        await using var containerd = await RealContainerd.StartAsync(Cancellation);
        await using var registry = await ImageRegistry.StartAsync();
        TaskCompletionSource half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.Half = half.Task;
        using CriClient cri = new(containerd.Socket, TimeProvider.System);
        using ContainerdClient client = new(containerd.Socket, TimeProvider.System);
        Assert.Empty(await client.DownloadsAsync(Cancellation));
        var name = registry.Host + "/team/app:1";
        var pulling = cri.PullImageAsync(name, null, Deadline, Cancellation);
        ActiveDownload? seen = null;
        for (var began = TimeProvider.System.GetTimestamp(); seen is null && TimeProvider.System.GetElapsedTime(began) < Deadline;)
        {
            await Task.Delay(20, Cancellation);
            seen = (await client.DownloadsAsync(Cancellation)).SingleOrDefault(d => d.Digest == ImageArchive.Digest(registry.Layer));
        }

        half.SetResult();
        Assert.Equal(registry.Layer.Length, seen?.Total);
        Assert.InRange(seen!.Received, 0L, registry.Layer.Length / 2L);
        var pulled = await pulling;
        Assert.True(pulled.Fault is null, pulled.Detail);
        Assert.Empty(await client.DownloadsAsync(Cancellation));

        Assert.Null(await client.PinAsync(name, Cancellation));
        Assert.Null(await client.AliasAsync(name, "registry.example.com/team/app:1", isPinned: true, Cancellation));
        Assert.Null(await client.AliasAsync(name, "registry.example.com/team/app:1", isPinned: true, Cancellation));
        Assert.Null(await client.AliasAsync(name, "registry.example.com/team/plain:1", isPinned: false, Cancellation));
        foreach (var each in new[] { name, "registry.example.com/team/app:1", "registry.example.com/team/plain:1" })
        {
            // containerd's CRI plugin learns of a change by an event.
            ContainerImage? image = null;
            for (var began = TimeProvider.System.GetTimestamp(); image is not { Pinned: true } && TimeProvider.System.GetElapsedTime(began) < Deadline;)
            {
                image = (await cri.ImageStatusAsync(each, Deadline, Cancellation)).Value!.Images.SingleOrDefault();
                await Task.Delay(20, Cancellation);
            }

            Assert.True(image?.Pinned, each);
        }
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_pinned_or_named()
    {
        await using var containerd = await RealContainerd.StartAsync(Cancellation);
        using ContainerdClient client = new(containerd.Socket, TimeProvider.System);
        const string Why = "containerd does not know registry.example.com/none:1";
        Assert.Equal(Why, await client.PinAsync("registry.example.com/none:1", Cancellation));
        Assert.Equal(Why, await client.AliasAsync("registry.example.com/none:1", "a.example.com/b:1", isPinned: false, Cancellation));
    }

    [Fact]
    public async Task Downloads_are_read_and_asked_for_in_the_kubelets_namespace()
    {
        // As protoc encodes a Status with a start, ref "layer-sha256:ab", offset 300, total 301.
        var status = "0A020801" + "1A0F" + Convert.ToHexString(Encoding.UTF8.GetBytes("layer-sha256:ab")) + "20AC02" + "28AD02";
        await using var runtime = await FakeRuntime.StartAsync((_, _) => Task.FromResult(FakeAnswer.Of($"0A{status.Length / 2:X2}{status}")), HttpProtocols.Http2);
        using ContainerdClient client = new(runtime.Socket, TimeProvider.System);
        var download = Assert.Single(await client.DownloadsAsync(Cancellation));
        Assert.Equal(("sha256:ab", 300L, 301L), (download.Digest, download.Received, download.Total));
        Assert.Equal("k8s.io", Assert.Single(runtime.Namespaces));
    }
}
