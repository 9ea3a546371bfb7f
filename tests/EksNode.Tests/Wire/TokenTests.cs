using System.Globalization;
using System.Text;
using EksNode.Simulation;
using EksNode.Simulation.Aws;

namespace EksNode.Tests.Wire;

/// <summary>The exec credential of the executable, judged as EKS judges it.</summary>
public sealed class TokenTests
{
    private const string Beta = "client.authentication.k8s.io/v1beta1";

    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task The_instance_role_is_accepted_by_its_cluster_and_by_no_other()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var before = TimeProvider.System.GetUtcNow();
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--region", "us-west-2"])).Expect(0);

        Assert.Equal("", run.Stderr);
        Assert.Equal(Beta, run.Json.GetProperty("apiVersion").GetString());
        Assert.Equal("ExecCredential", run.Json.GetProperty("kind").GetString());
        var status = run.Json.GetProperty("status");
        var expires = DateTimeOffset.Parse(status.GetProperty("expirationTimestamp").GetString()!, CultureInfo.InvariantCulture);
        Assert.InRange(expires - before, TimeSpan.FromMinutes(14) - TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(14) + TimeSpan.FromMinutes(1));
        Assert.Equal("60", Parameter(Address(Token(run)), "X-Amz-Expires"));

        // Three requests, all of them to IMDS: the token itself is made without any.
        Assert.Equal(3, node.Simulator.Calls.All.Count);
        Assert.Equal(3, node.Simulator.Calls.Count("imds:"));

