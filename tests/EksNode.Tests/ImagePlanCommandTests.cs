using System.Collections.Immutable;
using System.Text.Json;

namespace EksNode.Tests;

/// <summary><c>eksnode image plan</c> in this process.</summary>
public sealed class ImagePlanCommandTests : IDisposable
{
    private const string Head = "apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-image-");

    public static TheoryData<string> Ready =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "image"), "*-*.yaml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void There_is_a_ready_made_document_for_every_variant_and_architecture() =>
        Assert.Equal(["neuron-x86_64.yaml", "nvidia-arm64.yaml", "nvidia-x86_64.yaml", "standard-arm64.yaml", "standard-x86_64.yaml"], Ready.Select(r => r.Data));

    [Theory]
    [MemberData(nameof(Ready))]
    public async Task A_ready_made_document_gives_the_same_lock_on_every_run(string name)
    {
        var document = Path.Combine(Repository.Root, "image", name);
        var first = Path.Combine(folder.FullName, "first.json");
        var second = Path.Combine(folder.FullName, "second.json");
        var (exit, output, error) = await PlanAsync("-c", document, "--lock-file", first);
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("profile cis-l1", output, StringComparison.Ordinal);
        Assert.Equal(0, (await PlanAsync("-c", document, "--lock-file", second)).Exit);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));

        using var json = JsonDocument.Parse(File.ReadAllBytes(first));
        var pinned = json.RootElement.GetProperty("pinned");
        Assert.Equal(Path.GetFileNameWithoutExtension(name), $"{pinned.GetProperty("variant").GetString()}-{pinned.GetProperty("architecture").GetString()}");
        Assert.All(pinned.GetProperty("components").EnumerateArray().Where(c => c.TryGetProperty("url", out _)), c => Assert.Equal(64, c.GetProperty("sha256").GetString()!.Length));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("resolved").ValueKind);
    }

    [Fact]
    public async Task As_json_it_has_the_lock_and_every_resource_with_its_reasons()
    {
        var document = Write("image.yaml", "spec:\n  kubernetes: \"1.33\"\n  packages:\n    tmux: \"*\"\n  profile: none\n");
        var (exit, output, _) = await PlanAsync("-c", document, "-o", "json");
        Assert.Equal(0, exit);
        using var json = JsonDocument.Parse(output);
        var tmux = json.RootElement.GetProperty("resources").EnumerateArray().Single(r => r.GetProperty("id").GetString() == "package:tmux");
        var origin = tmux.GetProperty("reasons")[0].GetProperty("origin");
        Assert.Equal((document, 6), (origin.GetProperty("source").GetString(), origin.GetProperty("line").GetInt32()));
        Assert.Equal("1.33.13", json.RootElement.GetProperty("lock").GetProperty("pinned").GetProperty("kubernetes").GetString());
        Assert.Empty(json.RootElement.GetProperty("diagnostics").EnumerateArray());
    }

    [Fact]
    public async Task R17_The_CUDA_that_containers_may_have_is_shown()
    {
        var document = Write("image.yaml", "spec:\n  kubernetes: \"1.33\"\n  variant: nvidia\n");
        Assert.Contains("NVIDIA driver 580: containers may have CUDA 13.x and older\n", (await PlanAsync("-c", document)).Out, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await PlanAsync("-c", document, "-o", "json")).Out);
        Assert.Equal(13, json.RootElement.GetProperty("cuda").GetInt32());
    }

    [Fact]
    public async Task Options_win_over_the_document()
    {
        var document = Write("image.yaml", "spec:\n  kubernetes: \"1.33\"\n");
        var (exit, output, _) = await PlanAsync("-c", document, "--kubernetes", "1.36", "--architecture", "arm64");
        Assert.Equal(0, exit);
        Assert.StartsWith("Kubernetes 1.36.3, arm64, standard, profile cis-l1\n", output, StringComparison.Ordinal);
        Assert.Contains("kernel 6.18", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Included_documents_and_files_count_from_the_folder_of_the_document()
    {
        Write("shared/base.yaml", "spec:\n  kubernetes: \"1.32\"\n  files:\n    /etc/issue:\n      source: issue.txt\n");
        File.WriteAllText(Path.Combine(folder.FullName, "shared", "issue.txt"), "Nobody but us.\n");
        var document = Write("image.yaml", "include: [shared/base.yaml]\nspec:\n  profile: none\n");
        var (exit, output, _) = await PlanAsync("-c", document);
        Assert.Equal(0, exit);
        Assert.StartsWith("Kubernetes 1.32.13, x86_64, standard, profile none\n", output, StringComparison.Ordinal);
        Assert.Contains("/etc/issue", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include: [image.yaml]\n", "EKN0278", "includes itself")]
    [InlineData("include: [missing.yaml]\n", "EKN0278", "it does not exist")]
    [InlineData("spec:\n  files:\n    /etc/issue:\n      source: missing.txt\n", "EKN0278", "it does not exist")]
    [InlineData("---\napiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n", "EKN0279", "2 documents")]
    [InlineData("---\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n", "EKN0279", "is no ImageConfig")]
    [InlineData("spec: {kubernetes: \"1.29\"}\n", "EKN0640", "1.29")]
    [InlineData("spec: [\n", "EKN0", "")]
    public async Task What_is_wrong_ends_with_2_and_a_place(string text, string code, string words)
    {
        var document = Write("image.yaml", text);
        var (exit, output, error) = await PlanAsync("-c", document);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("error " + code, error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Contains("image.yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_checks_an_image_with_what_it_includes_and_plans()
    {
        Write("base.yaml", "spec:\n  kubernets: \"1.36\"\n");
        var document = Write("image.yaml", "include: [base.yaml]\nspec:\n  kubernetes: \"1.36\"\n  components:\n    containerd: {version: 1.7.*}\n");
        var (exit, output, _) = await RunAsync(["config", "validate", document]);
        Assert.Equal(2, exit);
        Assert.Contains("warning EKN0201", output, StringComparison.Ordinal);
        Assert.Contains("  4 |   kubernets:", output, StringComparison.Ordinal);
        Assert.Contains("error EKN0642", output, StringComparison.Ordinal);
        foreach (var ready in Ready)
        {
            Assert.Equal(0, (await RunAsync(["config", "validate", "--strict", Path.Combine(Repository.Root, "image", ready.Data)])).Exit);
        }
    }

    [Fact]
    public async Task A_lock_that_cannot_be_written_is_an_error()
    {
        var (exit, _, error) = await PlanAsync("-c", Write("image.yaml", ""), "--lock-file", Path.Combine(folder.FullName, "no", "such", "folder"));
        Assert.Equal(1, exit);
        Assert.Contains("no/such/folder` cannot be written: the folder that it would be in does not exist.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_run_tells_all_mistakes()
    {
        var document = Write(
            "image.yaml",
            "include: [missing.yaml]\nspec:\n  kubernets: \"1.33\"\n  files: {/etc/a: {source: missing.txt}}\n  units: {kubelet.service: enabled}\n"
            + "  node: {kubelet: {config: {maxPods: lots}}}\n");
        var (exit, _, error) = await PlanAsync("-c", document);
        Assert.Equal(2, exit);
        Assert.All(
            ["missing.yaml` cannot be read", "missing.txt` cannot be read", "Did you mean `kubernetes`?", "spec.units", "spec.node.kubelet.config.maxPods"],
            words => Assert.Contains(words, error, StringComparison.Ordinal));
        var validated = await RunAsync(["config", "validate", document]);
        Assert.Contains("spec.node.kubelet.config.maxPods", validated.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: ImageConfig\nspec: {}\n", "apiVersion: eksnode.io/v1alpha1", "image", "plan", "-c")]
    [InlineData("kind: ImageConfig\nspec: {}\n", "apiVersion: eksnode.io/v1alpha1", "config", "validate")]
    [InlineData("apiVersion: node.eks.aws/v1alpha1\nkind: ImageConfig\n", "apiVersion: eksnode.io/v1alpha1", "config", "validate")]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nspec: {}\n", "kind: ImageConfig", "image", "plan", "-c")]
    [InlineData("", "kind: ImageConfig", "image", "plan", "-c")]
    [InlineData(Head, "eksnode image plan", "config", "show", "-c")]
    public async Task Hints_lead_to_a_document_of_an_image(string text, string words, params string[] arguments)
    {
        var path = Path.Combine(folder.FullName, "image.yaml");
        File.WriteAllText(path, text);
        var (exit, output, error) = await RunAsync([.. arguments, path]);
        Assert.NotEqual(0, exit);
        Assert.Contains(words, output + error, StringComparison.Ordinal);
        if (text != Head)
        {
            Assert.DoesNotContain("NodeConfig", output + error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_text_has_one_section_for_each_kind_and_a_line_for_each_setting()
    {
        var document = Write("image.yaml", "spec:\n  kernel: {sysctls: {vm.max_map_count: 7}}\n  node: {kubelet: {config: {maxPods: 9}}, proxy: {https: \"http://u:hunter2secret@proxy:3128\"}}\n");
        var (_, output, error) = await PlanAsync("-c", document);
        var lines = output.Split('\n');
        Assert.Single(lines, "Files");
        Assert.Contains("    vm.max_map_count = 7  ", output, StringComparison.Ordinal);
        Assert.Contains("    kubelet.config.maxPods = 9  ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2secret", output + error, StringComparison.Ordinal);
        Assert.Equal(lines.First(l => l.StartsWith("  jq *", StringComparison.Ordinal)).IndexOf("the user's", StringComparison.Ordinal), lines.First(l => l.StartsWith("  socat *", StringComparison.Ordinal)).IndexOf("port", StringComparison.Ordinal));
    }

    [Fact]
    public async Task R22_Resources_show_the_controls_that_they_satisfy_and_a_list_shows_what_becomes_of_each()
    {
        var document = Write("image.yaml", "spec:\n  profile: cis-l1\n  kernel: {sysctls: {net.ipv4.tcp_syncookies: 0}}\n");
        var (exit, output, error) = await PlanAsync("-c", document);
        Assert.Equal(0, exit);
        Assert.Contains("    net.ipv4.conf.all.send_redirects = 0  3.2.2: redirects are not sent\n", output, StringComparison.Ordinal);
        Assert.Contains("    controls CIS Amazon Linux 2023 1.0.0 1.5.1, 1.5.2, 3.2.2, ", output, StringComparison.Ordinal);
        Assert.Contains("    PermitRootLogin no  4.2.7: root does not log in over SSH\n", output, StringComparison.Ordinal);
        Assert.Contains("179 controls: ", output, StringComparison.Ordinal);
        Assert.Contains("warning EKN0650", error, StringComparison.Ordinal);
        Assert.Contains("image.yaml:5", error, StringComparison.Ordinal);

        (exit, output, _) = await PlanAsync("-c", document, "--controls");
        Assert.Equal(0, exit);
        var lines = output.Split('\n');
        Assert.Equal((179 * 2) + 2, lines.Length);
        Assert.Contains(lines, l => l.StartsWith("CIS Amazon Linux 2023 1.0.0 3.3.8 ", StringComparison.Ordinal) && l.Contains("  replaced  ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.EndsWith("the CNI and kube-proxy need it", StringComparison.Ordinal));
        Assert.Contains("no controls", (await PlanAsync("-c", Write("none.yaml", "spec: {profile: none}\n"), "--controls")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R22_As_json_it_has_every_control_with_status_reason_and_resources()
    {
        var (_, output, _) = await PlanAsync("-c", Write("image.yaml", "spec: {profile: cis-l2, fips: true}\n"), "-o", "json");
        using var json = JsonDocument.Parse(output);
        var controls = json.RootElement.GetProperty("controls").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetString()!);
        Assert.Equal(244, controls.Count);
        Assert.Equal("exception", controls["CIS Amazon Linux 2023 1.0.0 3.2.1"].GetProperty("status").GetString());
        Assert.Contains("pods", controls["CIS Amazon Linux 2023 1.0.0 3.2.1"].GetProperty("reason").GetString(), StringComparison.Ordinal);
        var fips = controls["NIST SP 800-53 r5 SC-13"];
        Assert.Equal("applied", fips.GetProperty("status").GetString());
        var ids = fips.GetProperty("resources").EnumerateArray().Select(r => r.GetString()).ToList();
        Assert.Contains("kernel-argument:fips=1", ids);
        var resources = json.RootElement.GetProperty("resources").EnumerateArray().ToDictionary(r => r.GetProperty("id").GetString()!);
        Assert.All(ids, id => Assert.Contains("NIST SP 800-53 r5 SC-13", resources[id!].GetProperty("controls").EnumerateArray().Select(c => c.GetString())));
    }

    [Fact]
    public async Task What_is_baked_says_what_that_gains_and_costs()
    {
        var document = Write("image.yaml", "spec:\n  profile: none\n  bake: [containerd]\n");
        var (exit, output, _) = await PlanAsync("-c", document);
        Assert.Equal(0, exit);
        Assert.Contains("  /etc/containerd/config.toml               baked: one file less to write and flush at boot\n    but user data that changes it", output, StringComparison.Ordinal);
        Assert.Contains("Written at boot, and `spec.bake` could have it in the image: symlink:", output, StringComparison.Ordinal);

        using var json = JsonDocument.Parse((await PlanAsync("-c", document, "-o", "json")).Out);
        var resources = json.RootElement.GetProperty("resources").EnumerateArray().ToList();
        var baked = resources.Where(r => r.TryGetProperty("baked", out _)).ToList();
        Assert.Equal(["file:/etc/containerd/base-runtime-spec.json", "file:/etc/containerd/config.toml"], baked.Select(r => r.GetProperty("id").GetString()));
        Assert.All(baked, r => Assert.Equal("image", r.GetProperty("phase").GetString()));
        Assert.StartsWith("one file less", baked[0].GetProperty("baked").GetProperty("gain").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(baked[0].GetProperty("baked").GetProperty("cost").GetString()!);
        Assert.Contains("file:/etc/eks/image-credential-provider/config.json", json.RootElement.GetProperty("bakeable").EnumerateArray().Select(b => b.GetString()));
    }

    [Fact]
    public async Task What_an_instance_decides_is_not_baked()
    {
        var (exit, _, error) = await PlanAsync("-c", Write("image.yaml", "spec:\n  bake: [\"file:/var/lib/kubelet/kubeconfig\"]\n"));
        Assert.Equal(2, exit);
        Assert.Contains("error EKN0648", error, StringComparison.Ordinal);
        Assert.Contains("instance.region", error, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Out, string Error)> PlanAsync(params string[] arguments) => RunAsync(["image", "plan", .. arguments]);

    private static async Task<(int Exit, string Out, string Error)> RunAsync(string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(),
            Environment = ImmutableDictionary<string, string>.Empty,
        };
        var exit = await CommandLine.RunAsync(arguments, io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Head + text);
        return path;
    }
}
