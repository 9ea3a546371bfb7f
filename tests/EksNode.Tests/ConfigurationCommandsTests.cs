using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Tests;

/// <summary><c>explain</c>, <c>plan</c>, <c>config show</c> and <c>config convert</c> in this process, on the cases of <c>tests/cases/</c>.</summary>
public sealed class ConfigurationCommandsTests : IDisposable
{
    private const string Secret = "hunter2-hunter2";

    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-commands-").FullName;
    private readonly string root;

    public ConfigurationCommandsTests() => root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;

    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Case("")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_plan_follows_its_schema(string name)
    {
        var join = await RunAsync(["join", "--no-start", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        Assert.True(join.Exit == 0, join.Error);
        var (exit, output, error) = await RunAsync(["plan", "--root", root, "--facts", Facts(name), "-c", Config(name), "--output", "json"]);
        Assert.True(exit is >= 0 and <= 3, error);
        var plan = JsonNode.Parse(output)!;
        Assert.Empty(JsonSchema.Of("plan.schema.json").Violations(output));
        Assert.True(exit is 1 or 2 || (exit == 3) == (plan["changes"]!.AsArray().Count > 0), error);
    }

    [Fact]
    public void The_validator_of_these_tests_finds_mistakes()
    {
        Assert.Equal(
            ["$.changes[0].resource: is no string", "$.changes[0]: lacks action", "$.changes[0]: lacks reasons", "$.x: is not allowed", "$: lacks diagnostics"],
            JsonSchema.Of("plan.schema.json").Violations("""{"changes": [{"resource": 1}], "x": 1}""").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_changed_by_hand_is_shown_with_the_way_back()
    {
        await RunAsync(["join", "--no-start", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        var file = Path.Combine(root, "etc/kubernetes/kubelet/config.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"maxPods\": 29", "\"maxPods\": 58", StringComparison.Ordinal));
        string[] plan = ["plan", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")];
        var (exit, output, _) = await RunAsync(plan);
        Assert.Equal(0, exit);
        Assert.Contains("= /etc/kubernetes/kubelet/config.json  changed by hand, stays; with `--policy enforce`:\n    ~ maxPods: 58 → 29", output, StringComparison.Ordinal);
        Assert.Equal(3, (await RunAsync([.. plan, "--policy", "enforce"])).Exit);
    }

    [Fact]
    public async Task Hooks_modules_and_dropped_defaults_are_listed()
    {
        var (_, output, _) = await RunAsync(["plan", "--root", root, "--facts", Facts("kernel-limits-hooks"), "-c", Config("kernel-limits-hooks")]);
        Assert.Contains("▸ hook preStart  /opt/example/bin/warm-up  ← ", output, StringComparison.Ordinal);
        Assert.Contains("▸ kernel module  br_netfilter  ← ", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync(["plan", "--root", root, "--facts", Facts("kubelet-replace"), "-c", Config("kubelet-replace")]);
        Assert.Contains("▾ left out by the replacement  kubelet.kubeReserved.memory: ", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync(["plan", "--root", root, "--facts", Facts("kubelet-replace"), "-c", Config("kubelet-replace"), "--output", "json"]);
        Assert.NotEmpty(JsonNode.Parse(output)!["dropped"]!.AsArray());
    }

    [Fact]
    public async Task A_change_inside_a_file_is_told_value_by_value()
    {
        await RunAsync(["join", "--no-start", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        var config = Path.Combine(folder, "more.yaml");
        File.WriteAllText(config, File.ReadAllText(Config("plain")) + "  kubelet:\n    maxPodsExpression: max_pods - 1\n");
        var (exit, output, _) = await RunAsync(["plan", "--root", root, "--facts", Facts("plain"), "-c", config]);
        Assert.Equal(3, exit);
        Assert.Contains("~ maxPods: 29 → 28  ← " + config, output, StringComparison.Ordinal);
        Assert.Contains("~ kubeReserved.memory: 574Mi → 563Mi", output, StringComparison.Ordinal);
        Assert.DoesNotContain("clusterDNS", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_are_told_flag_by_flag()
    {
        await RunAsync(["join", "--no-start", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        var config = Path.Combine(folder, "flags.yaml");
        File.WriteAllText(config, File.ReadAllText(Config("plain")) + "  kubelet:\n    flags: [--v=4, --hostname-override=other.example.com]\n");
        var (_, output, _) = await RunAsync(["plan", "--root", root, "--facts", Facts("plain"), "-c", config]);
        Assert.Contains("    + --v: 4  ← " + config, output, StringComparison.Ordinal);
        Assert.Contains("    + --hostname-override: other.example.com  ← " + config, output, StringComparison.Ordinal);
        Assert.DoesNotContain("NODEADM_KUBELET_ARGS", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_tells_files_of_one_name_apart_and_every_exception_of_the_proxy()
    {
        var config = Path.Combine(folder, "proxy.yaml");
        File.WriteAllText(config, File.ReadAllText(Config("plain")).Replace("node.eks.aws/", "eksnode.io/", StringComparison.Ordinal) + "  proxy: {https: 'http://proxy.example.com:3128'}\n");
        var (_, output, error) = await RunAsync(["plan", "--root", root, "--facts", Facts("plain"), "-c", config]);
        Assert.True(output.Contains(", /etc/kubernetes/kubelet/config.json, /etc/eks/image-credential-provider/config.json, environment", StringComparison.Ordinal), output + error);
        Assert.Contains("127.0.0.1, localhost, ::1, 169.254.169.254, fd00:ec2::254, .internal, .svc, .cluster.local  ← 8 defaults", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_replaced_is_told_with_where_it_is_kept_below_the_root()
    {
        Write("/etc/containerd/config.toml", "version = 2\n");
        string[] sources = ["--root", root, "--facts", Facts("plain"), "-c", Config("plain")];
        Assert.Contains("    not eksnode's: it was there before; it is replaced, and `eksnode reset` puts it back", (await RunAsync(["plan", .. sources])).Output, StringComparison.Ordinal);
        await RunAsync(["join", "--no-start", .. sources]);
        Write("/etc/containerd/config.toml", "version = 3\n");
        var enforced = await RunAsync(["plan", "--policy", "enforce", .. sources]);
        Assert.Contains($"that version is replaced, and kept as {root}/var/lib/eksnode/replaced/etc-containerd-config.toml.", enforced.Output, StringComparison.Ordinal);
        await RunAsync(["join", "--no-start", "--policy", "enforce", .. sources]);
        var reset = await RunAsync(["reset", "--yes", "--root", root]);
        Assert.Contains($"removed    {root}/etc/kubernetes/kubelet/config.json\n", reset.Output, StringComparison.Ordinal);
        Assert.Contains($"{root}/var/lib/eksnode/replaced keeps", reset.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mode_that_is_put_back_restarts_nothing()
    {
        string[] sources = ["--root", root, "--facts", Facts("plain"), "-c", Config("plain")];
        await RunAsync(["join", "--no-start", .. sources]);
        var file = Path.Combine(root, "etc/containerd/config.toml");
        var written = File.GetLastWriteTimeUtc(file);
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        var enforced = await RunAsync(["plan", "--policy", "enforce", .. sources]);
        Assert.Contains("~ mode 0644 → 0600", enforced.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("↻", enforced.Output, StringComparison.Ordinal);
        await RunAsync(["join", "--no-start", "--policy", "enforce", .. sources]);
        Assert.Equal((UnixFileMode.UserRead | UnixFileMode.UserWrite, written), (File.GetUnixFileMode(file), File.GetLastWriteTimeUtc(file)));
    }

    [Fact]
    public async Task What_a_root_folder_cannot_do_is_left_to_the_next_start()
    {
        var (_, output, _) = await RunAsync(["join", "--no-start", "--root", root, "--facts", Facts("kernel-limits-hooks"), "-c", Config("kernel-limits-hooks")]);
        var left = output.Split('\n').First(l => l.StartsWith("Left to the next start: ", StringComparison.Ordinal));
        Assert.Contains("hook preStart (/opt/example/bin/warm-up)", left, StringComparison.Ordinal);
        Assert.Contains("kernel module br_netfilter", left, StringComparison.Ordinal);
        Assert.Contains("sysctl ", left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_has_only_the_warnings_about_its_target()
    {
        var config = Path.Combine(folder, "labels.yaml");
        File.WriteAllText(
            config,
            File.ReadAllText(Config("plain")).Replace("node.eks.aws/", "eksnode.io/", StringComparison.Ordinal)
                + "  labels: {team: one}\n  kubelet: {flags: [--node-labels=team=two]}\n  maxPods: 20000\n");
        string[] sources = ["--root", root, "--facts", Facts("plain"), "-c", config];
        var about = await RunAsync(["explain", "spec.labels.team", .. sources]);
        Assert.Contains("EKN0429", about.Error, StringComparison.Ordinal);
        var other = await RunAsync(["explain", "kubelet.serializeImagePulls", .. sources]);
        Assert.DoesNotContain("EKN0429", other.Error, StringComparison.Ordinal);
        Assert.Contains("about other settings: eksnode plan", other.Error, StringComparison.Ordinal);
        Assert.Contains("EKN0429", (await RunAsync(["explain", .. sources])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_neither_shown_nor_explained_nor_diffed()
    {
        var config = Path.Combine(folder, "secret.yaml");
        File.WriteAllText(config, File.ReadAllText(Config("plain")) + $"  instance:\n    environment:\n      kubelet:\n        API_TOKEN: {Secret}\n  containerd:\n    config: |\n      version = 3\n"
            + $"      [plugins.\"io.containerd.cri.v1.images\".registry.configs.\"a.example\".auth]\n      password = \"{Secret}\"\n");
        foreach (var arguments in (string[][])[["config", "show"], ["config", "show", "--output", "json"], ["config", "show", "--output", "yaml"], ["explain", "--facts", Facts("plain")], ["explain", "--facts", Facts("plain"), "--output", "json", "*"], ["plan", "--facts", Facts("plain"), "--output", "json"]])
        {
            var run = await RunAsync([.. arguments, "--root", root, "-c", config]);
            Assert.True(run.Exit is 0 or 3, run.Error);
            Assert.NotEqual("", run.Output);
            Assert.DoesNotContain(Secret, run.Output + run.Error, StringComparison.Ordinal);
        }

        var shown = await RunAsync(["config", "show", "--show-secrets", "--root", root, "-c", config]);
        Assert.Contains(Secret, shown.Output, StringComparison.Ordinal);
        var file = Path.Combine(folder, "shown.yaml");
        Assert.Equal((0, ""), ((await RunAsync(["config", "show", "-o", file, "--root", root, "-c", config])) is var written ? (written.Exit, written.Output) : default));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains(Secret, File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_shown_says_the_same(string name)
    {
        Assert.SkipWhen(Directory.Exists(Path.Combine(Case(name), "root")), "The files that it names are part of what is shown.");
        var (exit, output, error) = await RunAsync(["config", "show", "--show-secrets", "--root", root, "-c", Config(name)]);
        Assert.True(exit == 0, error);
        Assert.Equal(Document(File.ReadAllText(Config(name))), Document(output));
    }

    [Fact]
    public async Task Every_value_names_its_line()
    {
        var (low, high) = (Path.Combine(folder, "1.yaml"), Path.Combine(folder, "2.yaml"));
        File.WriteAllText(low, "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: a\n  kubelet:\n    flags:\n    - --v=2\n");
        File.WriteAllText(high, "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: b\n  kubelet:\n    flags:\n    - --v=4\n");
        var (_, output, _) = await RunAsync(["config", "show", "--root", root, "-c", low, "-c", high]);
        Assert.Contains($"name: b  # {high}:5:11\n", output, StringComparison.Ordinal);
        Assert.Contains($"- \"--v=2\"  # {low}:8:7\n    - \"--v=4\"  # {high}:8:7\n", output, StringComparison.Ordinal);
        var json = JsonNode.Parse((await RunAsync(["config", "show", "--root", root, "-c", low, "-c", high, "--output", "json"])).Output)!;
        Assert.Equal("b", (string?)json["nodeConfig"]!["spec"]!["cluster"]!["name"]);
        Assert.Equal(high, (string?)json["origins"]!["spec.cluster.name"]!["source"]);
    }

    [Fact]
    public async Task A_mistyped_target_gets_a_suggestion()
    {
        var (exit, output, error) = await RunAsync(["explain", "kubelet.maxPod", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("EKN0040", error, StringComparison.Ordinal);
        Assert.Contains("Did you mean `kubelet.maxPods`?", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_has_value_reason_and_what_would_change_it()
    {
        var (exit, output, _) = await RunAsync(["explain", "maxPods", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        Assert.Equal(0, exit);
        Assert.StartsWith("kubelet.maxPods = 29\n", output, StringComparison.Ordinal);
        Assert.Contains("3 interfaces × (10 addresses − 1) + 2 = 29", output, StringComparison.Ordinal);
        Assert.Contains("110  ← default of the kubelet", output, StringComparison.Ordinal);
        Assert.Contains("  to change it  set spec.maxPods, or spec.kubelet.config.maxPods, which wins\n", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync(["explain", "maxOpenFiles", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        Assert.Equal("kubelet.maxOpenFiles = 1000000\n  decided by    default of the kubelet\n  to change it  set spec.kubelet.config.maxOpenFiles\n", output);
    }

    [Fact]
    public async Task Every_part_of_a_list_is_told_and_fits_a_serial_console()
    {
        var (exit, output, error) = await RunAsync(["explain", "proxy.NO_PROXY", "--root", root, "--facts", Facts("proxy"), "-c", Config("proxy")]);
        Assert.True(exit == 0, error);
        Assert.Contains("decided by .example.com ← ", string.Join(' ', output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("                localhost  ← default of eksnode (the node itself)\n", output, StringComparison.Ordinal);
        Assert.Contains("  to change it  set spec.proxy.noProxy\n", output, StringComparison.Ordinal);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80 || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
        var json = JsonNode.Parse((await RunAsync(["explain", "proxy.NO_PROXY", "--root", root, "--facts", Facts("proxy"), "-c", Config("proxy"), "--output", "json"])).Output)!["targets"]![0]!;
        Assert.Contains(json["parts"]!.AsArray(), p => (string?)p!["value"] == ".example.com" && (int?)p["origin"]!["line"] == 12);
        Assert.Equal("spec.proxy.noProxy", (string?)json["change"]);
    }

    [Theory]
    [InlineData("a b c d e f", "a b c d e|f")]
    [InlineData("a bcdef ← 1 2", "a bcdef|← 1 2")]
    [InlineData("a ← 0123456789", "a|← 0123456789")]
    [InlineData("← 0123456789 a", "← 0123456789|a")]
    [InlineData("0123456789", "0123456789")]
    [InlineData(",0123456789 a", ",0123456789|a")]
    [InlineData("a,b,c,d,e,f,g,h", "a,b,c,d,|e,f,g,h")]
    [InlineData("         0", "0")]
    public void A_long_line_goes_on_in_the_next(string text, string lines) =>
        Assert.Equal(lines, string.Join('|', Rendering.ExplanationText.Wrapped(text, 9, 0)).Trim());

    [Theory]
    [InlineData("kubelet.zzzz", "`eksnode explain` without a target")]
    [InlineData("containerd.plugins.io.containerd.cri.v1.images.max_concurent_downloads", "Did you mean `containerd.plugins.\"io.containerd.cri.v1.images\".max_concurrent_downloads`?")]
    [InlineData("spec.proxy.noProxi", "Did you mean `spec.proxy.noProxy`?")]
    public async Task Only_near_names_are_suggested(string word, string help)
    {
        var (exit, _, error) = await RunAsync(["explain", word, "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        Assert.Equal(2, exit);
        Assert.Contains(help, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_preset_sets_is_shown_with_its_name()
    {
        var config = Path.Combine(folder, "preset.yaml");
        File.WriteAllText(config, "apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: a\n  preset: dense\n  kernel:\n    pidMax: 99999\n");
        var (exit, output, error) = await RunAsync(["config", "show", "--root", root, "-c", config]);
        Assert.True(exit == 0, error);
        Assert.StartsWith("apiVersion: eksnode.io/v1alpha1 ", output, StringComparison.Ordinal);
        Assert.StartsWith("kind: NodeConfig ", output.Split('\n')[1], StringComparison.Ordinal);
        Assert.Contains("podPidsLimit: 4096  # preset dense\n", output, StringComparison.Ordinal);
        Assert.Contains("prefixDelegation: true  # preset dense\n", output, StringComparison.Ordinal);
        Assert.Contains("registryBurst: 30  # preset dense\n", output, StringComparison.Ordinal);
        Assert.Contains($"  # {config}:8:13\n", output, StringComparison.Ordinal);
        var origins = JsonNode.Parse((await RunAsync(["config", "show", "--root", root, "-c", config, "--output", "json"])).Output)!["origins"]!;
        Assert.Equal(("preset", "dense"), ((string?)origins["spec.limits.podPidsLimit"]!["kind"], (string?)origins["spec.limits.podPidsLimit"]!["source"]));
        Assert.Equal(2, (await RunAsync(["config", "show", "--facts", Facts("plain"), "--root", root, "-c", config])).Exit);
    }

    [Fact]
    public async Task Several_targets_are_each_explained_in_full()
    {
        var (exit, output, _) = await RunAsync(["explain", "maxPods", "kubelet.authentication", "reserved", "--root", root, "--facts", Facts("plain"), "-c", Config("plain")]);
        Assert.Equal(0, exit);
        Assert.StartsWith("kubelet.maxPods = 29\n", output, StringComparison.Ordinal);
        Assert.Contains("3 interfaces × (10 addresses − 1) + 2 = 29", output, StringComparison.Ordinal);
        Assert.Contains("\n\nkubelet.authentication.anonymous.enabled ", output, StringComparison.Ordinal);
        Assert.Contains("\n\nkubelet.kubeReserved.memory = 574Mi\n  decided by", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_of_nodeadm_becomes_a_NodeConfig()
    {
        var cache = Path.Combine(folder, "cache.json");
        File.WriteAllText(cache, """{"metadata":{},"spec":{"cluster":{"name":"a"},"kubelet":{"config":{"maxPods":20}}},"status":{"kubeletVersion":"v1.33.4"}}""");
        var (exit, output, error) = await RunAsync(["config", "convert", "--from", "nodeadm-cache", cache]);
        Assert.True(exit == 0, error);
        Assert.Contains("maxPods: 20", output, StringComparison.Ordinal);
        Assert.Contains("apiVersion: node.eks.aws/v1alpha1", output, StringComparison.Ordinal);
        File.WriteAllText(cache, "{}");
        Assert.Contains("EKN0044", (await RunAsync(["config", "convert", "--from", "nodeadm-cache", cache])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_of_bootstrap_sh_becomes_a_NodeConfig()
    {
        Write("/etc/kubernetes/kubelet/kubelet-config.json", """{"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1","clusterDNS":["172.20.0.10"],"clusterDomain":"cluster.local","maxPods":58,"providerID":"aws:///eu-west-1b/i-1"}""");
        Write("/etc/systemd/system/kubelet.service.d/10-kubelet-args.conf", "[Service]\nEnvironment='KUBELET_ARGS=--node-ip=10.0.0.9 --v=2 --hostname-override=n.internal'\n");
        Write("/etc/systemd/system/kubelet.service.d/30-kubelet-extra-args.conf", "[Service]\nEnvironment='KUBELET_EXTRA_ARGS=--node-labels=a=b --register-with-taints=c=d:NoSchedule'\n");
        Write("/etc/kubernetes/pki/ca.crt", "PEM");
        Write("/var/lib/kubelet/kubeconfig", """
            apiVersion: v1
            kind: Config
            clusters: [{name: kubernetes, cluster: {server: "https://example.com", certificate-authority: /etc/kubernetes/pki/ca.crt}}]
            users: [{name: kubelet, user: {exec: {command: aws-iam-authenticator, args: [token, -i, demo, --region, eu-west-1]}}}]
            """);
        Write("/etc/containerd/config.toml", "version = 2\n[grpc]\nmax_recv_message_size = 33554432\n");
        var (exit, output, error) = await RunAsync(["config", "convert", "--from", "node", "--root", root, "--facts", Facts("plain")]);
        Assert.True(exit is 0 or 2, error);
        Assert.True(output.Contains("cidr: \"172.20.0.0/16\"", StringComparison.Ordinal), output + error);
        Assert.Contains("maxPods: 58", output, StringComparison.Ordinal);
        Assert.Contains("- \"--node-labels=a=b\"", output, StringComparison.Ordinal);
        Assert.Contains("max_recv_message_size = 33554432", output, StringComparison.Ordinal);
    }

    private void Write(string path, string text)
    {
        var file = root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text.Replace("\"PEM\"", "PEM", StringComparison.Ordinal) == "PEM" ? Authority() : text);
    }

    private static string Authority()
    {
        var bag = new DiagnosticBag();
        var config = ConfigurationReader.Read([new SourceContent("plain", File.ReadAllBytes(Config("plain")), true)], bag).Configuration;
        return Encoding.ASCII.GetString(config.Cluster.CertificateAuthority!.Value.AsSpan());
    }

    private static string Document(string text)
    {
        var bag = new DiagnosticBag();
        var read = ConfigurationReader.Read([new SourceContent("x", Encoding.UTF8.GetBytes(text), true)], bag);
        return JsonWriter.Write(NodeConfigWriter.Document(read.Configuration), 1);
    }

    private static string Case(string name) => Path.Combine(Repository.Root, "tests", "cases", name);

    private static string Config(string name) =>
        new[] { name, "plain" }.SelectMany(n => new[] { "config.yaml", "config.mime" }.Select(f => Path.Combine(Case(n), f))).First(File.Exists);

    // The facts of a case leave the versions to the matrix.
    private string Facts(string name)
    {
        var path = Path.Combine(Case(name), "facts.json");
        var facts = JsonNode.Parse(File.ReadAllText(File.Exists(path) ? path : Path.Combine(Case("plain"), "facts.json")))!.AsObject();
        var image = facts["image"]?.AsObject() ?? [];
        facts["image"] = image;
        image["kubeletVersion"] = "1.33.4";
        image["containerdVersion"] = "2.1.5";
        var file = Path.Combine(folder, name + ".facts.json");
        File.WriteAllText(file, facts.ToJsonString());
        return file;
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => new MemoryStream(), Environment = ImmutableDictionary<string, string>.Empty };
        var exit = await CommandLine.RunAsync(arguments, io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
