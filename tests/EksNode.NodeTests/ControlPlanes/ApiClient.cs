using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EksNode.NodeTests.Machines;
using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>The Kubernetes API, as an administrator with a bearer token.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient http;

    public ApiClient(KubernetesOptions options, string token)
    {
        http = new HttpClient(Trusting(options.Authority)) { BaseAddress = new Uri($"https://{PrivateNetwork.ApiServer}"), Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The object, or null when there is none.</summary>
    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await http.GetAsync(path, cancellation);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync(response, path, cancellation);
    }

    /// <summary>The text of an answer, or null when it is not there or not well.</summary>
    public async Task<string?> TryGetTextAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(path, cancellation);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancellation) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public Task<JsonNode> CreateAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, "application/json", cancellation);

    public Task<JsonNode> ReplaceAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Put, path, body, "application/json", cancellation);

    public Task<JsonNode> PatchAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Patch, path, body, "application/merge-patch+json", cancellation);

    public void Dispose() => http.Dispose();

    /// <summary>A handler that trusts the cluster's authority and nothing else.</summary>
    public static SocketsHttpHandler Trusting(ClusterAuthority authority, X509Certificate2? client = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(authority.Pem) },
        };
        if (client is not null)
        {
            handler.SslOptions.ClientCertificates = [client];
        }

        return handler;
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode body, string type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type)) };
        using var response = await http.SendAsync(request, cancellation);
        return await ReadAsync(response, $"{method} {path}", cancellation);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new NodeTestException($"The API server answered {what} with {(int)response.StatusCode}: {text}");
    }
}
