using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EksNode.Tests.Packer;

/// <summary>
/// <c>image/eksnode.pkr.hcl</c>, as Debian's Packer reads it. That is 1.6.6, which has the amazon-ebs builder in itself and is older than three parts of the template:
/// the block <c>packer</c> (which version of the plugin), the block <c>metadata_options</c> (IMDSv2 of the builder instance) and the setting <c>imds_support</c> (IMDSv2
/// of the image). These are left out for it, when it is that old; all else it takes or refuses.
/// </summary>
public sealed partial class PackerTemplateTests : IDisposable
{
    private const string Program = "/usr/bin/packer";
    private static readonly string Template = File.ReadAllText(Path.Combine(Repository.Root, "image/eksnode.pkr.hcl"));

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-template-");

    public static TheoryData<string> Ready => ImagePlanCommandTests.Ready;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Ready))]
    public async Task R15_Packer_takes_the_template_for_every_ready_made_document(string name)
    {
        NeedPacker();
        await WriteFolderAsync(name);
        await AcceptedAsync(NewTemplate());
    }

    [Fact]
    public async Task Packer_takes_it_with_every_way_to_the_builder_instance()
    {
        NeedPacker();
        await WriteFolderAsync("standard-x86_64.yaml");
        foreach (var way in (string[])["session_manager", "public_ip", "private_ip", "public_dns", "private_dns"])
        {
            await AcceptedAsync(NewTemplate(), "-var", "ssh_interface=" + way);
        }

        await AcceptedAsync(
            NewTemplate(), "-var", "iam_instance_profile=builder", "-var", "region=eu-west-1", "-var", "subnet_id=subnet-0123456789abcdef0", "-var", "instance_type=c7i.xlarge",
            "-var", "kms_key_id=alias/images", "-var", "root_volume_size=40", "-var", "ami_regions=[\"eu-west-1\",\"eu-north-1\"]");
    }

    [Fact]
    public async Task Packer_takes_volumes_of_every_type()
    {
        NeedPacker();
        var document = Path.Combine(folder.CreateSubdirectory("of-the-user").FullName, "image.yaml");
        File.WriteAllText(
            document,
            """
            apiVersion: eksnode.io/v1alpha1
            kind: ImageConfig
            spec:
              volumes:
                /dev/xvda: {size: 30, iops: 4000}
                /dev/xvdb: {size: 100, type: io2, iops: 5000, kmsKey: alias/nodes}
                /dev/xvdc: {size: 500, type: st1, encrypted: false}
                /dev/xvdd: {size: 10, type: gp2}

            """);
        await WriteFolderAsync(document);
        await AcceptedAsync(NewTemplate(), "-var", "kms_key_id=alias/images", "-var", "root_volume_size=40");
    }

    // The check itself: Packer does find what is wrong in such a template.
    [Theory]
    [InlineData("ssh_username ", "ssh_usrname ", "ssh_usrname")]
    [InlineData("? 3000 :", "? 1 :", "IOPS must be between")]
    [InlineData("var.source_ami_owner", "var.source_ami_woner", "source_ami_woner")]
    [InlineData("direction = \"download\"", "direction = \"sideways\"", "irection must be one of")]
    public async Task Packer_refuses_a_template_with_a_fault(string text, string fault, string words)
    {
        NeedPacker();
        await WriteFolderAsync("standard-x86_64.yaml");
        Assert.Contains(text, Template, StringComparison.Ordinal);
        var (exit, output) = await PackerAsync(NewTemplate().Replace(text, fault, StringComparison.Ordinal));
        Assert.NotEqual(0, exit);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_has_the_format_of_packer()
    {
        NeedPacker();
        var (exit, output) = await RunAsync("fmt", "-check", "-diff", Path.Combine(Repository.Root, "image/eksnode.pkr.hcl"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void What_debians_packer_cannot_read_is_said_here()
    {
        Assert.Contains("\n  imds_support            = \"v2.0\"\n", Template, StringComparison.Ordinal);
        Assert.Matches(@"\n  metadata_options \{\n[^}]*http_tokens +\= ""required""\n[^}]*\n  \}\n", Template);
        Assert.Matches(@"\npacker \{\n(?s:.*?)source  \= ""github.com/hashicorp/amazon""\n(?s:.*?)\n\}\n", Template);
        Assert.Contains("      encrypted             = volume.value.encrypted\n", Template, StringComparison.Ordinal);
    }

    // No Ansible, and of shell one line at a time.
    [Fact]
    public void Every_provisioner_copies_files_or_runs_one_line()
    {
        var provisioners = Provisioners().Matches(Template).Select(m => (Kind: m.Groups[1].Value, Body: m.Groups[2].Value)).ToList();
        Assert.Equal(Template.Split("provisioner \"").Length - 1, provisioners.Count);
        Assert.All(provisioners, p => Assert.Contains(p.Kind, (string[])["shell", "file"]));
        Assert.All(provisioners.Where(p => p.Kind == "shell"), p =>
        {
            Assert.Matches(@"\n    inline +\= \[[^,\[\n]*\]\n", p.Body);
            Assert.DoesNotContain("script", p.Body, StringComparison.Ordinal);
        });
        string[] steps = ["install -m 0755", "local.apply]", "systemctl reboot", "image validate", "image sbom", "direction = \"download\"", "rm -rf"];
        Assert.Equal(steps.Select(s => Template.IndexOf(s, StringComparison.Ordinal)).Order(), steps.Select(s => Template.IndexOf(s, StringComparison.Ordinal)));
        Assert.All(steps, s => Assert.Contains(s, Template, StringComparison.Ordinal));
    }

    private static void NeedPacker() => Assert.SkipUnless(File.Exists(Program), "Packer is not installed: apt-get install packer");

    // The template without what 1.6.6 does not know; a newer Packer reads all of it, with a plugin that only `packer init` could fetch.
    private static string NewTemplate()
    {
        var template = PackerBlock().Replace(Template, "", 1);
        template = MetadataOptions().Replace(template, "", 1);
        return template.Replace("  imds_support            = \"v2.0\"\n", "", StringComparison.Ordinal);
    }

    private async Task WriteFolderAsync(string name)
    {
        var header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        header[18] = name.Contains("arm64", StringComparison.Ordinal) ? (byte)0xB7 : (byte)0x3E;
        var executable = Path.Combine(folder.FullName, "eksnode-there");
        File.WriteAllBytes(executable, header);
        var io = new CommandIo
        {
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            OpenInput = () => Stream.Null,
            Environment = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty,
        };
        Assert.Equal(0, await CommandLine.RunAsync(
            ["image", "packer", "-c", Path.Combine(Repository.Root, "image", name), "-o", folder.FullName, "--executable", executable], io, TestContext.Current.CancellationToken));
    }

    private async Task AcceptedAsync(string template, params string[] arguments)
    {
        var (exit, output) = await PackerAsync(template, arguments);
        Assert.True(exit == 0, output);
    }

    private Task<(int Exit, string Output)> PackerAsync(string template, params string[] arguments)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "eksnode.pkr.hcl"), template);
        return RunAsync(["validate", .. arguments, folder.FullName]);
    }

    // With credentials that are none: Packer validates without a call.
    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AWS_ACCESS_KEY_ID"] = "x";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "x";
        start.Environment["AWS_REGION"] = "eu-west-1";
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        start.Environment["PACKER_NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex(@"^packer \{\n.*?^\}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex PackerBlock();

    [GeneratedRegex(@"^  metadata_options \{\n.*?^  \}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex MetadataOptions();

    [GeneratedRegex(@"^  provisioner ""(\w+)"" \{(\n.*?)^  \}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Provisioners();
}
