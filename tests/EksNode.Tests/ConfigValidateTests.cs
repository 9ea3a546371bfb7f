using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace EksNode.Tests;

/// <summary><c>eksnode config validate</c> in this process.</summary>
public sealed class ConfigValidateTests : IDisposable
{
    private const string Head = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n";
    private const string Good = Head + "  cluster:\n    name: demo\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-validate-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_finding_is_shown_with_its_line_and_a_mark()
    {
        var file = Write("a.yaml", Good + "  kubelet:\n    config:\n      maxPod: 30\n");
        var (exit, output, error) = await RunAsync(file);
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(
            $"""
            warning EKN0401: KubeletConfiguration has no field `maxPod`: the kubelet ignores it.
              at {file}:8:7 spec.kubelet.config.maxPod
              8 |       maxPod: 30
                |       ^~~~~~
              help Did you mean `maxPods`?

            1 source: 1 warning

            """,
            output);
    }

    [Fact]
    public async Task Strict_makes_a_warning_an_error()
    {
        var file = Write("a.yaml", Good + "  kubelet: {config: {maxPod: 30}}\n");
        var (exit, output, _) = await RunAsync(file, "--strict", "-o", "json");
        Assert.Equal(2, exit);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("error", json.RootElement.GetProperty("diagnostics")[0].GetProperty("severity").GetString());
        Assert.Equal((1, 0), Summary(json));
    }

    [Fact]
    public async Task Every_file_is_judged_for_itself_and_all_findings_come_in_one_run()
    {
        var bad = Write("bad.yaml", Head + "  kubelet:\n    config: {maxPods: x, maxOpenFiles: -1}\n    flags: [--nope]\n");
        var folderPath = Path.GetDirectoryName(Write("d/10-a.yaml", Head + "  kubelet: {config: {maxPods: 20}}\n"))!;
        Write("d/20-b.json", """{"apiVersion":"node.eks.aws/v1alpha1","kind":"NodeConfig","spec":{"kubelet":{"conf":{}}}}""");
        var (exit, output, _) = await RunAsync(bad, folderPath, "-o", "json");
        Assert.Equal(2, exit);
        using var json = JsonDocument.Parse(output);
        var found = json.RootElement.GetProperty("diagnostics").EnumerateArray()
            .Select(d => $"{Path.GetFileName(d.GetProperty("source").GetString())}:{d.GetProperty("line").GetInt32()}:{d.GetProperty("column").GetInt32()} {d.GetProperty("code").GetString()} {d.GetProperty("path").GetString()}");
        Assert.Equal(
            [
                "bad.yaml:5:23 EKN0402 spec.kubelet.config.maxPods", "bad.yaml:5:40 EKN0405 spec.kubelet.config.maxOpenFiles", "bad.yaml:6:13 EKN0420 spec.kubelet.flags[0]",
                "20-b.json:1:78 EKN0201 spec.kubelet.conf",
            ],
            found);
        Assert.Equal((3, 1), Summary(json));
    }

