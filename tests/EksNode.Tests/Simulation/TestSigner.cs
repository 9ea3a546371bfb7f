using System.Security.Cryptography;
using System.Text;
using EksNode.Simulation.Aws;

namespace EksNode.Tests.Simulation;

/// <summary>Signs simple requests (no query, path <c>/</c> or plain), to try the simulator without the product.</summary>
internal static class TestSigner
{
    public static HttpRequestMessage Sign(
        HttpRequestMessage request, AccessKey key, string service, string region = "us-west-2", string body = "", DateTimeOffset? at = null)
    {
        var time = (at ?? TimeProvider.System.GetUtcNow()).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'");
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.RequestUri!.Authority,
            ["x-amz-date"] = time,
        };
        if (key.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        if (request.Headers.TryGetValues("X-Amz-Target", out var target))
        {
            headers["x-amz-target"] = target.Single();
        }

        var names = string.Join(';', headers.Keys);
        var canonical = $"{request.Method}\n{request.RequestUri.AbsolutePath}\n\n" +
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n")) + $"\n{names}\n{Hash(body)}";
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var signingKey = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + key.SecretAccessKey), Mac);
        var signature = Convert.ToHexStringLower(Mac(signingKey, $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hash(canonical)}"));
        foreach (var (name, value) in headers.Where(header => header.Key is not ("host" or "x-amz-target")))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential={key.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={signature}");
        return request;
    }

    public static HttpRequestMessage Form(Uri url, string body, AccessKey key, string service, string region = "us-west-2", DateTimeOffset? at = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        return Sign(request, key, service, region, body, at);
    }

    /// <summary>The pre-signed GetCallerIdentity that an EKS token wraps.</summary>
    public static HttpRequestMessage PreSignedIdentity(Uri url, AccessKey key, string cluster, string region = "us-west-2")
    {
        var time = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'");
        var scope = $"{time[..8]}/{region}/sts/aws4_request";
        var query = string.Join('&', new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Action"] = "GetCallerIdentity",
            ["Version"] = "2011-06-15",
            ["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256",
            ["X-Amz-Credential"] = $"{key.AccessKeyId}/{scope}",
            ["X-Amz-Date"] = time,
            ["X-Amz-Expires"] = "60",
            ["X-Amz-Security-Token"] = key.SessionToken!,
            ["X-Amz-SignedHeaders"] = "host;x-k8s-aws-id",
        }.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
        var canonical = $"GET\n/\n{query}\nhost:{url.Authority}\nx-k8s-aws-id:{cluster}\n\nhost;x-k8s-aws-id\n{Hash("")}";
        var signingKey = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + key.SecretAccessKey), Mac);
        var signature = Convert.ToHexStringLower(Mac(signingKey, $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hash(canonical)}"));
        return new HttpRequestMessage(HttpMethod.Get, new Uri(url, $"/?{query}&X-Amz-Signature={signature}")) { Headers = { { "x-k8s-aws-id", cluster } } };
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
