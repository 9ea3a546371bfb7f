using System.IO.Compression;
using System.Text;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>User data that is no configuration, or a wrong one, is said so and never taken for none.</summary>
public sealed class BadUserDataTests
{
    private const string Good = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n    apiServerEndpoint: https://example.com\n    cidr: 10.100.0.0/16\n";

    private static readonly Dictionary<string, string> Bad = new(StringComparer.Ordinal)
    {
        ["multipart that is cut off"] = UserData.Karpenter()[..^30],
        ["a part with a YAML typo"] = Mime("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster: [oops\n"),
        ["a part with a tab"] = Mime("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n\tcluster: {}\n"),
        ["a part that is binary"] = Mime("\u0000\u0001\u0002"),
        ["a part without a kind"] = Mime("apiVersion: node.eks.aws/v1alpha1\nspec: {}\n"),
        ["a part of a version that is not known"] = Mime("apiVersion: node.eks.aws/v9\nkind: NodeConfig\nspec: {}\n"),
        ["a cluster without a name"] = Mime("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    cidr: 10.100.0.0/16\n"),
        ["a CIDR that is none"] = Mime(Good.Replace("10.100.0.0/16", "10.100.0.0/33", StringComparison.Ordinal)),
        ["a certificate that is not base64"] = Mime(Good + "    certificateAuthority: '%%%'\n"),
        ["a certificate that is no certificate"] = Mime(Good + "    certificateAuthority: aGVsbG8=\n"),
        ["flags that are no list"] = Mime(Good + "  kubelet:\n    flags: --v=2\n"),
        ["a list where a map belongs"] = Mime("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: []\n"),
        ["a bad part after a good one"] = MimeArchive.Write([MimePart.NodeConfig(Good), MimePart.NodeConfig("{")]),
        ["YAML that is no document of ours"] = "hello: world\n",
        ["plain text"] = "this is not a configuration\n",
    };

    public static TheoryData<string> Variants => [.. Bad.Keys];

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Bad_user_data_stops_the_join_with_its_place(string what)
    {
        await using var node = await SimulatedNode.StartAsync(Bad[what]);
        var before = node.Snapshot(times: true);
        var result = await node.JoinAsync();

        Assert.True(result.ExitCode == 2, $"{what}: exit {result.ExitCode}\n{result.Everything}");
        Assert.Matches("EKN[0-9]{4,5}", result.Stderr);
        // What is missing has no place but its path.
        Assert.Contains(what == "a cluster without a name" ? "spec.cluster.name" : "user-data", result.Stderr.Replace("user data", "user-data", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Everything, StringComparison.Ordinal);
        Assert.Equal(before, node.Snapshot(times: true));
    }

    [Fact]
    public async Task Every_mistake_is_reported_in_one_run()
    {
        await using var node = await SimulatedNode.StartAsync(Mime(
            "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n    apiServerEndpoint: https://example.com\n" +
            "    cidr: nowhere\n    certificateAuthority: '%%%'\n  kubelet:\n    flags: --v=2\n"));
        var diagnostics = (await node.JoinAsync("--output", "json")).Expect(2).Json.GetProperty("diagnostics").EnumerateArray()
            .Where(diagnostic => diagnostic.GetProperty("severity").GetString() == "error")
            .ToDictionary(diagnostic => diagnostic.GetProperty("path").GetString()!, diagnostic => diagnostic.GetProperty("line").GetInt32());

        Assert.Equal(["spec.cluster.certificateAuthority", "spec.cluster.cidr", "spec.kubelet.flags"], diagnostics.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(1, diagnostics["spec.cluster.certificateAuthority"] - diagnostics["spec.cluster.cidr"]);
    }

    [Theory]
    [InlineData("nothing at all", null)]
    [InlineData("a shell script", "#!/bin/bash\necho hello\n")]
    [InlineData("cloud-config", "#cloud-config\npackages: [jq]\n")]
    [InlineData("multipart for cloud-init alone", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--b--\n")]
    public async Task User_data_for_others_is_no_configuration_and_join_says_that_there_is_none(string what, string? userData)
    {
        await using var node = await SimulatedNode.StartAsync(userData);
        var result = await node.JoinAsync();
        Assert.True(result.ExitCode == 2, $"{what}: exit {result.ExitCode}\n{result.Everything}");
        Assert.Matches("EKN[0-9]{4,5}", result.Stderr);
        Assert.False(node.Has("etc/kubernetes/kubelet/config.json"));
    }

    [Theory]
    [InlineData("base64")]
    [InlineData("gzip")]
    [InlineData("base64 of gzip")]
    [InlineData("lines ended by CR LF")]
    [InlineData("byte order mark")]
    public async Task Every_encoding_of_good_user_data_joins(string encoding)
    {
        var plain = Encoding.UTF8.GetBytes(UserData.Karpenter());
        var bytes = encoding switch
        {
            "base64" => Encoding.ASCII.GetBytes(Convert.ToBase64String(plain, Base64FormattingOptions.InsertLineBreaks)),
            "gzip" => Gzip(plain),
            "base64 of gzip" => Encoding.ASCII.GetBytes(Convert.ToBase64String(Gzip(plain))),
            "lines ended by CR LF" => Encoding.UTF8.GetBytes(UserData.Karpenter().Replace("\n", "\r\n", StringComparison.Ordinal)),
            _ => [0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(Good + $"    certificateAuthority: {ClusterCertificate.Base64}\n")],
        };
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { UserData = bytes });
        (await node.JoinAsync()).Expect(0);
        Assert.Equal(ClusterCertificate.Pem, node.Read("etc/kubernetes/pki/ca.crt"));
    }

    [Fact]
    public async Task Gzip_that_is_cut_off_is_an_error()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { UserData = Gzip(Encoding.UTF8.GetBytes(UserData.Karpenter())).AsMemory(0..^40) });
        (await node.JoinAsync()).Expect(2);
    }

    private static string Mime(string part) => MimeArchive.Write([MimePart.NodeConfig(part)]);

    private static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return buffer.ToArray();
    }
}
