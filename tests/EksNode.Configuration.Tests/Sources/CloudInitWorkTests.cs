using System.IO.Compression;
using System.Text;
using EksNode.Configuration.Sources;

namespace EksNode.Configuration.Tests.Sources;

/// <summary>Whether cloud-init has something to run after its init stage. In doubt it has.</summary>
public sealed class CloudInitWorkTests
{
    private const string NodeConfig = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n";

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData(NodeConfig)]
    [InlineData("---\n" + NodeConfig + "---\n" + NodeConfig)]
    [InlineData("# a comment\n" + NodeConfig)]
    [InlineData("{\"apiVersion\": \"eksnode.io/v1alpha1\", \"kind\": \"NodeConfig\"}")]
    public void A_NodeConfig_alone_gives_it_nothing(string userData) => Assert.Empty(Of(userData));

    [Theory]
    [InlineData("#!/bin/sh\ntrue\n", "a shell script")]
    [InlineData("#cloud-config\npackages: [jq]\n", "a cloud-config")]
    [InlineData("#cloud-config\n" + NodeConfig, "is no NodeConfig")] // both: cloud-init reads its keys, too
    [InlineData("#cloud-boothook\ntrue\n", "a boot hook")]
    [InlineData("#include\nhttps://example.com/a\n", "a list of files to include")]
    [InlineData("## template: jinja\n#cloud-config\n{}\n", "a template")]
    [InlineData("some: yaml\n", "is no NodeConfig")]
    [InlineData("not: [closed", "is no NodeConfig")]
    [InlineData("Content-Type: multipart/mixed\n\n--x\n", "cannot be read")] // no boundary
    public void Anything_else_does(string userData, string reason) =>
        Assert.Contains(reason, Assert.Single(Of(userData)), StringComparison.Ordinal);

    [Theory]
    [InlineData("application/node.eks.aws", null)]
    [InlineData("application/eksnode.io", null)]
    [InlineData("text/x-shellscript", "part 2 of the user data is text/x-shellscript")]
    [InlineData("text/cloud-config", "part 2 of the user data is text/cloud-config")]
    [InlineData("text/plain", "part 2 of the user data is text/plain")]
    public void Of_a_message_every_part_counts_that_is_not_ours(string type, string? reason)
    {
        var message = $"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"//\"\n\n--//\nContent-Type: application/node.eks.aws\n\n{NodeConfig}\n--//\nContent-Type: {type}\n\n{NodeConfig}\n--//--\n";
        Assert.Equal(reason is null ? [] : [reason], Of(message));
    }

    [Fact]
    public void Compressed_and_encoded_data_is_unpacked()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("#!/bin/sh\n"));
        }

        Assert.Contains("a shell script", Assert.Single(CloudInitWork.OfData("it", packed.ToArray())), StringComparison.Ordinal);
        var plain = Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(NodeConfig)));
        Assert.Empty(CloudInitWork.OfData("it", plain));
        Assert.Equal(["it cannot be read"], CloudInitWork.OfData("it", packed.ToArray().AsMemory(0, (int)packed.Length - 4)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("# only a comment\n", null)]
    [InlineData("users: [default]\ncloud_final_modules: [scripts-user, package-update-upgrade-install]\n", null)]
    [InlineData("runcmd: []\npackages:\nbootcmd: ''\n", null)]
    [InlineData("repo_upgrade: none\n", null)]
    [InlineData("package_update: false\n", null)]
    [InlineData("repo_upgrade: security\n", "c.cfg has `repo_upgrade`")]
    [InlineData("runcmd: [[ls]]\n", "c.cfg has `runcmd`")]
    [InlineData("bootcmd: [ls]\n", "c.cfg has `bootcmd`")]
    [InlineData("packages: [jq]\n", "c.cfg has `packages`")]
    [InlineData("package_upgrade: true\n", "c.cfg has `package_upgrade`")]
    [InlineData("write_files: [{path: /a, defer: true}]\n", "c.cfg has `write_files`")]
    [InlineData("runcmd: [\n", "c.cfg cannot be read")]
    [InlineData("- a\n", "c.cfg is no map")]
    public void Configuration_of_the_image(string text, string? reason) =>
        Assert.Equal(reason is null ? [] : [reason], CloudInitWork.OfConfiguration("c.cfg", Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("root=/dev/vda1 ro quiet", false)]
    [InlineData("root=/dev/vda1 cc: runcmd: [ls] end_cc", true)]
    [InlineData("cloud-config-url=http://example.com/a", true)]
    public void Kernel_command_line(string line, bool has) => Assert.Equal(has, !CloudInitWork.OfKernelCommandLine(line).IsEmpty);

    private static System.Collections.Immutable.ImmutableArray<string> Of(string userData) => CloudInitWork.OfData("the user data", Encoding.UTF8.GetBytes(userData));
}
