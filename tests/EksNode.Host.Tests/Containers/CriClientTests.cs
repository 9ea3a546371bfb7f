using System.Text;
using EksNode.Host.Containers;
using EksNode.Host.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EksNode.Host.Tests.Containers;

public sealed class CriClientTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_asked_and_read()
    {
        // As protoc encodes version "0.1.0", runtime_name "containerd", runtime_version "v2.1.5", runtime_api_version "v1".
        await using var runtime = await Fake(FakeAnswer.Of("0A05302E312E30" + "120A636F6E7461696E657264" + "1A0676322E312E35" + "22027631"));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        var answer = await client.VersionAsync(Deadline, Cancellation);
        Assert.Equal((new RuntimeVersion("containerd", "v2.1.5", "v1"), null), (answer.Value, answer.Fault));
        Assert.Equal([("/runtime.v1.RuntimeService/Version", "application/grpc", "20000m", "00" + "00000004" + "0A027631")], runtime.Calls);
    }

    [Fact]
    public async Task Conditions_are_read()
    {
        var runtimeReady = "0A10" + "0A0C" + Hex("RuntimeReady") + "1001";
        var notReady = "0A1A" + "0A0C" + Hex("NetworkReady") + "1A03" + Hex("Cni") + "2205" + Hex("no it");
        var status = runtimeReady + notReady;
        await using var runtime = await Fake(FakeAnswer.Of($"0A{status.Length / 2:X2}" + status));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        var answer = await client.StatusAsync(Deadline, Cancellation);
        Assert.Equal("", answer.Detail);
        Assert.Equal(
            [new RuntimeCondition("RuntimeReady", true, "", ""), new RuntimeCondition("NetworkReady", false, "Cni", "no it")],
            answer.Value!.Conditions);
    }

    [Fact]
    public async Task An_image_is_asked_by_its_name_and_fields_of_other_kinds_are_passed_over()
    {
        var image = "0A01" + Hex("i") + "1201" + Hex("a") + "1201" + Hex("b") + "1A01" + Hex("d") + "20AC02" + "2A020801" + "4001" + "490102030405060708" + "5501020304";
        await using var runtime = await Fake(FakeAnswer.Of($"0A{image.Length / 2:X2}{image}"));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        var found = Assert.Single((await client.ImageStatusAsync("pause", Deadline, Cancellation)).Value!.Images);
        Assert.Equal(("i", 300UL, true), (found.Id, found.Size, found.Pinned));
        Assert.Equal(["a", "b"], found.Tags);
        Assert.Equal(["d"], found.Digests);
        Assert.Equal("0000000009" + "0A07" + "0A05" + Hex("pause"), runtime.Calls[0].Body);
    }

    [Fact]
    public async Task A_missing_image_is_an_empty_answer()
    {
        await using var runtime = await Fake(FakeAnswer.Of(""));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        Assert.Empty((await client.ImageStatusAsync("pause", Deadline, Cancellation)).Value!.Images);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_of_the_service_is_told_with_its_text(bool inHeaders)
    {
        await using var runtime = await Fake(new FakeAnswer([], "12", "unknown service%3A runtime.v1", inHeaders));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        var answer = await client.VersionAsync(Deadline, Cancellation);
        Assert.Equal((GrpcFault.Refused, "unknown service: runtime.v1"), (answer.Fault, answer.Detail));
    }

    [Theory]
    [InlineData("0000000005" + "0A01")]
    [InlineData("0100000000")]
    [InlineData("00")]
    [InlineData("0000000002" + "0A05")]
    [InlineData("0000000001" + "0B")]
    [InlineData("000000000C" + "08FFFFFFFFFFFFFFFFFFFF01")]
    public async Task What_is_no_message_is_a_broken_answer(string body)
    {
        await using var runtime = await Fake(new FakeAnswer(Convert.FromHexString(body)));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        Assert.Equal(GrpcFault.Broken, (await client.VersionAsync(Deadline, Cancellation)).Fault);
    }

    [Fact]
    public async Task An_answer_without_a_status_or_of_another_protocol_is_broken()
    {
        await using var noStatus = await Fake(new FakeAnswer([0, 0, 0, 0, 0], Status: null));
        await using var old = await FakeRuntime.StartAsync((_, _) => Task.FromResult(FakeAnswer.Of("")), HttpProtocols.Http1);
        foreach (var socket in (string[])[noStatus.Socket, old.Socket])
        {
            using CriClient client = new(socket, TimeProvider.System);
            Assert.Equal(GrpcFault.Broken, (await client.VersionAsync(Deadline, Cancellation)).Fault);
        }
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_not_taken()
    {
        await using var runtime = await Fake(new FakeAnswer([0, 0, 0, 0x10, 0, .. new byte[0x1000]]));
        using GrpcClient client = new(runtime.Socket, TimeProvider.System, mostBytes: 100);
        var answer = await client.CallAsync("a/b", default, Deadline, Cancellation);
        Assert.Equal(GrpcFault.Broken, answer.Fault);
    }

    [Fact]
    public async Task Nobody_who_listens_is_not_connected_and_names_the_socket()
    {
        using CriClient client = new("/run/eksnode-test/nothing.sock", TimeProvider.System);
        var answer = await client.VersionAsync(Deadline, Cancellation);
        Assert.Equal(GrpcFault.NotConnected, answer.Fault);
        Assert.StartsWith("there is no /run/eksnode-test/nothing.sock", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_hangs_ends_with_the_deadline_and_the_client_can_go_on()
    {
        var hangs = true;
        await using var runtime = await FakeRuntime.StartAsync(async (_, aborted) =>
        {
            if (Volatile.Read(ref hangs))
            {
                await Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return FakeAnswer.Of("");
        });
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        var answer = await client.VersionAsync(TimeSpan.FromMilliseconds(300), Cancellation);
        Assert.Equal(GrpcFault.Timeout, answer.Fault);
        Assert.Contains("within 0.3 s", answer.Detail, StringComparison.Ordinal);
        Volatile.Write(ref hangs, false);
        Assert.Null((await client.VersionAsync(Deadline, Cancellation)).Fault);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_told_so()
    {
        await using var runtime = await FakeRuntime.StartAsync(async (_, aborted) =>
        {
            await Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return FakeAnswer.Of("");
        });
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        using CancellationTokenSource giveUp = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.VersionAsync(Deadline, giveUp.Token));
    }

    [Fact]
    public async Task A_service_that_restarted_is_connected_anew()
    {
        var runtime = await Fake(FakeAnswer.Of(""));
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        Assert.Null((await client.VersionAsync(Deadline, Cancellation)).Fault);
        await runtime.DisposeAsync();
        // The first call may still meet the end of the old connection.
        Assert.NotNull((await client.VersionAsync(Deadline, Cancellation)).Fault);
        Assert.Equal(GrpcFault.NotConnected, (await client.VersionAsync(Deadline, Cancellation)).Fault);
    }

    private static Task<FakeRuntime> Fake(FakeAnswer answer) => FakeRuntime.StartAsync((_, _) => Task.FromResult(answer));

    private static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
}
