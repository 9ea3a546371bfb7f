using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;
using EksNode.Host.Tests.Packages;

namespace EksNode.Host.Tests.Imaging;

/// <summary>Initial RAM disks in a root of its own, with stand-ins for dracut and lsinitrd that run in it; and what the real ones say.</summary>
public sealed class InitialRamDiskTests : IDisposable
{
    // The last two arguments are the file and the kernel. A dracut that misses a program warns, leaves its module out, and ends well.
    private const string Dracut = """
        #!/bin/sh
        echo "$*" >>/calls
        for word; do file=$kernel; kernel=$word; done
        if [ -e /broken ]; then echo 'dracut: no space' >&2; exit 1; fi
        echo 'dracut modules:' >"$file"
        if [ -e /lacks ]; then echo "dracut: module 'fips' will not be installed, because command 'sha512hmac' could not be found!"; else echo fips >>"$file"; fi
        """;

    private const string Lsinitrd = "#!/bin/sh\nwhile read -r line; do if [ \"$line\" = half ]; then exit 4; fi; echo \"$line\"; done <\"$2\"\n";

    private readonly TestRoot host = new(inMemory: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task R25_Every_kernel_gets_a_disk_with_the_module_once()
    {
        Prepare();
        host.Write("/boot/initramfs-6.1.0-1.img", "dracut modules:\nbash\nfips\n");
        host.Write("/boot/initramfs-6.12.0-1.img", "dracut modules:\nbash\nnot-fips\n");
        host.Write("/boot/initramfs-6.12.0-2.img", "dracut modules:\nhalf\n");
        Assert.Equal(["/boot/initramfs-6.12.0-1.img", "/boot/initramfs-6.12.0-2.img", "/boot/initramfs-6.12.0-3.img"], await ApplyAsync());
        Assert.Equal(
            string.Concat(new[] { 1, 2, 3 }.Select(n => $"--force --no-hostonly --add fips /boot/initramfs-6.12.0-{n}.img 6.12.0-{n}\n")), host.Read("/calls"));
        Assert.Equal("dracut modules:\nfips\n", host.Read("/boot/initramfs-6.12.0-3.img"));
        Assert.Empty(await ApplyAsync());
    }

    [Fact]
    public async Task A_dracut_that_fails_or_leaves_the_module_out_ends_the_build_with_what_it_says()
    {
        Prepare();
        host.Write("/broken", "");
        Assert.Equal("Making the initial RAM disk of the kernel 6.1.0-1 failed: dracut exited with 1: dracut: no space.", (await FailureAsync()).Message);
        File.Delete(host.At("/broken"));
        host.Write("/lacks", "");
        var lacking = await FailureAsync();
        Assert.Equal(DiagnosticCatalogue.ImageStepFailed.Code, lacking.Code);
        Assert.StartsWith("dracut made /boot/initramfs-6.1.0-1.img without the module `fips`, and says: dracut: module 'fips' will not be installed", lacking.Message, StringComparison.Ordinal);

        // It is run again when what it missed is there.
        File.Delete(host.At("/lacks"));
        Assert.Equal(4, (await ApplyAsync()).Length);
    }

    [Fact]
    public async Task A_root_without_dracut_or_devices_is_an_error_that_says_what_to_do()
    {
        Prepare();
        File.Delete(host.At("/dev/null"));
        var bare = await FailureAsync();
        Assert.Contains("which has no /dev/null", bare.Message, StringComparison.Ordinal);
        Assert.Contains($"mount --rbind /dev {host.Folder}/dev", bare.Help, StringComparison.Ordinal);
        File.Delete(host.At("/usr/bin/dracut"));
        Assert.Contains("The image has no dracut", (await FailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_whose_programs_do_not_run_here_is_told_and_is_no_disk_without_the_module()
    {
        Prepare();
        host.Write("/boot/initramfs-6.1.0-1.img", "fips\n");
        host.Write("/usr/bin/lsinitrd", "#!/bin/of-another-processor\n", 0x1ED);
        Assert.StartsWith("What /boot/initramfs-6.1.0-1.img has cannot be told: lsinitrd exited with 12", (await FailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_real_lsinitrd_tells_what_the_real_dracut_put_in()
    {
        Assert.SkipUnless(TestProgram.Missing("dracut", "lsinitrd") is null, TestProgram.Missing("dracut", "lsinitrd") ?? "");
        var (with, without, junk) = (host.At("/with.img"), host.At("/without.img"), host.At("/junk.img"));
        TestProgram.Run("dracut", "--quiet", "--force", "--no-kernel", "--no-hostonly", "--modules", "bash fips", with, "6.1.0-1");
        TestProgram.Run("dracut", "--quiet", "--force", "--no-kernel", "--no-hostonly", "--modules", "bash", without, "6.1.0-1");
        host.Write("/junk.img", "half a file");
        using var machine = HostRoot.Open("/");
        var disks = new InitialRamDisks(machine, new RootPrograms(machine, new ProgramRunner(), NoLog.Instance));
        Assert.True(await disks.HasAsync(with, "fips", Cancellation));
        Assert.False(await disks.HasAsync(without, "fips", Cancellation));
        Assert.False(await disks.HasAsync(junk, "fips", Cancellation));
        Assert.False(await disks.HasAsync(host.At("/none.img"), "fips", Cancellation));
    }

    private void Prepare()
    {
        TestRoot.RequireRoot();
        StandInShell.Into(host);
        host.Write("/usr/bin/dracut", Dracut, 0x1ED).Write("/usr/bin/lsinitrd", Lsinitrd, 0x1ED).Write("/dev/null", "");
        Directory.CreateDirectory(host.At("/boot"));
        foreach (var kernel in (string[])["6.1.0-1", "6.12.0-1", "6.12.0-2", "6.12.0-3"])
        {
            host.Write($"/lib/modules/{kernel}/modules.dep", "");
        }
    }

    private async Task<Diagnostic> FailureAsync() => (await Assert.ThrowsAsync<DiagnosticException>(ApplyAsync)).Diagnostic;

    private async Task<string[]> ApplyAsync()
    {
        using var root = host.Open();
        return [.. await new InitialRamDisks(root, new RootPrograms(root, new ProgramRunner(), NoLog.Instance)).ApplyAsync(InitialRamDisks.Fips, Cancellation)];
    }
}
