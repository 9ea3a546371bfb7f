using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EksNode.Simulation;
using EksNode.Simulation.Kubernetes;

namespace EksNode.Tests.Simulation;

/// <summary>The endpoint that stands in for an API server lets a node do what a node may do, and nothing else.</summary>
public sealed class KubernetesApiTests : IAsyncLifetime
{
    private const string Nodes = "/api/v1/nodes";
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private const string Own = "i-0abc123def4567890";

    private static readonly Uri Sts = new("https://sts.us-west-2.amazonaws.com/");

    private readonly ClusterAuthority authority = new();
    private KubernetesOptions kubernetes = null!;
    private Simulator simulator = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        kubernetes = new KubernetesOptions { Authority = authority, Endpoint = new IPEndPoint(IPAddress.Loopback, 0) };
        simulator = await Simulator.StartAsync(new SimulatorOptions { Kubernetes = kubernetes });
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(authority.Pem) },
        };
        client = new HttpClient(handler) { BaseAddress = simulator.Kubernetes.EndpointUrl };
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await simulator.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public async Task A_node_registers_itself_and_no_other()
    {
        Assert.Equal(HttpStatusCode.Created, await Send(HttpMethod.Post, Nodes, Node(Own), NodeToken()));
        Assert.Equal(HttpStatusCode.Conflict, await Send(HttpMethod.Post, Nodes, Node(Own), NodeToken()));
        Assert.Equal(HttpStatusCode.Forbidden, await Send(HttpMethod.Post, Nodes, Node("i-0fffffffffffffff0"), NodeToken()));
        Assert.Equal(3, simulator.Calls.Count("sts:GetCallerIdentity"));
    }

    [Fact]
    public async Task A_label_that_NodeRestriction_refuses_is_refused()
    {
        var node = Node(Own);
        node["metadata"]!["labels"] = new JsonObject { ["node-role.kubernetes.io/control-plane"] = "" };
        Assert.Equal(HttpStatusCode.Forbidden, await Send(HttpMethod.Post, Nodes, node, NodeToken()));
        node["metadata"]!["labels"] = new JsonObject { ["node.kubernetes.io/instance-type"] = "m6i.large", ["eks.amazonaws.com/nodegroup"] = "workers" };
        Assert.Equal(HttpStatusCode.Created, await Send(HttpMethod.Post, Nodes, node, NodeToken()));
    }

    [Theory]
    [InlineData("another cluster", "staging", false)]
    [InlineData("a key that nobody handed out", "demo", true)]
    public async Task A_token_that_STS_does_not_confirm_is_refused(string why, string cluster, bool foreign)
    {
        var key = simulator.Credentials.IssueTemporary();
        var token = Token(cluster, foreign ? key with { AccessKeyId = "ASIAFOREIGNFOREIGN00" } : key);
        Assert.True(HttpStatusCode.Unauthorized == await Send(HttpMethod.Post, Nodes, Node(Own), token), why);
    }

    [Fact]
    public async Task A_serving_certificate_is_signed_for_the_node_that_asked()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(HttpStatusCode.Created, await Send(HttpMethod.Post, Requests, Request("one", Own, key), NodeToken()));
        Assert.Equal(HttpStatusCode.Forbidden, await Send(HttpMethod.Post, Requests, Request("two", "i-0fffffffffffffff0", key), NodeToken()));
        Assert.Equal(HttpStatusCode.Forbidden, await Send(HttpMethod.Put, Requests + "/one/approval", Request("one", Own, key), NodeToken()));

        using var response = await client.SendAsync(Message(HttpMethod.Get, Requests + "/one", null, kubernetes.AdministratorToken), TestContext.Current.CancellationToken);
        var spec = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["spec"]!;
        Assert.Equal($"system:node:{Own}", spec["username"]!.GetValue<string>());
        using var signed = X509Certificate2.CreateFromPem(authority.SignServing(Encoding.ASCII.GetString(Convert.FromBase64String(spec["request"]!.GetValue<string>()))));
        Assert.Equal($"system:node:{Own}", signed.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        Assert.Contains(signed.Extensions, extension => extension is X509SubjectAlternativeNameExtension names && names.EnumerateIPAddresses().Contains(IPAddress.Parse("10.0.12.34")));
    }

    [Fact]
    public async Task The_webhook_names_the_user_of_a_token()
    {
        var review = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenReview", ["spec"] = new JsonObject { ["token"] = NodeToken() } };
        using var plain = new HttpClient();
        using var answer = await plain.PostAsync(
            simulator.Kubernetes.WebhookUrl, new StringContent(review.ToJsonString(), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["status"]!;
        Assert.Equal($"system:node:{Own}", status["user"]!["username"]!.GetValue<string>());
        Assert.Equal(["system:bootstrappers", "system:nodes"], status["user"]!["groups"]!.AsArray().Select(group => group!.GetValue<string>()));
    }

    private static JsonObject Node(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Node",
        ["metadata"] = new JsonObject { ["name"] = name },
    };

    private static JsonObject Request(string name, string node, ECDsa key)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse("10.0.12.34"));
        var request = new CertificateRequest($"O=system:nodes, CN=system:node:{node}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(request.CreateSigningRequestPem())),
                ["signerName"] = "kubernetes.io/kubelet-serving",
                ["usages"] = new JsonArray("digital signature", "server auth"),
            },
        };
    }

    private static HttpRequestMessage Message(HttpMethod method, string path, JsonNode? body, string token) => new(method, path)
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
    };

    private static string Token(string cluster, EksNode.Simulation.Aws.AccessKey key)
    {
        using var signed = TestSigner.PreSignedIdentity(Sts, key, cluster);
        return "k8s-aws-v1." + Convert.ToBase64String(Encoding.UTF8.GetBytes(signed.RequestUri!.AbsoluteUri)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private string NodeToken() => Token("demo", simulator.Credentials.IssueTemporary());

    private async Task<HttpStatusCode> Send(HttpMethod method, string path, JsonNode body, string token)
    {
        using var message = Message(method, path, body, token);
        using var response = await client.SendAsync(message, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
