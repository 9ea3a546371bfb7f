using System.Text.Json;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>The published executable is called by links named <c>nodeadm</c> and <c>nodeadm-internal</c>.</summary>
public sealed class NodeadmTests
{
    private const string Cache = "/run/eks/nodeadm/config.json";
    private const string CacheFile = "run/eks/nodeadm/config.json";

    [Fact]
    public async Task Configuring_through_the_link_writes_the_same_files_as_join()
    {
        await using var node = await SimulatedNode.StartAsync((string?)null);
        await using var other = await SimulatedNode.StartAsync((string?)null);
        var source = node.WriteOutside("node.mime", UserData.Karpenter());
        (await CallAsync(node, "nodeadm", "init", "--skip", "run", "-c", "file://" + source)).Expect(0);
        (await other.RunAsync("join", "--stage", "configure", "-c", source)).Expect(0);
        node.ExpectJoined();
        Assert.Equal(other.Snapshot(state: false), node.Snapshot(state: false));
    }

    [Fact]
    public async Task The_unit_of_the_config_phase_works_and_leaves_its_cache()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        (await ConfigPhaseAsync(node)).Expect(0);
        node.ExpectJoined();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, node.ModeOf(CacheFile));
        Assert.Equal((UnixFileMode)0x1ED, new DirectoryInfo(Path.Combine(node.Root, "run/eks/nodeadm")).UnixFileMode);
        using var cache = JsonDocument.Parse(node.Read(CacheFile));
        var root = cache.RootElement;
        Assert.Equal(["metadata", "spec", "status"], root.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("demo", root.GetProperty("spec").GetProperty("cluster").GetProperty("name").GetString());
        var status = root.GetProperty("status");
        Assert.Equal("v1.33.4", status.GetProperty("kubeletVersion").GetString());
        Assert.Equal("localhost/kubernetes/pause:latest", status.GetProperty("default").GetProperty("sandboxImage").GetString());
        Assert.Equal("i-0abc123def4567890", status.GetProperty("instance").GetProperty("id").GetString());
        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", status.GetProperty("instance").GetProperty("privateDnsName").GetString());
    }

    [Fact]
    public async Task With_the_same_configuration_the_cache_saves_the_call_of_EC2_on_this_instance_alone()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        node.Write("sys/class/dmi/id/board_asset_tag", "i-0abc123def4567890\n");
        (await ConfigPhaseAsync(node)).Expect(0);
        node.Simulator.Calls.Clear();
        var before = node.Snapshot(state: false);
        (await ConfigPhaseAsync(node)).Expect(0);
        Assert.Empty(node.Simulator.Calls.Aws);
        Assert.Equal(before, node.Snapshot(state: false));

        node.Write("sys/class/dmi/id/board_asset_tag", "i-0ffffffffffffffff\n");
        (await ConfigPhaseAsync(node)).Expect(0);
        Assert.Single(node.Simulator.Calls.Aws);
    }

    [Fact]
    public async Task A_changed_configuration_is_written_although_both_phases_are_skipped_and_an_unchanged_one_is_not()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        (await ConfigPhaseAsync(node)).Expect(0);
        var written = node.Snapshot(times: true);
        var folder = Directory.CreateDirectory(node.WriteOutside("x", "") + ".d").FullName;
        string[] again = ["init", "-s", "config", "-s", "run", "-c", "imds://user-data", "-c", "file://" + folder, "--config-cache", Cache];
        (await CallAsync(node, "nodeadm", again)).Expect(0);
        Assert.Equal(written, node.Snapshot(times: true));

        File.WriteAllText(
            Path.Combine(folder, "10.yaml"),
            "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    flags:\n      - --node-labels=late=yes\n");
        (await CallAsync(node, "nodeadm", again)).Expect(0);
        Assert.Contains("late=yes", node.Read("etc/eks/kubelet/environment"), StringComparison.Ordinal);
        Assert.Contains("late=yes", node.Read(CacheFile), StringComparison.Ordinal);

        // The same words in another form are the same configuration.
        var settled = node.Snapshot(times: true);
        File.WriteAllText(
            Path.Combine(folder, "10.yaml"),
            """{"apiVersion":"node.eks.aws/v1alpha1",  "kind":"NodeConfig", "spec":{"kubelet":{"flags":  ["--node-labels=late=yes"]}}}""");
        (await CallAsync(node, "nodeadm", again)).Expect(0);
        Assert.Equal(settled, node.Snapshot(times: true));
    }

    [Fact]
    public async Task The_cache_stands_in_when_no_source_has_a_configuration_any_more()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        (await ConfigPhaseAsync(node)).Expect(0);
        var script = node.WriteOutside("script.sh", "#!/bin/bash\ntrue\n");
        var without = (await CallAsync(node, "nodeadm", "init", "--skip", "run", "-c", script)).Expect(1);
        Assert.NotEmpty(without.Stderr);

        File.Delete(Path.Combine(node.Root, "etc/eks/kubelet/environment"));
        var empty = Directory.CreateDirectory(script + ".d").FullName;
        (await CallAsync(node, "nodeadm", "init", "--skip", "run", "-c", "file://" + empty, "--config-cache", Cache)).Expect(0);
        node.ExpectJoined();
    }

    [Theory]
    [InlineData("not JSON", "spec:")]
    [InlineData("cut off", "{\"metadata\":{},\"spec\":{\"cluster\":{\"na")]
    [InlineData("no spec", "{\"metadata\":{}}")]
    [InlineData("a list", "[]")]
    public async Task A_cache_that_cannot_be_read_is_a_warning_and_written_anew(string what, string content)
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        node.Write(CacheFile, content);
        var result = (await ConfigPhaseAsync(node)).Expect(0);
        Assert.True(result.Stderr.Contains("EKN0014", StringComparison.Ordinal), what);
        using var cache = JsonDocument.Parse(node.Read(CacheFile));
        Assert.True(cache.RootElement.TryGetProperty("status", out _));
    }

    [Fact]
    public async Task A_folder_that_is_named_and_missing_is_an_error_and_an_empty_one_is_not()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        var folder = node.WriteOutside("x", "") + ".d";
        var missing = (await CallAsync(node, "nodeadm", "init", "--skip", "run", "-c", "imds://user-data", "-c", $"file://{folder}/")).Expect(1);
        Assert.Contains(folder, missing.Stderr, StringComparison.Ordinal);
        Directory.CreateDirectory(folder);
        (await CallAsync(node, "nodeadm", "init", "--skip", "run", "-c", "imds://user-data", "-c", $"file://{folder}/")).Expect(0);
    }

    [Fact]
    public async Task A_valid_configuration_is_called_so_and_a_mistake_is_named_with_its_place()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        Assert.Equal("Configuration is valid\n", (await CallAsync(node, "nodeadm", "config", "check")).Expect(0).Stdout);

        var typo = node.WriteOutside("typo.yaml", "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n  kubelet:\n    config:\n      maxPod: 20\n");
        var warned = (await CallAsync(node, "nodeadm", "config", "check", "-c", "file://" + typo)).Expect(0);
        Assert.Contains("maxPods", warned.Stderr, StringComparison.Ordinal);
        Assert.Contains("typo.yaml:8", warned.Stderr, StringComparison.Ordinal);

        var nameless = node.WriteOutside("nameless.yaml", "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: {}\n");
        var refused = (await CallAsync(node, "nodeadm", "config", "check", "-c", "file://" + nameless)).Expect(1);
        Assert.Contains("spec.cluster.name", refused.Stderr, StringComparison.Ordinal);
        Assert.Empty(refused.Stdout);
    }

    [Fact]
    public async Task A_check_of_a_file_asks_nothing_of_IMDS()
    {
        await using var node = await SimulatedNode.StartAsync((string?)null);
        var source = node.WriteOutside("node.mime", UserData.ManagedNodeGroup());
        (await CallAsync(node, "nodeadm", "config", "check", "-c", "file://" + source)).Expect(0);
        (await CallAsync(node, "nodeadm", "config", "dump", "-c", "file://" + source)).Expect(0);
        Assert.Empty(node.Simulator.Calls.All);
    }

    [Fact]
    public async Task A_dump_is_one_line_without_secrets_and_a_file_for_its_owner_has_them()
    {
        const string secret = "Pr0xyPassw0rd-4711";
        await using var node = await SimulatedNode.StartAsync((string?)null);
        var source = node.WriteOutside(
            "node.yaml",
            $$"""
            apiVersion: node.eks.aws/v1alpha1
            kind: NodeConfig
            metadata: {name: workers}
            spec:
              cluster: {name: demo}
              kubelet: {flags: [--node-labels=a=b]}
              instance:
                environment:
                  default:
                    HTTPS_PROXY: "http://user:{{secret}}@proxy.example.com:3128"
            """);
        var shown = (await CallAsync(node, "nodeadm", "config", "dump", "-c", "file://" + source)).Expect(0);
        Assert.DoesNotContain(secret, shown.Everything, StringComparison.Ordinal);
        Assert.Equal(1, shown.Stdout.Count(c => c == '\n'));
        Assert.StartsWith("{\"kind\":\"NodeConfig\",\"apiVersion\":\"node.eks.aws/v1alpha1\",\"metadata\":{\"name\":\"workers\"},\"spec\":{\"cluster\":{\"name\":\"demo\"}", shown.Stdout, StringComparison.Ordinal);

        var file = source + ".json";
        File.WriteAllText(file, "something longer than what comes, which must not stay behind it".PadRight(4000));
        File.SetUnixFileMode(file, (UnixFileMode)0x1A4);
        var quiet = (await CallAsync(node, "nodeadm", "config", "dump", "-c", "file://" + source, "-o", file)).Expect(0);
        Assert.Empty(quiet.Stdout);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        using var written = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Contains(secret, written.RootElement.GetProperty("spec").GetProperty("instance").GetProperty("environment").GetProperty("default").GetProperty("HTTPS_PROXY").GetString(), StringComparison.Ordinal);

        // What was dumped is a source itself.
        (await CallAsync(node, "nodeadm", "config", "check", "-c", "file://" + file)).Expect(0);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("config", 2)]
    [InlineData("--help", 0)]
    [InlineData("--version", 0)]
    [InlineData("init --help", 0)]
    [InlineData("--development --version", 0)]
    [InlineData("init --no-such-option", 1)]
    [InlineData("wrong", 1)]
    [InlineData("init -c ftp://x", 1)]
    [InlineData("init --skip run --daemon kubelet", 1)]
    public async Task Exit_codes_are_those_of_nodeadm(string arguments, int exitCode)
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        var result = (await CallAsync(node, "nodeadm", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Expect(exitCode);
        Assert.NotEmpty(result.Everything.Trim());
    }

    [Fact]
    public async Task A_phase_that_does_not_exist_is_named()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        var result = (await CallAsync(node, "nodeadm", "init", "--skip", "run", "--skip", "config,run")).Expect(0);
        Assert.Contains("EKN0016", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Development_shows_what_is_asked()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup(), "imds:mac=status:503*2");
        var quiet = (await CallAsync(node, "nodeadm", "init", "--skip", "run")).Expect(0);
        Assert.DoesNotContain("debug ", quiet.Stderr, StringComparison.Ordinal);
        await using var second = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup(), "imds:mac=status:503*2");
        var loud = (await CallAsync(second, "nodeadm", "-d", "init", "--skip", "run")).Expect(0);
        Assert.Contains("debug ", loud.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_network_units_of_the_images_work_through_the_link()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        node.Write("sys/class/net/ens5/ifindex", "2\n");
        node.Write("sys/class/net/ens5/address", "06:5f:2b:8c:1d:3e\n");
        (await CallAsync(node, "nodeadm-internal", "udev-net-manager", "--action", "add", "--interface", "ens5")).Expect(0);
        Assert.True(node.Has("run/systemd/network/70-eks-ens5.network"));
        node.Write("run/systemd/netif/links/2", "ADMIN_STATE=configured\n");
        (await CallAsync(node, "nodeadm-internal", "boot-hook")).Expect(0);
        (await CallAsync(node, "nodeadm-internal", "udev-net-manager", "-a", "remove", "-i", "ens5")).Expect(0);
        Assert.False(node.Has("run/systemd/network/70-eks-ens5.network"));
        (await CallAsync(node, "nodeadm-internal", "udev-net-manager", "-a", "rename", "-i", "ens5")).Expect(1);
        (await CallAsync(node, "nodeadm-internal", "udev-net-manager", "-a", "add", "-i", "../ens5")).Expect(1);
        (await CallAsync(node, "nodeadm-internal")).Expect(2);
    }

    private static Task<ProcessResult> ConfigPhaseAsync(SimulatedNode node) =>
        CallAsync(node, "nodeadm", "init", "--skip", "run", "--config-source", "imds://user-data", "--config-cache", Cache);

    private static async Task<ProcessResult> CallAsync(SimulatedNode node, string program, params string[] arguments)
    {
        // Only commands that work on a node know the root.
        var works = arguments.Length > 0 && arguments.Any(a => a is "init" or "check" or "dump" or "boot-hook" or "udev-net-manager") && !arguments.Contains("--help");
        await using var process = EksNodeProcess.Start(works ? [.. arguments, "--root", node.Root] : arguments, node.Environment, link: Link(node, program));
        return await process.EndAsync();
    }

    private static string Link(SimulatedNode node, string program)
    {
        var link = Path.Combine(Path.GetDirectoryName(node.Root)!, program);
        if (!File.Exists(link))
        {
            File.CreateSymbolicLink(link, EksNodeProcess.Executable);
        }

        return link;
    }
}
