using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Containers;

public sealed class SandboxImagesTests : IDisposable
{
    private const string Pause = "localhost/kubernetes/pause:latest";
    private const string Registry = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/pause:3.10";
    private const string Method = "/runtime.v1.ImageService/";

    private readonly TestRoot folder = new();
    private readonly DiagnosticBag diagnostics = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_real_containerd_gets_the_pause_image_from_its_archive()
    {
        await using var containerd = await RealContainerd.StartAsync(Cancellation);
        using CriClient client = new(containerd.Socket, TimeProvider.System);
        var version = (await client.VersionAsync(CriClient.DefaultDeadline, Cancellation)).Value!;
        Assert.Equal(("containerd", "v1"), (version.Name, version.ApiVersion));
        Assert.Contains((await client.StatusAsync(CriClient.DefaultDeadline, Cancellation)).Value!.Conditions, c => c is { Kind: "RuntimeReady", Holds: true });
        Assert.Empty((await client.ListImagesAsync(CriClient.DefaultDeadline, Cancellation)).Value!.Images);

        ImageArchive.Write(containerd.At("pause.tar"), Pause);
        ProgramRunner programs = new();
        SandboxImages images = new(client, programs, NoLog.Instance, TimeProvider.System, new SandboxImageOptions
        {
            Ctr = containerd.Ctr,
            Socket = containerd.Socket,
            Archive = containerd.At("pause.tar"),
        });
        await images.EnsureAsync(Pause, NoPassword, diagnostics, Cancellation);
        var found = Assert.Single((await client.ImageStatusAsync(Pause, CriClient.DefaultDeadline, Cancellation)).Value!.Images);
        Assert.Equal([Pause], found.Tags);
        Assert.True(found.Pinned);
        Assert.Equal(found.Id, Assert.Single((await client.ListImagesAsync(CriClient.DefaultDeadline, Cancellation)).Value!.Images).Id);

        // There: nothing is run again.
        await images.EnsureAsync(Pause, NoPassword, diagnostics, Cancellation);
        Assert.Equal(1, programs.Started);

        // An archive of something else is imported and does not help.
        ImageArchive.Write(containerd.At("pause.tar"), "docker.io/library/other:1");
        using CriClient second = new(containerd.Socket, TimeProvider.System);
        TestRoot.Run(containerd.Ctr, "--address", containerd.Socket, "--namespace", "k8s.io", "images", "remove", "--sync", Pause);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => new SandboxImages(second, programs, NoLog.Instance, TimeProvider.System, new SandboxImageOptions
        {
            Ctr = containerd.Ctr,
            Socket = containerd.Socket,
            Archive = containerd.At("pause.tar"),
            ShowDeadline = TimeSpan.FromSeconds(2),
        }).EnsureAsync(Pause, NoPassword, diagnostics, Cancellation));
        Assert.Equal(DiagnosticCatalogue.SandboxImageMissing.Code, failure.Diagnostic.Code);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public async Task Without_image_and_archive_no_pod_can_start()
    {
        await using var runtime = await Runtime(there: false);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => EnsureAsync(runtime, Pause));
        Assert.Equal(DiagnosticCatalogue.SandboxImageMissing.Code, failure.Diagnostic.Code);
    }

    [Fact]
    public async Task An_import_that_fails_is_told_with_what_ctr_says()
    {
        await using var runtime = await Runtime(there: false);
        folder.Write("/pause.tar", "x");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => EnsureAsync(runtime, Pause, ctr: "echo ctr: no such thing >&2; exit 1"));
        Assert.Equal(DiagnosticCatalogue.ImageImportFailed.Code, failure.Diagnostic.Code);
        Assert.EndsWith("exited with 1: ctr: no such thing.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_soci_snapshotter_gets_the_image_from_the_archive_even_when_it_is_there()
    {
        await using var runtime = await Runtime(there: true);
        folder.Write("/pause.tar", "x");
        await EnsureAsync(runtime, Pause, soci: true);
        Assert.Equal(
            $"--address {runtime.Socket} --namespace k8s.io images import --snapshotter soci --discard-unpacked-layers=false --local {folder.At("/pause.tar")}\n",
            folder.Read("/called"));
        File.Delete(folder.At("/pause.tar"));
        await EnsureAsync(runtime, Pause, soci: true);
        Assert.Equal(DiagnosticCatalogue.PauseArchiveMissing.Code, Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public async Task An_image_of_ecr_is_pulled_with_a_password()
    {
        await using var runtime = await Runtime(there: false);
        await EnsureAsync(runtime, Registry, password: new RegistryPassword("AWS", new Secret("token")));
        var pull = Assert.Single(runtime.Calls, c => c.Path == Method + "PullImage");
        var body = System.Text.Encoding.UTF8.GetString(Convert.FromHexString(pull.Body));
        Assert.Contains(Registry, body, StringComparison.Ordinal);
        Assert.EndsWith("\u0012\u000c\n\u0003AWS\u0012\u0005token", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pull_that_fails_is_an_error_and_an_image_of_an_unknown_registry_is_containerd_s()
    {
        await using var runtime = await Runtime(there: false, pull: new FakeAnswer([], "5", "not found"));
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => EnsureAsync(runtime, Registry, password: new RegistryPassword("AWS", new Secret("token"))));
        Assert.Equal(DiagnosticCatalogue.SandboxImageNotPulled.Code, failure.Diagnostic.Code);
        Assert.DoesNotContain("token", failure.Message, StringComparison.Ordinal);
        await EnsureAsync(runtime, "registry.example.com/pause:1");
        Assert.Single(runtime.Calls, c => c.Path == Method + "PullImage");
    }

    [Fact]
    public async Task An_image_that_is_there_is_left_alone()
    {
        await using var runtime = await Runtime(there: true);
        await EnsureAsync(runtime, Pause);
        await EnsureAsync(runtime, Registry);
        Assert.All(runtime.Calls, c => Assert.Equal(Method + "ImageStatus", c.Path));
    }

    private static Task<RegistryPassword?> NoPassword(string image, CancellationToken cancellation) => Task.FromResult<RegistryPassword?>(null);

    private static Task<FakeRuntime> Runtime(bool there, FakeAnswer? pull = null) => FakeRuntime.StartAsync((path, _) => Task.FromResult(
        path == Method + "PullImage" ? pull ?? FakeAnswer.Of("0A0161") : FakeAnswer.Of(there ? "0A030A0161" : "")));

    private async Task EnsureAsync(FakeRuntime runtime, string image, string? ctr = null, bool soci = false, RegistryPassword? password = null)
    {
        folder.Write("/ctr", string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\n{ctr ?? $"echo \"$@\" > {folder.At("/called")}"}\n"), 0x1ED);
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        SandboxImages images = new(client, new ProgramRunner(), NoLog.Instance, TimeProvider.System, new SandboxImageOptions
        {
            Ctr = folder.At("/ctr"),
            Socket = runtime.Socket,
            Archive = folder.At("/pause.tar"),
            FastImagePull = soci,
        });
        await images.EnsureAsync(image, (_, _) => Task.FromResult(password), diagnostics, Cancellation);
    }
}
