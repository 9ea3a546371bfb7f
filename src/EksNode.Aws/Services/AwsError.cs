using System.Text.Json;
using EksNode.Host.Http;

namespace EksNode.Aws.Services;

/// <summary>What kind of error AWS answered with, as far as it changes what to do.</summary>
internal enum AwsErrorKind
{
    /// <summary>Anything else: it stands.</summary>
    Other,

    /// <summary>Too many requests: try again later.</summary>
    Throttled,

    /// <summary>A fault of the service: try again.</summary>
    Transient,

    /// <summary>The role has no such permission, or not yet.</summary>
    NotAllowed,

    /// <summary>The time or the key of the signature does not fit.</summary>
    Signature,

    /// <summary>The credentials have expired, or to EC2 the request has.</summary>
    Expired,

    /// <summary>What is asked for does not exist, or not yet.</summary>
    NotFound,
}

/// <summary>An error that AWS answered with.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The code: <c>UnauthorizedOperation</c>; <c>HTTP 503</c> when the answer has none.</param>
/// <param name="Message">The message, without the encoded part that only IAM can read; empty when there is none.</param>
/// <param name="RequestId">The id under which AWS knows the request, or null.</param>
internal sealed record AwsError(int Status, string Code, string Message, string? RequestId)
{
    private const int LongestMessage = 400;
    private const string EncodedPart = "Encoded authorization failure message";

    /// <summary>The kind of the error.</summary>
    /// <remarks>Codes: EC2 API reference, "Error codes"; EKS API reference, "Common errors"; AWS SDKs, "Retry behavior".</remarks>
    public AwsErrorKind Kind => Code switch
    {
        "RequestLimitExceeded" or "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled"
            or "RequestThrottledException" or "EC2ThrottledException" or "TooManyRequestsException" or "SlowDown"
            or "BandwidthLimitExceeded" or "PriorRequestNotComplete" => AwsErrorKind.Throttled,
        "InternalError" or "InternalFailure" or "InternalServerError" or "ServerException" or "ServiceUnavailable"
            or "ServiceUnavailableException" or "Unavailable" or "RequestTimeout" or "RequestTimeoutException" => AwsErrorKind.Transient,
        "UnauthorizedOperation" or "AccessDenied" or "AccessDeniedException" or "OptInRequired" or "Blocked" => AwsErrorKind.NotAllowed,
        "RequestTimeTooSkewed" or "SignatureDoesNotMatch" or "InvalidSignatureException" or "AuthFailure"
            or "InvalidClientTokenId" or "UnrecognizedClientException" or "InvalidAccessKeyId" or "MissingAuthenticationToken"
            or "IncompleteSignature" => AwsErrorKind.Signature,
        "ExpiredToken" or "ExpiredTokenException" or "RequestExpired" or "TokenRefreshRequired" => AwsErrorKind.Expired,
        "ResourceNotFoundException" => AwsErrorKind.NotFound,
        _ when Code.EndsWith(".NotFound", StringComparison.Ordinal) => AwsErrorKind.NotFound,
        _ when Status == 429 => AwsErrorKind.Throttled,
        _ when Status >= 500 => AwsErrorKind.Transient,
        _ => AwsErrorKind.Other,
    };

    /// <summary>The error as a clause: code, message, request id.</summary>
    public override string ToString() =>
        Code + (Message.Length > 0 ? $": {Message}" : "") + (RequestId is null ? "" : $" (request {RequestId})");

    /// <summary>Reads the error in an answer that is not a success: XML of EC2 and STS, JSON of EKS and ECR.</summary>
    public static AwsError Of(HttpAnswer answer)
    {
        var (code, message, requestId) = answer.Body.Length > 0 && answer.Body.Span[0] == '<' ? FromXml(answer) : FromJson(answer);
        return new AwsError(
            answer.Status,
            code ?? $"HTTP {answer.Status}",
            Shorten(message ?? ""),
            requestId ?? answer.Header("x-amzn-RequestId") ?? answer.Header("x-amz-request-id"));
    }

    private static (string? Code, string? Message, string? RequestId) FromXml(HttpAnswer answer)
    {
        if (AwsXml.Parse(answer.Body) is not { } root)
        {
            return (null, null, null);
        }

        var error = root.At("Errors", "Error") ?? root.At("Error");
        return (error?.TextAt("Code"), error?.TextAt("Message"), root.TextAt("RequestID") ?? root.TextAt("RequestId"));
    }

    private static (string? Code, string? Message, string? RequestId) FromJson(HttpAnswer answer)
    {
        // The header's value may go on with a colon and a URL, the body's may begin with a namespace and a hash.
        var code = answer.Header("x-amzn-ErrorType")?.Split(':')[0];
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            code ??= (Text(document, "__type") ?? Text(document, "code"))?.Split('#')[^1];
            return (code, Text(document, "message") ?? Text(document, "Message"), null);
        }
        catch (JsonException)
        {
            return (code, null, null);
        }
    }

    private static string Shorten(string message)
    {
        var encoded = message.IndexOf(EncodedPart, StringComparison.Ordinal);
        message = (encoded < 0 ? message : message[..encoded]).ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return message.Length <= LongestMessage ? message : message[..LongestMessage] + "…";
    }

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.ValueKind == JsonValueKind.Object
        && document.RootElement.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