        Assert.Equal("arn:aws:sts::111122223333:assumed-role/KarpenterNodeRole-demo/i-0abc123def4567890", (await VerifyAsync(node, Token(run), "demo")).Arn);
        var other = await VerifyAsync(node, Token(run), "another");
        Assert.Null(other.Arn);
        Assert.Contains("SignatureDoesNotMatch", other.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_region_comes_from_the_instance_when_nothing_else_tells_it()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { Region = "eu-central-1" });
        var run = (await node.RunPlainAsync(["token", "--cluster-id", "8a3c6f40-1111-2222-3333-444455556666"])).Expect(0);
        Assert.Contains("/eu-central-1/sts/aws4_request", Parameter(Address(Token(run)), "X-Amz-Credential"), StringComparison.Ordinal);
        Assert.NotNull((await VerifyAsync(node, Token(run), "8a3c6f40-1111-2222-3333-444455556666")).Arn);
    }

    [Theory]
    [InlineData("client.authentication.k8s.io/v1")]
    [InlineData(Beta)]
    public async Task The_answer_is_of_the_version_that_is_asked_for(string version)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        node.Environment["KUBERNETES_EXEC_INFO"] = $$$"""{"kind":"ExecCredential","apiVersion":"{{{version}}}","spec":{"interactive":false}}""";
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--region", "us-west-2"])).Expect(0);
        Assert.Equal(version, run.Json.GetProperty("apiVersion").GetString());
    }

    [Theory]
    [InlineData("""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1alpha1"}""", "v1alpha1")]
    [InlineData("""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v9"}""", "v9")]
    [InlineData("""{"kind":"ExecCredential"}""", "no ExecCredential")]
    [InlineData("not json", "no ExecCredential")]
    public async Task What_cannot_be_answered_is_refused_before_anything_is_asked(string info, string text)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        node.Environment["KUBERNETES_EXEC_INFO"] = info;
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--region", "us-west-2"])).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains("EKN0850", run.Stderr, StringComparison.Ordinal);
        Assert.Contains(text, run.Stderr, StringComparison.Ordinal);
        Assert.Empty(node.Simulator.Calls.All);
    }

    [Fact]
    public async Task Another_role_is_taken_on_first()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { ExternalId = "partner-7" });
        const string role = "arn:aws:iam::111122223333:role/admin";
        string[] arguments = ["token", "--cluster-name", "demo", "--region", "us-west-2", "--role-arn", role];
        var run = (await node.RunPlainAsync([.. arguments, "--external-id", "partner-7", "--token-only"])).Expect(0);
        Assert.Equal("arn:aws:sts::111122223333:assumed-role/admin/EKSGetTokenAuth", (await VerifyAsync(node, run.Stdout.TrimEnd('\n'), "demo")).Arn);
    }

    [Fact]
    public async Task A_role_that_may_not_be_taken_on_is_named()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { DeniedActions = ["sts:AssumeRole"] });
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--role-arn", "arn:aws:iam::111122223333:role/admin"])).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains("STS AssumeRole", run.Stderr, StringComparison.Ordinal);
        Assert.Contains("trust policy", run.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_of_the_environment_need_no_instance()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var key = node.Simulator.Credentials.IssueTemporary();
        node.Environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
        node.Environment["AWS_SECRET_ACCESS_KEY"] = key.SecretAccessKey;
        node.Environment["AWS_SESSION_TOKEN"] = key.SessionToken!;
        node.Environment["AWS_REGION"] = "us-west-2";
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo"])).Expect(0);
        Assert.Empty(node.Simulator.Calls.All);
        Assert.NotNull((await VerifyAsync(node, Token(run), "demo")).Arn);
    }

    /// <summary>EKS accepts the host names of regional endpoints, and of the FIPS endpoints that there are; never dual-stack ones.</summary>
    [Theory]
    [InlineData("us-west-2", "", "sts.us-west-2.amazonaws.com")]
    [InlineData("us-west-2", "AWS_USE_FIPS_ENDPOINT", "sts-fips.us-west-2.amazonaws.com")]
    [InlineData("us-west-2", "AWS_USE_DUALSTACK_ENDPOINT", "sts.us-west-2.amazonaws.com")]
    [InlineData("us-gov-west-1", "AWS_USE_FIPS_ENDPOINT", "sts.us-gov-west-1.amazonaws.com")]
    [InlineData("eu-west-1", "", "sts.eu-west-1.amazonaws.com")]
    [InlineData("eu-west-1", "AWS_USE_FIPS_ENDPOINT", "sts.eu-west-1.amazonaws.com", "EKN0851")]
    [InlineData("cn-north-1", "", "sts.cn-north-1.amazonaws.com.cn")]
    [InlineData("us-iso-east-1", "", "sts.us-iso-east-1.c2s.ic.gov")]
    [InlineData("eusc-de-east-1", "", "sts.eusc-de-east-1.amazonaws.eu")]
    public async Task The_endpoint_is_one_that_EKS_accepts(string region, string variable, string host, string? warning = null)
    {
        var run = await WithoutNetworkAsync(["token", "--cluster-name", "demo", "--region", region], variable);
        var address = Address(Token(run));
        Assert.Equal(("https", host), (address.Scheme, address.Host));
        Assert.Equal("host;x-k8s-aws-id", Parameter(address, "X-Amz-SignedHeaders"));
        Assert.Contains($"/{region}/sts/aws4_request", Parameter(address, "X-Amz-Credential"), StringComparison.Ordinal);
        if (warning is null)
        {
            Assert.Equal("", run.Stderr);
        }
        else
        {
            Assert.Contains(warning, run.Stderr, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_image_of_FIPS_mode_asks_for_the_FIPS_endpoint()
    {
        var root = Directory.CreateTempSubdirectory("eksnode-token-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "etc/eksnode"));
            await File.WriteAllTextAsync(Path.Combine(root, "etc/eksnode/image.json"), """{"schemaVersion":1,"fips":true}""", TestContext.Current.CancellationToken);
            var run = await WithoutNetworkAsync(["token", "--root", root, "--cluster-name", "demo", "--region", "us-east-1"], "");
            Assert.Equal("sts-fips.us-east-1.amazonaws.com", Address(Token(run)).Host);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [InlineData("aws", "eks get-token --cluster-name demo --region us-west-2", "demo")]
    [InlineData("aws", "--region us-west-2 eks get-token --cluster-name demo --output json --no-cli-pager", "demo")]
    [InlineData("aws", "eks get-token --cluster-id 8a3c6f40 --region=us-west-2", "8a3c6f40")]
    [InlineData("aws-iam-authenticator", "token -i demo", "demo")]
    [InlineData("aws-iam-authenticator", "token --cluster-id=demo --region us-west-2", "demo")]
    [InlineData("aws-iam-authenticator", "--cluster-id demo token --cache", "demo")]
    public async Task Other_programs_names_and_arguments_work(string program, string arguments, string cluster)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(arguments.Split(' '), link: node.Link(program))).Expect(0);
        Assert.NotNull((await VerifyAsync(node, Token(run), cluster)).Arn);
    }

    [Fact]
    public async Task The_authenticator_takes_on_a_role_and_prints_the_token_alone()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        string[] arguments = ["token", "-i", "demo", "-r", "arn:aws:iam::111122223333:role/ci", "-s", "build-17", "--token-only"];
        var run = (await node.RunPlainAsync(arguments, link: node.Link("aws-iam-authenticator"))).Expect(0);
        Assert.Equal("arn:aws:sts::111122223333:assumed-role/ci/build-17", (await VerifyAsync(node, run.Stdout.TrimEnd('\n'), "demo")).Arn);
    }

    [Theory]
    [InlineData("aws", "s3 ls", "`aws eks get-token` alone")]
    [InlineData("aws", "--version", "`aws eks get-token` alone")]
    [InlineData("aws", "eks list-clusters", "`aws eks get-token` alone")]
    [InlineData("aws", "eks get-token --cluster-name demo --profile x", "`--profile`")]
    [InlineData("aws", "eks get-token --cluster-name", "needs a value")]
    [InlineData("aws-iam-authenticator", "server", "`aws-iam-authenticator token` alone")]
    [InlineData("aws-iam-authenticator", "token --frobnicate", "`--frobnicate`")]
    public async Task What_is_not_stood_in_for_is_a_mistake_of_the_command_line(string program, string arguments, string text)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(arguments.Split(' '), link: node.Link(program))).Expect(2);
        Assert.Equal("", run.Stdout);
        Assert.Contains(text, run.Stderr, StringComparison.Ordinal);
        Assert.Empty(node.Simulator.Calls.All);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("token --cluster-name demo%0aX-Evil:1")]
    [InlineData("token --cluster-nam demo")]
    public async Task A_cluster_must_be_named(string arguments)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync([.. arguments.Split(' ').Select(Uri.UnescapeDataString)])).Expect(2);
        Assert.Equal("", run.Stdout);
        Assert.Contains("EKN0001", run.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_have_expired_are_said_to_be()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { CredentialLifetime = TimeSpan.FromHours(-1) });
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--region", "us-west-2"])).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains("EKN0715", run.Stderr, StringComparison.Ordinal);
        Assert.Contains("clock", run.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ImdsMode.Disabled, "EKN0710")]
    [InlineData(ImdsMode.HopLimitReached, "EKN0710")]
    public async Task Without_IMDS_the_reason_is_told_in_time(ImdsMode mode, string code)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { ImdsMode = mode });
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--region", "us-west-2"])).Expect(1);
        Assert.Equal("", run.Stdout);
        Assert.Contains(code, run.Stderr, StringComparison.Ordinal);
        Assert.True(run.Elapsed < TimeSpan.FromSeconds(40), $"{run.Elapsed}");
    }

    [Fact]
    public async Task Nothing_secret_is_logged()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions());
        var run = (await node.RunPlainAsync(["token", "--cluster-name", "demo", "--region", "us-west-2", "--log-level", "trace"])).Expect(0);
        Assert.NotEqual("", run.Stderr);
        Assert.All(node.Simulator.Secrets, secret => Assert.DoesNotContain(secret, run.Stderr, StringComparison.Ordinal));
        Assert.DoesNotContain(Token(run), run.Stderr, StringComparison.Ordinal);
    }

    private static async Task<ProcessResult> WithoutNetworkAsync(string[] arguments, string variable)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE",
            ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        if (variable.Length > 0)
        {
            environment[variable] = "true";
        }

        await using var process = EksNodeProcess.Start(arguments, environment);
        return (await process.EndAsync()).Expect(0);
    }

    private static Task<EksTokenVerdict> VerifyAsync(SimulatedNode node, string token, string cluster) =>
        new EksTokenVerifier(node.Simulator.AwsUrl, cluster, node.Simulator.AwsClock).VerifyAsync(token, Client, TestContext.Current.CancellationToken);

    private static string Token(ProcessResult run) => run.Json.GetProperty("status").GetProperty("token").GetString()!;

    private static Uri Address(string token)
    {
        var text = token["k8s-aws-v1.".Length..].Replace('-', '+').Replace('_', '/');
        return new Uri(Encoding.UTF8.GetString(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='))));
    }

    private static string? Parameter(Uri address, string name) => address.Query.TrimStart('?').Split('&')
        .Select(p => p.Split('=', 2)).Where(p => p[0] == name).Select(p => Uri.UnescapeDataString(p[1])).SingleOrDefault();
}
