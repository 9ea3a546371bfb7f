using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>The API server over TLS, trusted by the kubeconfig's authority alone, with the exec plugin's token.</summary>
internal sealed class ApiServer : IDisposable
{
    private readonly HttpClient http;
    private readonly ExecCredential credential;

    public ApiServer(Kubeconfig kubeconfig)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(kubeconfig.AuthorityFile);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        http = new HttpClient(handler) { BaseAddress = kubeconfig.Server, Timeout = TimeSpan.FromSeconds(30) };
        credential = new ExecCredential(kubeconfig.Plugin);
    }

    public Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, "", cancellation);

    public Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, "application/json", cancellation);

    public Task<(HttpStatusCode Status, JsonNode? Body)> PutAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Put, path, body, "application/json", cancellation);

    public Task<(HttpStatusCode Status, JsonNode? Body)> PatchAsync(string path, JsonNode body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, path, body, "application/strategic-merge-patch+json", cancellation);

    public void Dispose()
    {
        http.Dispose();
        credential.Dispose();
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, JsonNode? body, string type, CancellationToken cancellation)
    {
        // As client-go does: a token that is refused is asked for once more.
        for (var renew = false; ; renew = true)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await credential.TokenAsync(renew, cancellation));
            if (body is not null)
            {
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type));
            }

            using var response = await http.SendAsync(request, cancellation);
            if (response.StatusCode == HttpStatusCode.Unauthorized && !renew)
            {
                continue;
            }

            return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation)));
        }
    }
}
