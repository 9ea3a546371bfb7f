using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.Tests;

/// <summary><c>eksnode config convert --from node</c> on a folder that join wrote.</summary>
public sealed class ConvertedNodeTests : IDisposable
{
    private const string Own = "eksnode.io/v1alpha1";

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("eksnode-converted-");
    private readonly DirectoryInfo beside = Directory.CreateTempSubdirectory("eksnode-converted-facts-");

    // On Outposts the kubelet writes its own kubeconfig; every-field: see NodeConversionTests.
    public static TheoryData<string> Cases =>
    [
        .. Directory.GetDirectories(Path.Combine(Repository.Root, "tests/cases")).Select(d => Path.GetFileName(d)!)
            .Where(n => n != "every-field" && !n.StartsWith("outposts", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private string Converted => Path.Combine(beside.FullName, "converted.yaml");

    private string Facts => Path.Combine(beside.FullName, "facts.json");

    public void Dispose()
    {
        root.Delete(recursive: true);
        beside.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_node_that_join_wrote_is_planned_again_from_what_its_files_say(string name)
    {
        if ((await JoinAsync(name)).Exit != 0)
        {
            // A configuration that cannot be planned.
            return;
        }

        var converted = await RunAsync("config", "convert", "--from", "node", "--to", Own, "--facts", Facts, "--output-file", Converted);
        Assert.True(converted.Exit == 0, converted.Error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Converted));
        var plan = await RunAsync("plan", "-c", Converted, "--facts", Facts, "--output", "json");
        using var document = JsonDocument.Parse(plan.Out);
        Assert.True(document.RootElement.TryGetProperty("changes", out var changes), plan.Out);
        Assert.DoesNotContain(changes.EnumerateArray().Select(c => c.GetProperty("resource").GetString()!), id => id.StartsWith("file:", StringComparison.Ordinal) || id.StartsWith("symlink:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("registries", "c2VjcmV0LWhlYWRlcg==")]
    [InlineData("registries", "secret-profile")]
    [InlineData("proxy", "p%25a")]
    public async Task Secrets_are_printed_when_they_are_asked_for_alone(string name, string secret)
    {
        Assert.Equal(0, (await JoinAsync(name)).Exit);
        string[] convert = ["config", "convert", "--from", "node", "--to", Own, "--facts", Facts];
        foreach (var output in (string[])["table", "json", "yaml"])
        {
            var printed = await RunAsync([.. convert, "--output", output]);
            Assert.DoesNotContain(secret, printed.Out + printed.Error, StringComparison.Ordinal);
            Assert.Contains("<redacted>", printed.Out, StringComparison.Ordinal);
            Assert.Contains("EKN0553", printed.Out + printed.Error, StringComparison.Ordinal);
        }

        var shown = await RunAsync([.. convert, "--show-secrets"]);
        Assert.Contains(secret, shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("EKN0553", shown.Error, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync([.. convert, "--output-file", Converted])).Out);
        Assert.Contains(secret, File.ReadAllText(Converted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_image_scripts_wrote_is_found()
    {
        Assert.Equal(0, (await JoinAsync("plain")).Exit);
        Write("/etc/sysctl.d/99-mine.conf", "net.core.somaxconn=16384\n");
        Write("/etc/modules-load.d/mine.conf", "br_netfilter\n");
        Write("/etc/containerd/certs.d/docker.io/hosts.toml", "[host.'https://mirror.example.com']\nca = 'ca.pem'\n");
        Write("/etc/containerd/certs.d/docker.io/ca.pem", "of the mirror");
        Write("/etc/systemd/system/containerd.service.d/proxy.conf", "[Service]\nEnvironmentFile=/opt/proxy.env\nLimitNOFILE=1048576\nNice=5\n");
        Write("/etc/systemd/system/kubelet.service.d/proxy.conf", "[Service]\nEnvironmentFile=/opt/proxy.env\n");
        Write("/etc/systemd/system/sshd.service.d/mine.conf", "[Service]\nNice=5\n");
        Write("/opt/proxy.env", "HTTPS_PROXY=http://proxy.example.com:3128\n");
        Write("/etc/kubernetes/kubelet/config.json.d/50-mine.conf", "{\"apiVersion\": \"kubelet.config.k8s.io/v1beta1\", \"kind\": \"KubeletConfiguration\", \"podsPerCore\": 7}");
        var own = await RunAsync("config", "convert", "--from", "node", "--to", Own, "--facts", Facts, "-o", "json");
        using var document = JsonDocument.Parse(own.Out);
        var spec = document.RootElement.GetProperty("nodeConfig").GetProperty("spec");
        Assert.Equal("http://proxy.example.com:3128", spec.GetProperty("proxy").GetProperty("https").GetString());
        Assert.Equal(16384, spec.GetProperty("kernel").GetProperty("sysctls").GetProperty("net.core.somaxconn").GetInt32());
        Assert.Equal("br_netfilter", spec.GetProperty("kernel").GetProperty("modules")[0].GetString());
        Assert.Equal(1048576, spec.GetProperty("limits").GetProperty("units").GetProperty("containerd").GetProperty("limitNOFILE").GetInt32());
        Assert.Equal("/etc/containerd/certs.d/docker.io/ca.pem", spec.GetProperty("registries").GetProperty("docker.io").GetProperty("mirrors")[0].GetProperty("certificateAuthority").GetString());
        Assert.Equal(7, spec.GetProperty("kubelet").GetProperty("config").GetProperty("podsPerCore").GetInt32());
        Assert.Equal(["EKN0551 /etc/systemd/system/containerd.service.d/proxy.conf", "EKN0552 /etc/containerd/certs.d/docker.io/hosts.toml"], Found(document));

        var eks = await RunAsync("config", "convert", "--from", "node", "--facts", Facts, "-o", "json");
        using var other = JsonDocument.Parse(eks.Out);
        Assert.Equal(
            [
                "EKN0550 /etc/containerd/certs.d/docker.io/hosts.toml", "EKN0550 /etc/modules-load.d/mine.conf", "EKN0550 /etc/sysctl.d/99-mine.conf",
                "EKN0550 /etc/systemd/system/containerd.service.d/proxy.conf", "EKN0551 /etc/systemd/system/containerd.service.d/proxy.conf",
            ],
            Found(other));
        Assert.Equal(
            "http://proxy.example.com:3128",
            other.RootElement.GetProperty("nodeConfig").GetProperty("spec").GetProperty("instance").GetProperty("environment").GetProperty("kubelet").GetProperty("HTTPS_PROXY").GetString());
    }

    private static IEnumerable<string> Found(JsonDocument document) => document.RootElement.GetProperty("diagnostics").EnumerateArray()
        .Select(d => d.GetProperty("code").GetString() + " " + d.GetProperty("path").GetString()).Order(StringComparer.Ordinal);

    private async Task<(int Exit, string Out, string Error)> JoinAsync(string name)
    {
        var facts = JsonNode.Parse(File.ReadAllText(Input(name, "facts.json")))!;
        var image = facts["image"] as JsonObject ?? [];
        image["kubeletVersion"] = "1.33.4";
        image["containerdVersion"] = "2.1.9";
        facts["image"] = image;
        File.WriteAllText(Facts, facts.ToJsonString());
        var files = Path.Combine(Repository.Root, "tests/cases", name, "root");
        foreach (var file in Directory.Exists(files) ? Directory.EnumerateFiles(files, "*", SearchOption.AllDirectories) : [])
        {
            Write(file[files.Length..], File.ReadAllText(file));
        }

        return await RunAsync("join", "--no-start", "-c", File.Exists(Input(name, "config.mime")) ? Input(name, "config.mime") : Input(name, "config.yaml"), "--facts", Facts);
    }

    private static string Input(string name, string file)
    {
        var path = Path.Combine(Repository.Root, "tests/cases", name, file);
        return File.Exists(path) ? path : Path.Combine(Repository.Root, "tests/cases/plain", file);
    }

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root.FullName + path)!);
        File.WriteAllText(root.FullName + path, content);
    }

    private async Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        var exit = await CommandLine.RunAsync([.. arguments, "--root", root.FullName], io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
