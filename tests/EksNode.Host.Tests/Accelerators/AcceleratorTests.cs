using EksNode.Configuration.Text;
using EksNode.Host.Accelerators;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Accelerators;

public sealed class AcceleratorTests : IDisposable
{
    private readonly TestRoot folder = new();
    private readonly DiagnosticBag diagnostics = new();
    private readonly ProgramRunner programs = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_module_that_is_loaded_is_left_alone()
    {
        Directory.CreateDirectory(folder.At("/sys/module/nvidia"));
        await LoadAsync();
        Assert.Equal(0, programs.Started);
    }

    [Fact]
    public async Task The_build_is_installed_where_the_image_keeps_several_and_then_loaded()
    {
        Script("/kmod-util", "");
        Script("/modprobe", "");
        await LoadAsync();
        Assert.Equal("kmod-util load nvidia-open\nmodprobe nvidia\n", folder.Read("/calls"));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public async Task Without_builds_to_choose_from_the_module_of_the_image_is_loaded()
    {
        Script("/modprobe", "");
        await LoadAsync();
        Assert.Equal("modprobe nvidia\n", folder.Read("/calls"));
    }

    [Theory]
    [InlineData("exit 1", "")]
    [InlineData("", "echo modprobe: FATAL: Module nvidia not found >&2; exit 1")]
    public async Task A_module_that_cannot_be_loaded_is_a_warning(string install, string load)
    {
        Script("/kmod-util", install);
        Script("/modprobe", load);
        await LoadAsync();
        var warning = Assert.Single(diagnostics.Items);
        Assert.Equal((DiagnosticCatalogue.KernelModuleNotLoaded.Code, Severity.Warning), (warning.Code, warning.Severity));
    }

    [Fact]
    public async Task Clocks_are_set_to_the_highest_that_the_gpu_supports()
    {
        Script("/nvidia-smi", "case $1 in --query*) printf '10001, 2040\\n10001, 2025\\n';; --auto*) exit 3;; esac");
        Assert.True(await new GpuClocks(programs, diagnostics, folder.At("/nvidia-smi")).SetAsync(Cancellation));
        Assert.Equal(
            "nvidia-smi --persistence-mode=1\nnvidia-smi --query-supported-clocks=memory,graphics --format=csv,noheader,nounits\n"
            + "nvidia-smi --auto-boost-default=0\nnvidia-smi --applications-clocks=10001,2040\n",
            folder.Read("/calls"));
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("exit 9")]
    [InlineData("case $1 in --query*) echo '[N/A], [N/A]';; esac")]
    [InlineData("case $1 in --query*) echo '1, 2';; --app*) exit 4;; esac")]
    public async Task Clocks_that_cannot_be_set_are_a_warning(string script)
    {
        Script("/nvidia-smi", script);
        Assert.False(await new GpuClocks(programs, diagnostics, folder.At("/nvidia-smi")).SetAsync(Cancellation));
        Assert.Equal(DiagnosticCatalogue.GpuClocksNotSet.Code, Assert.Single(diagnostics.Items).Code);
    }

    private void Script(string path, string body) =>
        folder.Write(path, $"#!/bin/sh\necho \"${{0##*/}} $*\" >> {folder.At("/calls")}\n{body}\n", 0x1ED);

    private Task LoadAsync() => new KernelModules(programs, NoLog.Instance, new KernelModuleOptions
    {
        Modprobe = folder.At("/modprobe"),
        KmodUtil = folder.At("/kmod-util"),
    }).LoadAsync(
        new KernelModuleResource { Path = folder.At("/sys/module/nvidia"), Name = "nvidia", Build = "nvidia-open" }, diagnostics, Cancellation);
}
