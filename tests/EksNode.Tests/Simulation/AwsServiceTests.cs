using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using EksNode.Simulation;
using EksNode.Simulation.Aws;
using EksNode.Simulation.Http;

namespace EksNode.Tests.Simulation;

public sealed class AwsServiceTests
{
    private const string DescribeInstances = "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0abc123def4567890";

    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The example of "Signature Version 4 signing process" in the AWS General Reference, with its published signature.</summary>
    [Theory]
    [InlineData("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", null)]
    [InlineData("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d8", SignatureFault.Mismatch)]
    public void The_verifier_agrees_with_the_published_example(string signature, SignatureFault? expected)
    {
        var clock = new SimulatorClock();
        clock.Advance(new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero) - clock.GetUtcNow());
        var credentials = new IssuedCredentials(clock, TimeSpan.FromHours(1), []);
        credentials.Add(new AccessKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null, null));
        var request = new SimulatedRequest(
            "GET",
            "/?Action=ListUsers&Version=2010-05-08",
            [
                new("Host", "iam.amazonaws.com"),
                new("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                new("X-Amz-Date", "20150830T123600Z"),
                new("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
                    $"SignedHeaders=content-type;host;x-amz-date, Signature={signature}"),
            ],
            []);

        Assert.Equal(expected, new SignatureVerifier(credentials, clock, "us-east-1").Verify(request, "iam").Fault);
    }

    [Fact]
    public async Task DescribeInstances_gives_the_private_DNS_name()
    {
        await using var simulator = await Simulator.StartAsync();
        var answer = XDocument.Parse(await OkAsync(TestSigner.Form(simulator.AwsUrl, DescribeInstances, simulator.Credentials.IssueTemporary(), "ec2")));
        var instance = Assert.Single(answer.Descendants(), element => element.Name.LocalName == "instancesSet").Elements().Single();
        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", instance.Elements().Single(element => element.Name.LocalName == "privateDnsName").Value);
    }

    [Fact]
    public async Task DescribeInstanceTypes_gives_the_limits_of_a_type_and_refuses_one_that_does_not_exist()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions
        {
            InstanceTypes = [new InstanceTypeRow("z9.large", "x86_64", 2, 8192, 3, 12)],
        });
        var key = simulator.Credentials.IssueTemporary();
        const string body = "Action=DescribeInstanceTypes&Version=2016-11-15&InstanceType.1=";
        var answer = XDocument.Parse(await OkAsync(TestSigner.Form(simulator.AwsUrl, body + "z9.large", key, "ec2")));
        Assert.Equal("12", answer.Descendants().Single(element => element.Name.LocalName == "ipv4AddressesPerInterface").Value);

        var (status, error) = await SendAsync(TestSigner.Form(simulator.AwsUrl, body + "q0.none", key, "ec2"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("<Code>InvalidInstanceType</Code>", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DescribeCluster_gives_what_a_node_needs()
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions
        {
            Cluster = new ClusterOptions { Name = "edge", ServiceIpv6Cidr = "fd00:10::/108", Id = "8a3c6f40-local", OutpostArn = "arn:aws:outposts:us-west-2:111122223333:outpost/op-1" },
        });
        var key = simulator.Credentials.IssueTemporary();
        using var answer = JsonDocument.Parse(await OkAsync(TestSigner.Sign(new(HttpMethod.Get, new Uri(simulator.AwsUrl, "/clusters/edge")), key, "eks")));
        var cluster = answer.RootElement.GetProperty("cluster");
        Assert.Equal("fd00:10::/108", cluster.GetProperty("kubernetesNetworkConfig").GetProperty("serviceIpv6Cidr").GetString());
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", System.Text.Encoding.ASCII.GetString(cluster.GetProperty("certificateAuthority").GetProperty("data").GetBytesFromBase64()));
        Assert.Equal("8a3c6f40-local", cluster.GetProperty("id").GetString());

        var (status, error) = await SendAsync(TestSigner.Sign(new(HttpMethod.Get, new Uri(simulator.AwsUrl, "/clusters/other")), key, "eks"));
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("No cluster found for name: other.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ECR_and_STS_answer_signed_requests()
    {
        await using var simulator = await Simulator.StartAsync();
        var key = simulator.Credentials.IssueTemporary();
        using var ecr = new HttpRequestMessage(HttpMethod.Post, simulator.AwsUrl) { Content = new StringContent("{}") };
        ecr.Headers.Add("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken");
        using var token = JsonDocument.Parse(await OkAsync(TestSigner.Sign(ecr, key, "ecr", body: "{}")));
        var password = token.RootElement.GetProperty("authorizationData")[0].GetProperty("authorizationToken").GetString();
        Assert.Contains(password!, simulator.Secrets);

        var identity = await OkAsync(TestSigner.Form(simulator.AwsUrl, "Action=GetCallerIdentity&Version=2011-06-15", key, "sts"));
        Assert.Contains("assumed-role/KarpenterNodeRole-demo/i-0abc123def4567890", identity, StringComparison.Ordinal);
    }

    public static TheoryData<string, HttpStatusCode, string> BadSignatures => new()
    {
        { "region", HttpStatusCode.Unauthorized, "AuthFailure" },
        { "service", HttpStatusCode.Unauthorized, "AuthFailure" },
        { "secret", HttpStatusCode.Forbidden, "SignatureDoesNotMatch" },
        { "token", HttpStatusCode.Unauthorized, "AuthFailure" },
        { "unknown", HttpStatusCode.Unauthorized, "AuthFailure" },
        { "late", HttpStatusCode.BadRequest, "RequestExpired" },
        { "early", HttpStatusCode.BadRequest, "RequestExpired" },
        { "expired", HttpStatusCode.BadRequest, "RequestExpired" },
        { "none", HttpStatusCode.BadRequest, "MissingParameter" },
        { "denied", HttpStatusCode.Forbidden, "UnauthorizedOperation" },
    };

    [Theory]
    [MemberData(nameof(BadSignatures))]
    public async Task What_is_not_signed_right_is_refused(string wrong, HttpStatusCode status, string code)
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions
        {
            DeniedActions = wrong == "denied" ? ["ec2:DescribeInstances"] : [],
        });
        var key = simulator.Credentials.IssueTemporary();
        if (wrong == "expired")
        {
            simulator.Credentials.ExpireAll();
        }

        simulator.AwsClock.Advance(wrong switch { "late" => TimeSpan.FromMinutes(6), "early" => TimeSpan.FromMinutes(-6), _ => TimeSpan.Zero });
        key = wrong switch
        {
            "secret" => key with { SecretAccessKey = "wrong" },
            "token" => key with { SessionToken = "wrong" },
            "unknown" => key with { AccessKeyId = "ASIAUNKNOWN" },
            _ => key,
        };
        using var request = TestSigner.Form(
            simulator.AwsUrl, DescribeInstances, key, wrong == "service" ? "eks" : "ec2", wrong == "region" ? "us-east-1" : "us-west-2");
        if (wrong == "none")
        {
            request.Headers.Remove("Authorization");
        }

        var (actual, error) = await SendAsync(request);
        Assert.Equal(status, actual);
        Assert.Contains($"<Code>{code}</Code>", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_changed_after_signing_is_refused()
    {
        await using var simulator = await Simulator.StartAsync();
        using var request = TestSigner.Form(simulator.AwsUrl, DescribeInstances, simulator.Credentials.IssueTemporary(), "ec2");
        request.Content = new StringContent(DescribeInstances + "&DryRun=true", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("demo", 14, HttpStatusCode.OK)]
    [InlineData("demo", 16, HttpStatusCode.Forbidden)]
    [InlineData("other", 0, HttpStatusCode.Forbidden)]
    [InlineData(null, 0, HttpStatusCode.Forbidden)]
    public async Task A_pre_signed_identity_holds_for_its_cluster_and_for_fifteen_minutes(string? cluster, int minutes, HttpStatusCode expected)
    {
        await using var simulator = await Simulator.StartAsync();
        using var request = TestSigner.PreSignedIdentity(simulator.AwsUrl, simulator.Credentials.IssueTemporary(), "demo");
        request.Headers.Remove("x-k8s-aws-id");
        if (cluster is not null)
        {
            request.Headers.Add("x-k8s-aws-id", cluster);
        }

        simulator.AwsClock.Advance(TimeSpan.FromMinutes(minutes));
        Assert.Equal(expected, (await SendAsync(request)).Status);
    }

    private static async Task<string> OkAsync(HttpRequestMessage request)
    {
        var (status, body) = await SendAsync(request);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {body}");
        return body;
    }

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
