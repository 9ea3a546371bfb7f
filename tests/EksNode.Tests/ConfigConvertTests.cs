using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace EksNode.Tests;

/// <summary><c>eksnode config convert</c> in this process.</summary>
public sealed class ConfigConvertTests
{
    [Fact]
    public async Task A_script_on_standard_input_becomes_a_NodeConfig()
    {
        var (exit, output, error) = await RunAsync("/etc/eks/bootstrap.sh demo --dns-cluster-ip 10.100.0.10\n", "-");
        Assert.Equal(0, exit);
        Assert.StartsWith("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n", output, StringComparison.Ordinal);
        Assert.Contains("EKN0024", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_stand_behind_two_hyphens_and_the_result_can_be_JSON()
    {
        var (exit, output, _) = await RunAsync("", "--to", "eksnode.io/v1alpha1", "-o", "json", "--", "demo", "--kubelet-extra-args", "--node-labels=a=b");
        Assert.Equal(0, exit);
        using var document = JsonDocument.Parse(output);
        var config = document.RootElement.GetProperty("nodeConfig");
        Assert.Equal("eksnode.io/v1alpha1", config.GetProperty("apiVersion").GetString());
        Assert.Equal("--node-labels=a=b", config.GetProperty("spec").GetProperty("kubelet").GetProperty("flags")[0].GetString());
        Assert.Equal("EKN0024", document.RootElement.GetProperty("diagnostics")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_a_node_would_say_of_the_result_is_said()
    {
        var (exit, _, error) = await RunAsync("", "--", "demo", "--b64-cluster-ca", "bm90IFBFTQ==", "--apiserver-endpoint", "ftp://x");
        Assert.Equal(0, exit);
        Assert.Contains("spec.cluster.certificateAuthority", error, StringComparison.Ordinal);
        Assert.Contains("spec.cluster.apiServerEndpoint", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "EKN0001")]
    [InlineData("/nowhere/at/all", "EKN0003")]
    [InlineData("- -", "EKN0001")]
    [InlineData("-- demo --unknown x", "EKN0021")]
    public async Task A_mistake_ends_with_2_and_prints_nothing(string arguments, string code)
    {
        var (exit, output, error) = await RunAsync("", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(code, error, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(input)),
            Environment = ImmutableDictionary<string, string>.Empty,
        };
        var exit = await CommandLine.RunAsync(["config", "convert", "--from", "bootstrap.sh", .. arguments], io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
