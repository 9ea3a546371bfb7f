using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests;

/// <summary>The command line in this process: what it reads, what it says and where, and how it ends.</summary>
public sealed class CommandLineTests : IDisposable
{
    private static readonly string Facts = Path.Combine(Repository.Root, "examples/facts/m6i.large.json");

    private static readonly string Config =
        $"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n    apiServerEndpoint: https://example.com\n    cidr: 10.100.0.0/16\n    certificateAuthority: {ClusterCertificate.Base64}\n";

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("eksnode-cli-");
    private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public async Task Defaults_of_the_image_need_no_kind_and_are_below_every_source()
    {
        Write("etc/eksnode/image.json", """
            {"components": {"kubelet": {"version": "1.33.4"}, "containerd": {"version": "2.1.9"}},
             "defaults": {"spec": {"kubelet": {"config": {"podPidsLimit": 77, "maxPods": 20}}}}}
            """);
        Write("etc/eks/nodeadm.d/a.yaml", Config + "  kubelet: {config: {maxPods: 30}}\n");
        var (exit, output, error) = await RunAsync("plan", "--facts", Facts, "--output", "json");
        Assert.True(exit == 3, error);
        using var plan = JsonDocument.Parse(output);
        var reasons = plan.RootElement.GetProperty("changes").EnumerateArray()
            .Single(c => c.GetProperty("resource").GetString()!.EndsWith("/40-nodeadm.conf", StringComparison.Ordinal)).GetProperty("reasons").EnumerateArray()
            .ToDictionary(r => r.GetProperty("setting").GetString()!, r => (r.GetProperty("value").GetString(), r.GetProperty("origin")));
        Assert.Equal("30", reasons["kubelet.maxPods"].Item1);
        var (value, origin) = reasons["kubelet.podPidsLimit"];
        Assert.Equal(("77", "/etc/eksnode/image.json", 2), (value, origin.GetProperty("source").GetString(), origin.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Defaults_of_the_image_alone_are_no_configuration()
    {
        Write("etc/eksnode/image.json", """{"components": {"kubelet": {"version": "1.33.4"}}, "defaults": {"spec": {"kubelet": {"config": {"maxPods": 20}}}}}""");
        var (exit, _, error) = await RunAsync("plan", "--facts", Facts);
        Assert.Equal(2, exit);
        Assert.Contains("EKN0100", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drop_in_that_is_a_link_to_nowhere_is_an_error()
    {
        Write("etc/eks/nodeadm.d/a.yaml", Config);
        File.CreateSymbolicLink(Path.Combine(root.FullName, "etc/eks/nodeadm.d/b.yaml"), "/nowhere");
        Directory.CreateDirectory(Path.Combine(root.FullName, "etc/eks/nodeadm.d/folder.yaml"));
        var (exit, _, error) = await RunAsync("plan", "--facts", Facts);
        Assert.Equal(2, exit);
        Assert.Contains("EKN0003", error, StringComparison.Ordinal);
        Assert.Contains("/etc/eks/nodeadm.d/b.yaml", error, StringComparison.Ordinal);
        Assert.DoesNotContain("folder.yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_told_to_end_says_so_and_fails()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = $"http://{silent.LocalEndpoint}";
        using var cancellation = new CancellationTokenSource();
        var run = RunAsync(cancellation.Token, "plan");
        using var asked = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        var (exit, _, error) = await run;
        Assert.Equal(1, exit);
        Assert.Contains("error EKN0010: `eksnode plan` was told to end", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loud", true)]
    [InlineData("7", true)]
    [InlineData("debug", false)]
    [InlineData("INFO", false)]
    public async Task A_log_level_in_the_environment_that_does_not_exist_is_a_warning(string level, bool warned)
    {
        environment["EKSNODE_LOG"] = level;
        var (exit, _, error) = await RunAsync("plan", "--facts", Facts, "-c", Write("c.yaml", Config));
        Assert.Equal(3, exit);
        Assert.Equal(warned, error.Contains("warning EKN0012", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Under_systemd_every_line_of_a_diagnostic_has_its_priority()
    {
        environment["JOURNAL_STREAM"] = "8:1";
        var (_, _, error) = await RunAsync("plan", "--facts", Facts, "-c", Write("c.yaml", Config + "  kubelet: {config: {maxPod: 1}}\n  featureGates: {FastImagePull: 1}\n"));
        var lines = error.TrimEnd('\n').Split('\n');
        Assert.Contains(lines, l => l.StartsWith("<3>error EKN0202: ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("<4>warning EKN0401: ", StringComparison.Ordinal));
        Assert.All(lines[..^1], l => Assert.Matches("^<[34]>", l));
    }

    [Fact]
    public async Task With_a_JSON_log_diagnostics_are_JSON_objects_one_a_line()
    {
        var (_, _, error) = await RunAsync("plan", "--log-format", "json", "--facts", Facts, "-c", Write("c.yaml", Config + "  kubelet: {config: {maxPod: 1}}\n"));
        using var diagnostic = JsonDocument.Parse(error.TrimEnd('\n'));
        Assert.Equal(("EKN0401", 9), (diagnostic.RootElement.GetProperty("code").GetString(), diagnostic.RootElement.GetProperty("line").GetInt32()));
    }

    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    private async Task<(int Exit, string Output, string Error)> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => Stream.Null, Environment = environment.ToImmutableDictionary() };
        var exit = await CommandLine.RunAsync([.. arguments, "--root", root.FullName], io, cancellation);
        return (exit, output.ToString(), error.ToString());
    }

    private string Write(string path, string content)
    {
        var full = Path.Combine(root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        return full;
    }
}
