using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Imaging;

public sealed class KernelCommandLineTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData("GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=\"quiet\"\n", "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=\"quiet audit=1 fips=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=''\n", "GRUB_CMDLINE_LINUX=\"audit=1 fips=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"audit=1 x\"\n", "GRUB_CMDLINE_LINUX=\"audit=1 x fips=1\"\n")]
    [InlineData("GRUB_TIMEOUT=0", "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=\"audit=1 fips=1\"\n")]
    public async Task R26_Words_that_are_missing_are_added_for_later_boot_entries(string before, string after)
    {
        host.Write("/etc/default/grub", before, 0x180);
        Assert.Equal(["/etc/default/grub"], await ApplyAsync("audit=1", "fips=1"));
        Assert.Equal((after, 0x180), (host.Read("/etc/default/grub"), host.Mode("/etc/default/grub")));
        Assert.Empty(await ApplyAsync("audit=1", "fips=1"));
        Assert.False(host.Exists("/etc/kernel/cmdline"));
    }

    [Fact]
    public async Task Where_drop_ins_are_read_after_the_file_of_GRUB_words_are_in_the_last_of_them()
    {
        host.Write("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"\"\n");
        host.Write("/etc/default/grub.d/10_cloud.cfg", "GRUB_CMDLINE_LINUX=\"console=ttyS0\"\n");
        Assert.Equal(["/etc/default/grub.d/99-eksnode.cfg"], await ApplyAsync("audit=1"));
        Assert.Equal("GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX audit=1\"\n", host.Read("/etc/default/grub.d/99-eksnode.cfg"));
        Assert.Equal(["/etc/default/grub.d/99-eksnode.cfg"], await ApplyAsync("audit=1", "fips=1"));
        Assert.Equal("GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX audit=1 fips=1\"\n", host.Read("/etc/default/grub.d/99-eksnode.cfg"));
        Assert.Empty(await ApplyAsync("audit=1", "fips=1"));
    }

    [Theory]
    [InlineData("\tlinux\t/boot/vmlinuz-6 root=/dev/sda1 audit=1 quiet\n", false)]
    [InlineData("\tlinux\t/boot/vmlinuz-6 root=/dev/sda1 audit=1\n\tlinux\t/boot/vmlinuz-5 root=/dev/sda1\n", true)]
    [InlineData("# audit=1\n\tlinux /boot/vmlinuz-6 root=/dev/sda1\n", true)]
    public void A_menu_lacks_a_word_that_one_of_its_kernels_is_started_without(string menu, bool lacks) => Assert.Equal(lacks, KernelCommandLine.Lacks(menu, ["audit=1"]));

    [Fact]
    public async Task Without_a_loader_they_are_where_kernel_install_looks_after_what_it_would_have_taken()
    {
        host.Write("/usr/lib/kernel/cmdline", "root=LABEL=root rw\n");
        Assert.Equal(["/etc/kernel/cmdline"], await ApplyAsync("audit=1"));
        Assert.Equal("root=LABEL=root rw audit=1\n", host.Read("/etc/kernel/cmdline"));
        Assert.Empty(await ApplyAsync("audit=1"));
        Assert.Equal(["/etc/kernel/cmdline"], await ApplyAsync("audit=1", "fips=1"));
        Assert.Equal("root=LABEL=root rw audit=1 fips=1\n", host.Read("/etc/kernel/cmdline"));
    }

    [Fact]
    public async Task No_word_changes_nothing()
    {
        Assert.Empty(await ApplyAsync());
        Assert.False(host.Exists("/etc/kernel/cmdline"));
    }

    private async Task<string[]> ApplyAsync(params string[] words)
    {
        using var root = host.Open();
        var line = new KernelCommandLine(root, new RootPrograms(root, new ProgramRunner(), NoLog.Instance));
        return [.. await line.ApplyAsync([.. words], TestContext.Current.CancellationToken)];
    }
}
