using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Identity;

/// <summary>The protocol between the kubelet and an image credential provider, version <c>credentialprovider.kubelet.k8s.io/v1</c>.</summary>
/// <remarks>Kubernetes documentation, "Configure a kubelet image credential provider", and the reference of its API.</remarks>
public static class CredentialProviderProtocol
{
    /// <summary>The version that is spoken.</summary>
    public const string Version = "credentialprovider.kubelet.k8s.io/v1";

    private const string RequestKind = "CredentialProviderRequest";

    /// <summary>The image that the kubelet asks for.</summary>
    /// <param name="request">What came on standard input.</param>
    /// <exception cref="DiagnosticException">It is no request, or of another version.</exception>
    public static string ImageOf(ReadOnlyMemory<byte> request)
    {
        try
        {
            using var document = JsonDocument.Parse(request);
            var version = Text(document.RootElement, "apiVersion");
            if (version is null || Text(document.RootElement, "kind") is not RequestKind)
            {
                throw Unreadable($"Standard input holds no {RequestKind}.");
            }

            if (version != Version)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ProviderVersionUnsupported,
                    $"The request is of version `{version}`; eksnode speaks {Version}.",
                    $"Set `apiVersion: {Version}` for this provider in the CredentialProviderConfig (kubelets from 1.26 on).");
            }

            return Text(document.RootElement, "image") ?? throw Unreadable("The request names no image.");
        }
        catch (JsonException failure)
        {
            throw Unreadable(request.IsEmpty
                ? "Standard input is empty."
                : $"Standard input is no JSON (line {failure.LineNumber + 1}, column {failure.BytePositionInLine + 1}).");
        }
    }

    /// <summary>The answer, one line of JSON.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="password">Its password.</param>
    /// <param name="now">The time.</param>
    public static string Write(EcrRegistry registry, EcrPassword password, DateTimeOffset now)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("kind", "CredentialProviderResponse");
            json.WriteString("apiVersion", Version);
            json.WriteString("cacheKeyType", "Registry");
            json.WriteString("cacheDuration", Duration(CacheFor(password, now)));
            json.WriteStartObject("auth");
            json.WriteStartObject(registry.Host);
            json.WriteString("username", password.User);
            json.WriteString("password", password.Password.Reveal());
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>
    /// How long the kubelet may keep a password: half of what is left of it, so that a pull that begins at the end of that time still
    /// has the other half (the AWS cloud provider's rule). Without an end nothing is kept.
    /// </summary>
    internal static TimeSpan CacheFor(EcrPassword password, DateTimeOffset now)
    {
        var left = password.Expires - now ?? TimeSpan.Zero;
        return left > TimeSpan.Zero ? TimeSpan.FromSeconds(Math.Floor(left.TotalSeconds / 2)) : TimeSpan.Zero;
    }

    // As Go writes a duration: 5h59m59s.
    private static string Duration(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}h{time.Minutes}m{time.Seconds}s");

    private static DiagnosticException Unreadable(string message) => new(
        DiagnosticCatalogue.ProviderRequestUnreadable,
        message,
        "The kubelet runs this command and writes the request; by hand: "
        + $"echo '{{\"apiVersion\":\"{Version}\",\"kind\":\"{RequestKind}\",\"image\":\"IMAGE\"}}' | eksnode credential-provider");

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
