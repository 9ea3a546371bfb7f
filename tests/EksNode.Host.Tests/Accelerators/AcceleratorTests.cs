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

    [Fact]
    public async Task R17_A_build_that_the_image_has_as_an_archive_is_taken_once_and_installed_for_the_running_kernel()
    {
        // As dkms 3 does it: an archive is known after it was taken, and taken again it is an error.
        Script("/dkms", $"""
            case "$1" in
            status) if [ -e {folder.At("/known")} ]; then read -r state <{folder.At("/known")}; echo "nvidia-open/580.159.03$state"; fi;;
            ldtarball) [ -e {folder.At("/known")} ] && exit 8; echo ': added' >{folder.At("/known")};;
            install) read -r kernel </proc/sys/kernel/osrelease; echo ", $kernel, x86_64: installed" >{folder.At("/known")};;
            esac
            """);
        Script("/modprobe", "");
        folder.Write("/archives/nvidia-open/nvidia-open.tar.gz", "");
        await LoadAsync();
        Assert.Equal(
            $"dkms status -m nvidia-open\ndkms ldtarball {folder.At("/archives/nvidia-open/nvidia-open.tar.gz")}\ndkms status -m nvidia-open\ndkms install -m nvidia-open -v 580.159.03\nmodprobe nvidia\n",
            folder.Read("/calls"));

        // After a reboot it is installed; for another kernel it is installed anew.
        File.Delete(folder.At("/calls"));
        await LoadAsync();
        Assert.Equal("dkms status -m nvidia-open\nmodprobe nvidia\n", folder.Read("/calls"));
        folder.Write("/known", ", 1.0-other, x86_64: installed\n");
        File.Delete(folder.At("/calls"));
        await LoadAsync();
        Assert.Equal("dkms status -m nvidia-open\ndkms install -m nvidia-open -v 580.159.03\nmodprobe nvidia\n", folder.Read("/calls"));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public async Task An_archive_that_dkms_does_not_take_is_a_warning_and_nothing_is_loaded()
    {
        Script("/dkms", "[ \"$1\" = status ] || { echo 'no headers' >&2; exit 6; }");
        Script("/modprobe", "");
        folder.Write("/archives/nvidia-open/nvidia-open.tar.gz", "");
        await LoadAsync();
        Assert.DoesNotContain("modprobe", folder.Read("/calls"), StringComparison.Ordinal);
        Assert.Contains("exited with 6: no headers", Assert.Single(diagnostics.Items).Message, StringComparison.Ordinal);
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
        Dkms = folder.At("/dkms"),
        ArchiveFolder = folder.At("/archives"),
    }).LoadAsync(
        new KernelModuleResource { Path = folder.At("/sys/module/nvidia"), Name = "nvidia", Build = "nvidia-open" }, diagnostics, Cancellation);
}
