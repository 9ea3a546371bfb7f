using System.Text.Json;

namespace EksNode.Tests.Imaging;

/// <summary>Roots of Amazon Linux 2023's shape, of real packages: for this machine's processor, and for another one, of which nothing runs here.</summary>
public sealed class AmazonLinuxRootTests : IClassFixture<AmazonLinux>
{
    private readonly AmazonLinux linux;

    public AmazonLinuxRootTests(AmazonLinux linux)
    {
        Assert.SkipUnless(AmazonLinux.Missing is null, AmazonLinux.Missing ?? "");
        this.linux = linux;
    }

    [Fact]
    public async Task R06_An_arm64_root_is_built_and_validated_on_another_processor_and_nothing_of_it_runs()
    {
        var root = linux.MakeRoot("aarch64");
        var document = linux.Document("aarch64");
        var (exit, output, error) = await linux.RunAsync(isOwnProcessor: false, "image", "apply", "-c", document, "--root", root);
        Assert.True(exit == 0, error + output);
        Assert.Contains("warning EKN0678", error, StringComparison.Ordinal);
        Assert.Contains("The scripts of these packages did not run: chrony, containerd, kernel6.12.", error, StringComparison.Ordinal);
        Assert.False(File.Exists(root + AmazonLinux.Trace), "something of the root ran");
        var (check, found, problems) = await linux.RunAsync(isOwnProcessor: false, "image", "validate", "-c", document, "--root", root);
        Assert.True(check == 0, problems + found);
    }
}
