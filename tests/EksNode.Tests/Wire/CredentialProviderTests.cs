using System.Globalization;
using System.Text.Json;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>The credential provider of the executable, asked as the kubelet asks it.</summary>
public sealed class CredentialProviderTests
{
    [Theory]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com/app:1", "ecr", "us-west-2")]
    [InlineData("111122223333.dkr.ecr.eu-central-1.amazonaws.com/a/b/c@sha256:00", "ecr", "eu-central-1")]
    [InlineData("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/app", "ecr", "us-east-1")]
    [InlineData("111122223333.dkr-ecr.us-west-2.on.aws/app", "ecr", "us-west-2")]
    [InlineData("111122223333.dkr-ecr-fips.us-gov-west-1.on.aws/app", "ecr", "us-gov-west-1")]
    [InlineData("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/app", "ecr", "cn-north-1")]
    [InlineData("111122223333.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn/app", "ecr", "cn-northwest-1")]
    [InlineData("111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/app", "ecr", "us-iso-east-1")]
    [InlineData("111122223333.dkr.ecr.us-isob-east-1.sc2s.sgov.gov/app", "ecr", "us-isob-east-1")]
    [InlineData("111122223333.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk/app", "ecr", "eu-isoe-west-1")]
    [InlineData("111122223333.dkr.ecr.us-isof-south-1.csp.hci.ic.gov/app", "ecr", "us-isof-south-1")]
    [InlineData("111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/app", "ecr", "eusc-de-east-1")]
    [InlineData("public.ecr.aws/eks-distro/kubernetes/pause:3.10", "ecr-public", "us-east-1")]
    [InlineData("ecr-public.aws.com/amazonlinux/amazonlinux:2023", "ecr-public", "us-east-1")]
    public async Task Every_registry_gets_a_password_of_its_region(string image, string service, string region)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(["credential-provider"], Request(image))).Expect(0);

        Assert.Equal("", run.Stderr);
        Assert.Equal("CredentialProviderResponse", run.Json.GetProperty("kind").GetString());
        Assert.Equal("credentialprovider.kubelet.k8s.io/v1", run.Json.GetProperty("apiVersion").GetString());
        Assert.Equal("Registry", run.Json.GetProperty("cacheKeyType").GetString());
        var password = Assert.Single(node.Simulator.RegistryPasswords);
        Assert.Equal((service, region), (password.Service, password.Region));
        var auth = Assert.Single(run.Json.GetProperty("auth").EnumerateObject());
        Assert.Equal(image.Split('/')[0], auth.Name);
        Assert.Equal("AWS", auth.Value.GetProperty("username").GetString());
        Assert.Equal(password.Password, auth.Value.GetProperty("password").GetString());

        // Half of the twelve hours that ECR's password is valid.
        var cache = run.Json.GetProperty("cacheDuration").GetString()!.Split('h', 'm', 's').Take(3).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(new TimeSpan(cache[0], cache[1], cache[2]), TimeSpan.FromHours(6) - TimeSpan.FromMinutes(1), TimeSpan.FromHours(6));
    }

    [Theory]
    [InlineData("docker.io/library/nginx", "EKN0857")]
    [InlineData("nginx", "EKN0857")]
    [InlineData("11112222333.dkr.ecr.us-west-2.amazonaws.com/app", "EKN0857")]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com.evil.example/app", "EKN0857")]
    [InlineData("111122223333.dkr.ecr.cn-north-1.amazonaws.com/app", "EKN0857")]
    [InlineData("evil.example/111122223333.dkr.ecr.us-west-2.amazonaws.com/app", "EKN0857")]
    public async Task No_other_registry_gets_one(string image, string code)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(["credential-provider"], Request(image))).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains(code, run.Stderr, StringComparison.Ordinal);
        Assert.Empty(node.Simulator.Calls.All);
    }

    [Theory]
    [InlineData("", "EKN0855")]
    [InlineData("not json", "EKN0855")]
    [InlineData("[]", "EKN0855")]
    [InlineData("""{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderRequest"}""", "EKN0855")]
    [InlineData("""{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"Pod","image":"x"}""", "EKN0855")]
    [InlineData("""{"apiVersion":"credentialprovider.kubelet.k8s.io/v1beta1","kind":"CredentialProviderRequest","image":"x"}""", "EKN0856")]
    public async Task What_is_no_request_is_refused(string input, string code)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(["credential-provider"], input)).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains(code, run.Stderr, StringComparison.Ordinal);
        Assert.Empty(node.Simulator.Calls.All);
    }

    [Theory]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com/app", "ecr:GetAuthorizationToken", "AmazonEC2ContainerRegistryPullOnly")]
    [InlineData("public.ecr.aws/a/b", "ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken")]
    public async Task A_role_without_the_permission_is_told_which_it_needs(string image, string action, string text)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { DeniedActions = [action] });
        var run = (await node.RunPlainAsync(["credential-provider"], Request(image))).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains("EKN0712", run.Stderr, StringComparison.Ordinal);
        Assert.Contains(action, run.Stderr, StringComparison.Ordinal);
        Assert.Contains(text, run.Stderr, StringComparison.Ordinal);
        Assert.True(run.Elapsed < TimeSpan.FromSeconds(50), "the kubelet stops a provider after a minute");
    }

    [Theory]
    [InlineData("ecr:GetAuthorizationToken=throttle*2")]
    [InlineData("ecr:GetAuthorizationToken=500*2")]
    [InlineData("ecr:GetAuthorizationToken=expired*1")]
    [InlineData("imds:token=503*1")]
    public async Task Passing_faults_pass(string fault)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { Faults = [fault] });
        var run = (await node.RunPlainAsync(["credential-provider"], Request("111122223333.dkr.ecr.us-west-2.amazonaws.com/app"))).Expect(0);
        Assert.Single(node.Simulator.RegistryPasswords);
        Assert.Equal(JsonValueKind.Object, run.Json.GetProperty("auth").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("get-credentials")]
    [InlineData("get-credentials --v=5")]
    public async Task It_works_under_the_name_of_the_provider_of_EKS_images(string arguments)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(
            arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Request("111122223333.dkr.ecr.us-west-2.amazonaws.com/app"),
            node.Link("ecr-credential-provider"))).Expect(0);
        Assert.Single(run.Json.GetProperty("auth").EnumerateObject());
    }

    [Fact]
    public async Task Nothing_secret_is_logged()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(
            ["credential-provider", "--log-level", "trace"], Request("111122223333.dkr.ecr.us-west-2.amazonaws.com/app"))).Expect(0);
        Assert.All(node.Simulator.Secrets, secret => Assert.DoesNotContain(secret, run.Stderr, StringComparison.Ordinal));
    }

    /// <summary>The kubelet looks for its provider in a folder: where the image has none, eksnode is there under its name.</summary>
    [Fact]
    public async Task Join_puts_eksnode_where_the_image_has_no_provider()
    {
        const string provider = "etc/eks/image-credential-provider/ecr-credential-provider";
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        File.Delete(Path.Combine(node.Root, provider));
        (await node.JoinAsync()).Expect(0);
        Assert.Equal("/usr/bin/eksnode", new FileInfo(Path.Combine(node.Root, provider)).LinkTarget);
        var before = node.Snapshot(times: true, state: false);
        (await node.JoinAsync()).Expect(0);
        Assert.Equal(before, node.Snapshot(times: true, state: false));
    }

    [Fact]
    public async Task Join_leaves_the_provider_of_the_image_alone()
    {
        const string provider = "etc/eks/image-credential-provider/ecr-credential-provider";
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        (await node.JoinAsync()).Expect(0);
        Assert.Null(new FileInfo(Path.Combine(node.Root, provider)).LinkTarget);
        Assert.Equal("#!/bin/sh\n", node.Read(provider));
    }

    [Fact]
    public async Task A_provider_elsewhere_is_named_by_the_environment()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        node.Write("opt/ecr/provider-2", "#!/bin/sh\n");
        node.Environment["ECR_CREDENTIAL_PROVIDER_BIN_PATH"] = "/opt/ecr/provider-2";
        (await node.JoinAsync()).Expect(0);
        Assert.Contains("--image-credential-provider-bin-dir=/opt/ecr ", node.Read("etc/eks/kubelet/environment") + " ", StringComparison.Ordinal);
        Assert.Contains("\"name\": \"provider-2\"", node.Read("etc/eks/image-credential-provider/config.json"), StringComparison.Ordinal);
        Assert.Null(new FileInfo(Path.Combine(node.Root, "etc/eks/image-credential-provider/ecr-credential-provider")).LinkTarget);

        node.Environment["ECR_CREDENTIAL_PROVIDER_BIN_PATH"] = "/opt/ecr/missing";
        Assert.Contains("EKN0858", (await node.JoinAsync()).Expect(0).Stderr, StringComparison.Ordinal);
    }

    private static string Request(string image) =>
        $$"""{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"{{image}}"}""";
}
