using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>The canary: no secret of the input appears in any output, at any log level, and only root can read the files that hold one.</summary>
public sealed class SecretTests
{
    private const string Custom = """
        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        spec:
          instance:
            environment:
              default:
                HTTPS_PROXY: http://alice:canary-1-proxy@proxy.example.com:3128
                NO_PROXY: 127.0.0.1,localhost
              containerd:
                HTTPS_PROXY: http://alice:canary-2-proxy@proxy.example.com:3128
                REGISTRY_TOKEN: canary-3-token
                API_KEY: canary-4-key
              kubelet:
                DB_PASSWORD: canary-5-password
          containerd:
            config: |
              version = 3
              [plugins."io.containerd.cri.v1.images".registry.configs."registry.example.com".auth]
              username = "robot"
              password = "canary-6-registry"
              [plugins."io.containerd.cri.v1.images".registry.configs."other.example.com".auth]
              auth = "Y2FuYXJ5LTc="
              identitytoken = "canary-8-identity"
        """;

    private static readonly string[] Canaries =
    [
        "canary-1-proxy", "canary-2-proxy", "canary-3-token", "canary-4-key", "canary-5-password", "canary-6-registry", "Y2FuYXJ5LTc=", "canary-8-identity",
    ];

    public static TheoryData<string, string, string> Runs => new MatrixTheoryData<string, string, string>(
        ["join", "plan", "facts", "join --dry-run", "join again"], ["error", "warn", "info", "debug", "trace"], ["table", "json"]);

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task No_secret_appears_in_any_output(string run, string level, string output)
    {
        await using var node = await StartAsync();
        if (run == "join again")
        {
            (await node.JoinAsync()).Expect(0);
            node.Write("etc/containerd/config.toml", node.Read("etc/containerd/config.toml") + "# by hand\n");
        }

        string[] arguments = run switch
        {
            "join" => ["join", "--no-start"],
            "join again" => ["join", "--no-start", "--policy", "enforce"],
            "join --dry-run" => ["join", "--no-start", "--dry-run"],
            _ => [run],
        };
        var result = await node.RunAsync([.. arguments, "--log-level", level, "--output", output]);
        result.Expect(run == "plan" ? 3 : 0);
        Assert.Contains(run == "facts" ? "i-0abc123def4567890" : "/etc/containerd/config.toml", result.Stdout, StringComparison.Ordinal);

        foreach (var secret in Canaries.Concat(node.Simulator.Secrets))
        {
            Assert.False(result.Everything.Contains(secret, StringComparison.Ordinal), $"'{secret}' appears in:\n{result.Everything}");
        }
    }

    [Fact]
    public async Task Secrets_reach_the_files_that_need_them_which_only_root_can_read()
    {
        await using var node = await StartAsync();
        (await node.JoinAsync()).Expect(0);

        var holders = Directory.EnumerateFiles(node.Root, "*", SearchOption.AllDirectories)
            .Where(file => Canaries.Any(canary => File.ReadAllText(file).Contains(canary, StringComparison.Ordinal)))
            .ToList();
        Assert.All(holders, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        var names = holders.Select(file => Path.GetRelativePath(node.Root, file)).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "etc/containerd/config.toml",
                "etc/systemd/system.conf.d/environment.conf",
                "etc/systemd/system/containerd.service.d/environment.conf",
                "etc/systemd/system/kubelet.service.d/environment.conf",
            },
            names);
    }

    [Theory]
    [InlineData("containerd.config", "  containerd:\n    config: |\n      password = \"canary-9-toml\n      [[[\n")]
    [InlineData("HTTPS_PROXY", "  instance:\n    environment:\n      default:\n        HTTPS_PROXY: [\"http://u:canary-9-list@p\"]\n")]
    [InlineData("flags", "  kubelet:\n    flags: --token=canary-9-flag\n")]
    public async Task A_mistake_beside_a_secret_is_reported_without_it(string path, string spec)
    {
        var custom = MimePart.NodeConfig("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n" + spec);
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter(new() { CustomParts = [custom] }));
        foreach (var output in new[] { "table", "json" })
        {
            var result = await node.JoinAsync("--log-level", "trace", "--output", output);
            Assert.Matches("EKN[0-9]{4}", result.Everything);
            Assert.Contains(path, result.Everything, StringComparison.Ordinal);
            Assert.False(result.Everything.Contains("canary-9", StringComparison.Ordinal), result.Everything);
        }
    }

    private static Task<SimulatedNode> StartAsync() => SimulatedNode.StartAsync(new SimulatorOptions
    {
        UserData = UserData.Bytes(UserData.Karpenter(new() { CustomParts = [MimePart.NodeConfig(Custom)] })),
    });
}
