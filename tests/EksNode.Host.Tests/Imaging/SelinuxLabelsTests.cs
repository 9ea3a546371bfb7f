using EksNode.Configuration.Text;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Imaging;

public sealed class SelinuxLabelsTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("SELINUX=disabled\nSELINUXTYPE=targeted\n")]
    public async Task An_image_without_SELinux_has_no_labels(string? config)
    {
        if (config is not null)
        {
            host.Write("/etc/selinux/config", config);
        }

        Assert.Null(await ApplyAsync());
    }

    [Fact]
    public async Task R32_An_image_that_enforces_and_has_no_labels_to_give_is_an_error()
    {
        host.Write("/etc/selinux/config", "# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(ApplyAsync);
        Assert.Equal("EKN0684", failure.Diagnostic.Code);
        Assert.Contains("/etc/selinux/targeted/contexts/files/file_contexts", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R32_Files_get_the_labels_of_the_policy_of_the_image()
    {
        TestRoot.RequireRoot();
        Assert.SkipUnless(RootPrograms.FindOnMachine("setfiles") is not null, "setfiles (policycoreutils) is not installed");
        host.Write("/etc/selinux/config", "SELINUX=permissive\nSELINUXTYPE=targeted\n")
            .Write("/etc/selinux/targeted/contexts/files/file_contexts", "/.*\tsystem_u:object_r:default_t:s0\n/usr/bin/.*\tsystem_u:object_r:bin_t:s0\n")
            .Write("/usr/bin/kubelet", "kubelet");
        Assert.Equal(1, await ApplyAsync());
    }

    private async Task<int?> ApplyAsync()
    {
        using var root = host.Open();
        return await new SelinuxLabels(root, new RootPrograms(root, new ProgramRunner(), NoLog.Instance)).ApplyAsync(["/usr/bin/kubelet", "/usr/bin/none"], TestContext.Current.CancellationToken);
    }
}
