using System.Globalization;
using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Credentials;

/// <summary>Reads the JSON in which IMDS and container endpoints give credentials.</summary>
internal static class CredentialDocument
{
    /// <summary>Whether it is such a document, with credentials or with the reason why there are none.</summary>
    public static bool IsOne(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Text(document, "SecretAccessKey") is not null || Text(document, "Code") is not (null or "Success");
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The credentials in a document that <see cref="IsOne"/> accepts.</summary>
    /// <param name="bytes">The document.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="DiagnosticException">It says why there are none.</exception>
    public static AwsCredentials Read(ReadOnlyMemory<byte> bytes, string source)
    {
        using var document = JsonDocument.Parse(bytes);
        if (Text(document, "AccessKeyId") is not { } keyId || Text(document, "SecretAccessKey") is not { } secret)
        {
            var code = Text(document, "Code") ?? Text(document, "code") ?? "no access key in the answer";
            var message = Text(document, "Message") ?? Text(document, "message");
            throw new DiagnosticException(
                DiagnosticCatalogue.CredentialsInvalid,
                $"There are no credentials from {source}: {code}{(message is null ? "" : $" ({message.TrimEnd('.')})")}.",
                "Check that the role still exists and that its trust policy lets ec2.amazonaws.com (or the container service) assume it.");
        }

        var expires = DateTimeOffset.TryParse(
            Text(document, "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : (DateTimeOffset?)null;
        var token = Text(document, "Token") is { } text ? new Secret(text) : null;
        return new AwsCredentials(new Secret(keyId), new Secret(secret), token, expires, source);
    }

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.ValueKind == JsonValueKind.Object
        && document.RootElement.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
