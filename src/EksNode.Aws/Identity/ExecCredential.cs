using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Identity;

/// <summary>The protocol between client-go and an exec plugin: what is asked, and the answer with a token.</summary>
/// <remarks>Kubernetes documentation, "client-go credential plugins".</remarks>
public static class ExecCredential
{
    /// <summary>The variable in which client-go asks.</summary>
    public const string Variable = "KUBERNETES_EXEC_INFO";

    private const string Group = "client.authentication.k8s.io/";

    /// <summary>What is spoken where nobody asks: what the kubeconfig of every EKS node names.</summary>
    private const string DefaultVersion = Group + "v1beta1";

    /// <summary>The version to answer in.</summary>
    /// <param name="info">The value of <see cref="Variable"/>; null: client-go did not call.</param>
    /// <exception cref="DiagnosticException">It cannot be read, or asks for another version.</exception>
    public static string VersionFor(string? info)
    {
        if (info is null)
        {
            return DefaultVersion;
        }

        string? version = null;
        try
        {
            using var document = JsonDocument.Parse(info);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("apiVersion", out var value)
                && value.ValueKind == JsonValueKind.String)
            {
                version = value.GetString();
            }
        }
        catch (JsonException)
        {
            // As without a version: below.
        }

        return version switch
        {
            Group + "v1" or Group + "v1beta1" => version,
            null => throw Unusable(
                $"{Variable} is no ExecCredential: a JSON object with an apiVersion is expected.",
                "client-go sets it when it runs the plugin; to run `eksnode token` by hand, unset it."),
            Group + "v1alpha1" => throw Unusable(
                $"{Variable} asks for {version}, which Kubernetes 1.24 removed.",
                $"Set `apiVersion: {DefaultVersion}` in the exec section of the kubeconfig."),
            _ => throw Unusable(
                $"{Variable} asks for `{version}`; eksnode speaks {Group}v1 and {DefaultVersion}.",
                $"Set `apiVersion: {DefaultVersion}` in the exec section of the kubeconfig."),
        };
    }

    /// <summary>The answer, one line of JSON.</summary>
    /// <param name="version">The version, of <see cref="VersionFor"/>.</param>
    /// <param name="token">The token.</param>
    public static string Write(string version, EksToken token)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("kind", "ExecCredential");
            json.WriteString("apiVersion", version);
            json.WriteStartObject("spec");
            json.WriteEndObject();
            json.WriteStartObject("status");
            json.WriteString("expirationTimestamp", token.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("token", token.Text.Reveal());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static DiagnosticException Unusable(string message, string help) => new(DiagnosticCatalogue.ExecInfoUnusable, message, help);
}