    [Fact]
    public async Task The_sources_of_one_node_are_judged_together()
    {
        var one = Write("1.yaml", Head + "  kubelet: {config: {shutdownGracePeriod: 30s}}\n");
        var two = Write("2.yaml", Head + "  kubelet: {config: {shutdownGracePeriodCriticalPods: 40s}}\n");
        var (alone, _, _) = await RunAsync(one);
        Assert.Equal(0, alone);
        var (exit, output, _) = await RunAsync("-c", one, "-c", two, "--kubernetes-version", "1.33");
        Assert.Equal(2, exit);
        Assert.Contains("EKN0406", output, StringComparison.Ordinal);
        Assert.Contains("EKN0206", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_describes_a_cluster_must_name_it()
    {
        var (exit, output, _) = await RunAsync(Write("a.yaml", Head + "  cluster: {apiServerEndpoint: 'https://x.example.com', cidr: 10.100.0.0/16}\n"));
        Assert.Equal(2, exit);
        Assert.Contains("EKN0206", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(Write("b.yaml", Head + "  cluster: {apiServerEndpoint: 'https://x.example.com'}\n"))).Exit);
    }

    [Fact]
    public async Task Containerd_is_judged_by_its_version()
    {
        var file = Write("a.yaml", Good + "  containerd:\n    config: |\n      [plugins.'io.containerd.cri.v1.images']\n      discard_unpacked_layer = true\n      [grpc]\n      uid = 'x'\n");
        var (exit, output, _) = await RunAsync(file, "--containerd-version", "2.1");
        Assert.Equal(2, exit);
        Assert.Contains("EKN0507", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean `discard_unpacked_layers`?", output, StringComparison.Ordinal);
        Assert.Contains("error EKN0506", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encoded_user_data_shows_the_decoded_line()
    {
        var text = Good + "  kublet: {}\n";
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        var (exit, output, _) = await RunAsync(Write("user-data.b64", Convert.ToBase64String(packed.ToArray())));
        Assert.Equal(0, exit);
        Assert.Contains("6 |   kublet: {}\n    |   ^~~~~~\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_of_a_shown_line_are_hidden()
    {
        var (_, output, _) = await RunAsync(Write(
            "a.yaml",
            Good + "  instance:\n    environment: {default: {HTTPS_PROXY: 'http://user:hunter22@proxy:3128', API_TOKEN: 12345678}}\n  kubelet: {flags: ['--storage-driver-password=hunter22 x']}\n"));
        Assert.DoesNotContain("hunter22", output, StringComparison.Ordinal);
        Assert.DoesNotContain("12345678", output, StringComparison.Ordinal);
        Assert.Contains("EKN0203", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_characters_of_a_line_do_not_reach_the_terminal()
    {
        var (_, output, _) = await RunAsync(Write("a.yaml", "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: {x\u009b31m: 1}\n"));
        Assert.DoesNotContain('\u009b', output);
    }

    [Fact]
    public async Task A_file_without_a_configuration_is_a_warning_and_one_that_does_not_exist_an_error()
    {
        var (exit, output, _) = await RunAsync(Write("a.sh", "#!/bin/bash\necho hello\n"));
        Assert.Equal(0, exit);
        Assert.Contains("warning EKN0102", output, StringComparison.Ordinal);
        var (missing, text, _) = await RunAsync(Path.Combine(folder.FullName, "none.yaml"));
        Assert.Equal(2, missing);
        Assert.Contains("EKN0003", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--kubernetes-version", "latest")]
    [InlineData("--containerd-version", "2")]
    [InlineData("--output", "xml")]
    public async Task A_wrong_option_is_refused(string option, string value)
    {
        var (exit, _, error) = await RunAsync(Write("a.yaml", Good), option, value);
        Assert.Equal(2, exit);
        Assert.Contains("EKN0001", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_facts_the_plan_is_made_and_one_mistake_is_told_once()
    {
        var facts = Path.Combine(Repository.Root, "examples/facts/m6i.large.json");
        var file = Write("a.yaml", Good + "  kubelet: {config: {maxPods: -1}}\n");
        var (exit, output, _) = await RunAsync(file, "--facts", facts, "-o", "json");
        Assert.Equal(2, exit);
        using var json = JsonDocument.Parse(output);
        var found = json.RootElement.GetProperty("diagnostics").EnumerateArray().Where(d => d.GetProperty("code").GetString() == "EKN0405").ToList();
        Assert.Equal("error", Assert.Single(found).GetProperty("severity").GetString());
    }

    [Fact]
    public async Task With_facts_a_file_that_is_a_part_of_a_configuration_needs_no_cluster()
    {
        var facts = Path.Combine(Repository.Root, "examples/facts/m6i.large.json");
        var own = Head.Replace("node.eks.aws", "eksnode.io", StringComparison.Ordinal);
        var part = Write("a.yaml", own + "  proxy: {https: 'http://proxy.example.com:3128'}\n  maxPods: {expression: 'clamp(max_pods, 250, 110)'}\n");
        var (exit, output, _) = await RunAsync(part, "--facts", facts);
        Assert.Equal(0, exit);
        Assert.Contains("`instance.vpcCidrs` is missing", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("EKN0605").Length); // once, and for this instance
        Assert.Contains("for this instance type, and max pods is 29", output, StringComparison.Ordinal);
        Assert.EndsWith("1 source: 2 warnings\n", output, StringComparison.Ordinal);
        var (together, text, _) = await RunAsync("-c", part, "--facts", facts);
        Assert.Equal(2, together);
        Assert.Contains("`spec.cluster.name` is missing", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.99", "EKN0615")]
    [InlineData("1.21", "EKN0615")]
    public async Task A_Kubernetes_that_the_tables_lack_is_a_warning(string version, string code)
    {
        var (exit, output, _) = await RunAsync(Write("a.yaml", Good), Write("b.yaml", Good), "--kubernetes-version", version);
        Assert.Equal(0, exit);
        Assert.Equal(2, output.Split(code).Length); // once, however many files there are
    }

    [Fact]
    public async Task A_containerd_that_the_kubelet_does_not_accept_is_a_warning()
    {
        var (_, output, _) = await RunAsync(Write("a.yaml", Good), "--kubernetes-version", "1.36", "--containerd-version", "1.7");
        Assert.Contains("EKN0609", output, StringComparison.Ordinal);
        Assert.DoesNotContain("EKN0609", (await RunAsync(Write("a.yaml", Good), "--kubernetes-version", "1.35", "--containerd-version", "1.7")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_large_is_said_to_be_no_configuration()
    {
        var (exit, output, _) = await RunAsync(Write("a.yaml", new string('a', BoundedInput.Largest + 1)));
        Assert.Equal(2, exit);
        Assert.Contains("it is larger than 16 MiB", output, StringComparison.Ordinal);
        Assert.Contains("help Name a configuration", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--protect-kernel-defaults=false", false)]
    [InlineData("--protect-kernel-defaults", true)]
    public async Task A_flag_decides_whether_the_kubelet_looks_at_settings_of_the_kernel(string flag, bool refused)
    {
        var own = Head.Replace("node.eks.aws", "eksnode.io", StringComparison.Ordinal);
        var text = own + $"  kernel: {{sysctls: {{vm.overcommit_memory: '2'}}}}\n  kubelet: {{config: {{protectKernelDefaults: {(refused ? "false" : "true")}}}, flags: ['{flag}']}}\n";
        var (exit, output, _) = await RunAsync(Write("a.yaml", text));
        Assert.Equal(refused ? 2 : 0, exit);
        Assert.Equal(refused, output.Contains("EKN0730", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_help_of_a_finding_fits_it()
    {
        var own = Head.Replace("node.eks.aws", "eksnode.io", StringComparison.Ordinal);
        var (_, output, _) = await RunAsync(
            Write("a.yaml", own + "  kernel: {pidMax: 5000000}\n  limits: {podPidsLimit: auto}\n  readiness: {timeout: 1200h}\n  hooks: {preStart: [{command: [/opt/a], timeout: 5}]}\n"),
            Write("b.yaml", "apiVersion: eksnode.io/v1\nkind: NodeConfig\nspec: {}\n"),
            Write("c.json", "// the node\n{\"spec\":{}}\n"),
            Write("d.yaml", Good + "  kubelet:\n    config:\n      maxPods:20\n    flags:\n    - '–-max-pods=30'\n    - --node-ip=::\n"),
            Write("d2.yaml", Good + "  kubelet: {config: {nodeLabels: {a: b}}}\n"),
            Write("e.yaml", Good + "  containerd:\n    config: >\n      version = 3\n      [grpc]\n      uid = 1\n"),
            Write("f.txt", "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: application/node.eks.aws\n\n#!/bin/sh\necho hi\n--B--\n"));
        Assert.Equal(
            [
                "help Write a whole number from 301 to 4194304.", "help Write `Auto`, as the API does.", "help The longest wait is `1193h`.",
                "help Write it with its unit: `5s`.", "help Write `apiVersion: eksnode.io/v1alpha1`.", "help JSON has no comments: leave them out, or write YAML and `#`.",
                "help Write a space after the colon: `maxPods: …`.",
                "help It begins with the character `–`: write plain hyphens and quotes, as in `--name=value`.",
                "help Put the flag in quotes.", "help It is a flag: write `--node-labels=…` in `spec.kubelet.flags`.",
                "help Write `|` instead of `>`.",
                "help If this is a script for cloud-init, give its part the header `Content-Type: text/x-shellscript`.",
            ],
            output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("help ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Sarif_has_what_its_schema_requires()
    {
        var mime = "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--B\nContent-Type: application/node.eks.aws\n\n"
            + Good + "  kublet: {}\n--B--\n";
        var (exit, output, _) = await RunAsync(Write("user data.txt", mime), Write("a.yaml", Head + "  kubelet: {config: {maxPods: x}}\n"), "-o", "sarif");
        Assert.Equal(2, exit);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("2.1.0", json.RootElement.GetProperty("version").GetString());
        var run = Assert.Single(json.RootElement.GetProperty("runs").EnumerateArray());
        var driver = run.GetProperty("tool").GetProperty("driver");
        Assert.Equal("eksnode", driver.GetProperty("name").GetString());
        var rules = driver.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("id").GetString()).ToList();
        Assert.Equal(["EKN0201", "EKN0402"], rules);
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.All(results, r => Assert.Equal(rules[r.GetProperty("ruleIndex").GetInt32()], r.GetProperty("ruleId").GetString()));
        Assert.All(results, r => Assert.Contains(r.GetProperty("level").GetString(), (string[])["error", "warning", "note", "none"]));
        Assert.All(results, r => Assert.NotEmpty(r.GetProperty("message").GetProperty("text").GetString()!));
        var place = results[0].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal(new Uri(Path.Combine(folder.FullName, "user data.txt")).AbsoluteUri, place.GetProperty("artifactLocation").GetProperty("uri").GetString());

        // The line is that of the file, not of the part: part 2 begins at line 10.
        Assert.Equal((15, 3), (place.GetProperty("region").GetProperty("startLine").GetInt32(), place.GetProperty("region").GetProperty("startColumn").GetInt32()));
        Assert.Equal("spec.kubelet.config.maxPods", results[1].GetProperty("locations")[0].GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
    }

    private static (int Errors, int Warnings) Summary(JsonDocument json)
    {
        var summary = json.RootElement.GetProperty("summary");
        return (summary.GetProperty("errors").GetInt32(), summary.GetProperty("warnings").GetInt32());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(),
            Environment = ImmutableDictionary<string, string>.Empty,
        };
        var exit = await CommandLine.RunAsync(["config", "validate", .. arguments], io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
