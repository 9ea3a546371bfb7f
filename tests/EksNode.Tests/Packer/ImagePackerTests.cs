using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.Tests.Packer;

/// <summary><c>eksnode image packer</c> in this process: the folder that it writes, and what it refuses.</summary>
public sealed class ImagePackerTests : IDisposable
{
    private const string Head = "apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-packer-");

    public static TheoryData<string> Ready => ImagePlanCommandTests.Ready;

    public void Dispose() => folder.Delete(recursive: true);

    // What follows from a ready-made document, as a reviewer reads it: tests/EksNode.Tests/Packer/*.json.
    [Theory]
    [MemberData(nameof(Ready))]
    public async Task R15_The_variables_follow_from_the_document_alone(string name)
    {
        await WriteAsync("-c", Path.Combine(Repository.Root, "image", name));
        var variables = Variables();
        var tags = variables["tags"]!.AsObject();
        Assert.Equal(Digest(Written("image/image.lock.json")), (string?)tags["eksnode:lock-sha256"]);
        Assert.Equal(ProductVersion.Text, (string?)tags["eksnode:version"]);
        tags.Remove("eksnode:lock-sha256");
        tags.Remove("eksnode:version");

        var actual = variables.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
        var expected = Path.Combine(Repository.Root, "tests/EksNode.Tests/Packer", Path.ChangeExtension(name, ".json"));
        if (Repository.Update)
        {
            File.WriteAllText(expected, actual);
        }

        Assert.Equal(File.ReadAllText(expected), actual);
    }

    [Theory]
    [InlineData("1.32", "6.1")]
    [InlineData("1.33", "6.12")]
    [InlineData("1.36", "6.18")]
    public async Task R01_The_builder_starts_from_the_pinned_image_with_the_kernel_of_the_minor(string kubernetes, string kernel)
    {
        await WriteAsync("-c", Write("image.yaml", ""), "--kubernetes", kubernetes);
        var variables = Variables();
        Assert.Equal("amazon", (string?)variables["source_ami_owner"]);
        Assert.Equal($"al2023-ami-minimal-2023.11.20260526.*-kernel-{kernel}-x86_64", (string?)variables["source_ami_name"]);
        Assert.StartsWith(kubernetes + ".", (string?)variables["tags"]!["eksnode:kubernetes"], StringComparison.Ordinal);
    }

    // What the builder instance applies is what was planned here, though it has the folder only.
    [Fact]
    public async Task R15_The_folder_alone_gives_the_same_lock()
    {
        Write("team/shared/base.yaml", "spec:\n  files:\n    /etc/issue: {source: texts/issue.txt}\n    /etc/motd: {source: ../../motd.txt}\n");
        Write("team/shared/texts/issue.txt", "Nobody but us.\n", head: "");
        Write("motd.txt", "Hello.\n", head: "");
        var document = Write("team/node/image.yaml", "include: [../shared/base.yaml]\nspec:\n  packages: {tmux: \"*\"}\n");
        await WriteAsync("-c", document, "--kubernetes", "1.34", "--architecture", "x86_64");

        var moved = Path.Combine(folder.FullName, "moved");
        Directory.Move(Path.Combine(Target, "image"), moved);
        Directory.Delete(Path.Combine(folder.FullName, "team"), recursive: true);
        File.Delete(Path.Combine(folder.FullName, "motd.txt"));
        var again = Path.Combine(folder.FullName, "again.json");
        var (exit, _, error) = await RunAsync(["image", "plan", "-c", Path.Combine(moved, "image.yaml"), "--lock-file", again]);
        Assert.True(exit == 0, error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(moved, "image.lock.json")), File.ReadAllBytes(again));
        Assert.Contains("\"kubernetes\": \"1.34.", File.ReadAllText(again), StringComparison.Ordinal);
        Assert.Equal(
            ["documents/motd.txt", "documents/team/node/image.yaml", "documents/team/shared/base.yaml", "documents/team/shared/texts/issue.txt", "image.lock.json", "image.yaml"],
            Directory.EnumerateFiles(moved, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(moved, f)).Order(StringComparer.Ordinal));
        Assert.Equal("Nobody but us.\n", File.ReadAllText(Path.Combine(moved, "documents/team/shared/texts/issue.txt")));
    }

    [Fact]
    public async Task The_folder_has_the_template_as_it_is_and_says_what_comes_next()
    {
        var document = Write("image.yaml", "");
        var output = await WriteAsync("-c", document);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "image/eksnode.pkr.hcl")), Written("eksnode.pkr.hcl"));
        Assert.Equal(File.ReadAllBytes(Environment.ProcessPath!), Written("eksnode"));
        Assert.EndsWith($"\nNext:\n  packer init {Target}\n  packer build {Target}\n", output, StringComparison.Ordinal);

        // Documents may hold credentials.
        Assert.Equal("0600", Mode("image/documents/image.yaml"));
        Assert.Equal("0600", Mode("image/image.yaml"));
        Assert.Equal("0755", Mode("eksnode"));
        Assert.Equal("0644", Mode("eksnode.auto.pkrvars.json"));

        var before = Snapshot();
        await WriteAsync("-c", document);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task For_image_builder_it_has_the_component_and_no_variables_of_packer()
    {
        var output = await WriteAsync("-c", Write("image.yaml", ""), "--format", "image-builder", "--output", "json");
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "image/eksnode.component.yaml")), Written("eksnode.component.yaml"));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(
            ["block-device-mappings.json", "eksnode", "eksnode.component.yaml", "image/documents/image.yaml", "image/image.lock.json", "image/image.yaml"],
            json.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetString()));
        Assert.Contains("aws imagebuilder create-component", json.RootElement.GetProperty("next")[1].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R15_Volumes_of_the_document_are_those_of_packer_and_of_a_recipe()
    {
        var document = Write("image.yaml", "spec: {volumes: {/dev/xvda: {size: 30, throughput: 250}, /dev/xvdb: {size: 500, type: st1, encrypted: false}, /dev/xvdc: {size: 10, kmsKey: alias/nodes}}}\n");
        await WriteAsync("-c", document);
        Assert.Equal(
            """[{"device":"/dev/xvda","size":30,"type":"gp3","encrypted":true,"iops":null,"throughput":250,"kmsKey":null},{"device":"/dev/xvdb","size":500,"type":"st1","encrypted":false,"iops":null,"throughput":null,"kmsKey":null},{"device":"/dev/xvdc","size":10,"type":"gp3","encrypted":true,"iops":null,"throughput":null,"kmsKey":"alias/nodes"}]""",
            Variables()["volumes"]!.ToJsonString());
        await WriteAsync("-c", document, "--format", "image-builder");
        Assert.Equal(
            """[{"deviceName":"/dev/xvda","ebs":{"encrypted":true,"deleteOnTermination":true,"volumeSize":30,"volumeType":"gp3","throughput":250}},{"deviceName":"/dev/xvdb","ebs":{"encrypted":false,"deleteOnTermination":true,"volumeSize":500,"volumeType":"st1"}},{"deviceName":"/dev/xvdc","ebs":{"encrypted":true,"deleteOnTermination":true,"kmsKeyId":"alias/nodes","volumeSize":10,"volumeType":"gp3"}}]""",
            JsonNode.Parse(Written("block-device-mappings.json"))!.ToJsonString());
    }

    [Fact]
    public async Task A_document_of_standard_input_goes_along()
    {
        var (exit, _, error) = await RunAsync(["image", "packer", "-c", "-", "-o", Target], input: Head + "spec: {packages: {tmux: \"*\"}}\n");
        Assert.True(exit == 0, error);
        Assert.Contains("tmux", File.ReadAllText(Path.Combine(Target, "image/documents/standard-input.yaml")), StringComparison.Ordinal);
        Assert.Contains("documents/standard-input.yaml", File.ReadAllText(Path.Combine(Target, "image/image.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_go_along_is_an_error_and_nothing_is_written()
    {
        var text = Write("text.txt", "x", head: "");
        var other = Write("base.yaml", "");
        await RefusedAsync("EKN0658", "`" + other + "` is an absolute path, and the builder instance has no such file.\n  at " + folder.FullName + "/a.yaml:3:", "-c", Write("a.yaml", $"include: [{other}]\n"));
        await RefusedAsync("EKN0658", "`" + text + "` is an absolute path", "-c", Write("b.yaml", $"spec: {{files: {{/etc/x: {{source: {text}}}}}}}\n"));
        await RefusedAsync("EKN0658", "the distribution is debian", "-c", Write("c.yaml", "spec: {base: {distribution: debian}}\n"));
        await RefusedAsync("EKN0658", "`" + text + "` is no executable for x86_64.", "-c", Write("d.yaml", ""), "--executable", text);
        await RefusedAsync("EKN0003", "`/nowhere` cannot be read: it does not exist.", "-c", Write("d.yaml", ""), "--executable", "/nowhere");
        await RefusedAsync("EKN0001", "leave one of them out", "-c", Write("d.yaml", ""), "--validate", "--format", "image-builder");
        await RefusedAsync("EKN0001", "`-o` names a folder here", "-c", Write("d.yaml", ""), "-o", "json");
        await RefusedAsync("EKN0640", "1.29", "-c", Write("d.yaml", ""), "--kubernetes", "1.29");
    }

    [Fact]
    public async Task The_executable_must_be_made_for_the_processor_of_the_image()
    {
        var (mine, theirs) = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 ? ("x86_64", "arm64") : ("arm64", "x86_64");
        await RefusedAsync("EKN0658", $"This eksnode is for {mine}, and the image for {theirs}.", "-c", Write("image.yaml", ""), "--architecture", theirs);

        // The header of an ELF file: the magic number, and e_machine at its place.
        var header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        header[18] = theirs == "arm64" ? (byte)0xB7 : (byte)0x3E;
        var executable = Path.Combine(folder.FullName, "eksnode-there");
        File.WriteAllBytes(executable, header);
        await WriteAsync("-c", Write("image.yaml", ""), "--architecture", theirs, "--executable", executable);
        Assert.Equal(header, Written("eksnode"));
        Assert.Equal(theirs, (string?)Variables()["architecture"]);
    }

    [Fact]
    public async Task A_download_from_a_folder_is_a_warning_with_its_place()
    {
        var document = Write("image.yaml", "spec:\n  mirror: file:///srv/mirror\n");
        var (exit, _, error) = await RunAsync(["image", "packer", "-c", document, "-o", Target]);
        Assert.Equal(0, exit);
        Assert.Contains("warning EKN0659: kubelet comes from `file:///srv/mirror/dl.k8s.io/", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_an_error()
    {
        var file = Write("file", "x", head: "");
        var (exit, _, error) = await RunAsync(["image", "packer", "-c", Write("image.yaml", ""), "-o", file]);
        Assert.Equal(1, exit);
        Assert.Contains($"error EKN0008: The folder `{file}` cannot be made: it is a file.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_packer_validate_says_what_to_do_and_the_folder_is_there()
    {
        var (exit, _, error) = await RunAsync(["image", "packer", "-c", Write("image.yaml", ""), "-o", Target, "--validate"]);
        Assert.Equal(2, exit);
        Assert.Contains("error EKN0656: Packer is not installed", error, StringComparison.Ordinal);
        Assert.Contains("https://developer.hashicorp.com/packer/install", error, StringComparison.Ordinal);
        Assert.NotEmpty(Variables());
    }

    [Theory]
    [InlineData("1.6.6", "exit 0", 2, "error EKN0656", "is Packer 1.6.6, which knows no plugins with versions.")]
    [InlineData("1.11.2", "exit 0", 0, "", "")]
    [InlineData("1.11.2", "echo 'Error: Missing plugins'; echo; echo '* github.com/hashicorp/amazon' >&2; exit 1", 2, "error EKN0657", "says: Error: Missing plugins * github.com/hashicorp/amazon.")]
    [InlineData("1.11.2", "test \"$AWS_REGION\" = xy-west-1 && test -f \"$2/eksnode.pkr.hcl\" && test -z \"$SECRET_OF_NOBODY\" || exit 1", 0, "", "")]
    public async Task Validate_asks_packer_with_the_settings_of_the_user(string version, string script, int exit, string code, string words)
    {
        // A stand-in: which versions there are, and what they say, is not up to this machine.
        var program = Path.Combine(folder.CreateSubdirectory("bin").FullName, "packer");
        File.WriteAllText(program, $"#!/bin/sh\nif [ \"$1\" = version ]; then echo 'Packer v{version}'; exit 0; fi\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var environment = ImmutableDictionary<string, string>.Empty.Add("PATH", "/nowhere:" + Path.GetDirectoryName(program)).Add("AWS_REGION", "xy-west-1");
        var (actual, _, error) = await RunAsync(["image", "packer", "-c", Write("image.yaml", ""), "-o", Target, "--validate"], environment: environment);
        Assert.True(actual == exit, error);
        Assert.Contains(code, error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    private string Target => Path.Combine(folder.FullName, "out");

    private byte[] Written(string path) => File.ReadAllBytes(Path.Combine(Target, path));

    private JsonObject Variables() => JsonNode.Parse(Written("eksnode.auto.pkrvars.json"))!.AsObject();

    private string Mode(string path) => "0" + Convert.ToString((int)File.GetUnixFileMode(Path.Combine(Target, path)), 8);

    private Dictionary<string, string> Snapshot() => Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories)
        .ToDictionary(f => f, f => Digest(File.ReadAllBytes(f)), StringComparer.Ordinal);

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private async Task<string> WriteAsync(params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(["image", "packer", "-o", Target, .. Executable(arguments)]);
        Assert.True(exit == 0, error);
        Assert.Equal("", error);
        return output;
    }

    // Of an image for another processor only what is written about it counts here.
    private string[] Executable(string[] arguments)
    {
        if (!arguments.Any(a => a.Contains("arm64", StringComparison.Ordinal)) || arguments.Contains("--executable"))
        {
            return arguments;
        }

        var header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        header[18] = 0xB7;
        var file = Path.Combine(folder.FullName, "eksnode-arm64");
        File.WriteAllBytes(file, header);
        return [.. arguments, "--executable", file];
    }

    private async Task RefusedAsync(string code, string words, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments.Contains("-o") ? ["image", "packer", .. arguments] : ["image", "packer", "-o", Target, .. arguments]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(code, error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
    }

    private static async Task<(int Exit, string Out, string Error)> RunAsync(string[] arguments, string input = "", ImmutableDictionary<string, string>? environment = null)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input)),
            Environment = environment ?? ImmutableDictionary<string, string>.Empty,
        };
        var exit = await CommandLine.RunAsync(arguments, io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    private string Write(string name, string text, string head = Head)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, head + text);
        return path;
    }
}
