using System.Text;
using System.Text.Json;
using System.Xml;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Aws;

/// <summary>The protocols that AWS APIs speak; each has its own shape of error.</summary>
internal enum AwsProtocol
{
    /// <summary>EC2: query in, XML out.</summary>
    Ec2,

    /// <summary>STS: query in, XML out.</summary>
    Query,

    /// <summary>EKS: REST and JSON.</summary>
    RestJson,

    /// <summary>ECR: JSON 1.1 with X-Amz-Target.</summary>
    Json11,
}

/// <summary>Errors as the real services write them.</summary>
internal static class AwsErrors
{
    public const string RequestId = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

    public static SimulatedResponse Make(AwsProtocol protocol, int status, string code, string message) => protocol switch
    {
        AwsProtocol.Ec2 => Xml(status, writer =>
        {
            writer.WriteStartElement("Response");
            writer.WriteStartElement("Errors");
            writer.WriteStartElement("Error");
            writer.WriteElementString("Code", code);
            writer.WriteElementString("Message", message);
            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.WriteElementString("RequestID", RequestId);
            writer.WriteEndElement();
        }),
        AwsProtocol.Query => Xml(status, writer =>
        {
            writer.WriteStartElement("ErrorResponse", "https://sts.amazonaws.com/doc/2011-06-15/");
            writer.WriteStartElement("Error");
            writer.WriteElementString("Type", status >= 500 ? "Receiver" : "Sender");
            writer.WriteElementString("Code", code);
            writer.WriteElementString("Message", message);
            writer.WriteEndElement();
            writer.WriteElementString("RequestId", RequestId);
            writer.WriteEndElement();
        }).With("x-amzn-RequestId", RequestId),
        AwsProtocol.RestJson => Json(status, "application/json", writer => writer.WriteString("message", message))
            .With("x-amzn-ErrorType", code)
            .With("x-amzn-RequestId", RequestId),
        _ => Json(status, "application/x-amz-json-1.1", writer =>
        {
            writer.WriteString("__type", code);
            writer.WriteString("message", message);
        }).With("x-amzn-RequestId", RequestId),
    };

    /// <summary>The error for a request that is not authentic.</summary>
    public static SimulatedResponse Refused(AwsProtocol protocol, SignatureVerdict verdict)
    {
        var (status, code) = (protocol, verdict.Fault!.Value) switch
        {
            (AwsProtocol.Ec2, SignatureFault.Missing) => (400, "MissingParameter"),
            (AwsProtocol.Ec2, SignatureFault.Incomplete) => (400, "IncompleteSignature"),
            (AwsProtocol.Ec2, SignatureFault.UnknownKey) => (401, "AuthFailure"),
            (AwsProtocol.Ec2, SignatureFault.ExpiredCredentials or SignatureFault.Skewed) => (400, "RequestExpired"),
            (AwsProtocol.Ec2, SignatureFault.WrongScope) => (401, "AuthFailure"),
            (AwsProtocol.Ec2, _) => (403, "SignatureDoesNotMatch"),
            (AwsProtocol.Query, SignatureFault.Missing) => (403, "MissingAuthenticationToken"),
            (AwsProtocol.Query, SignatureFault.Incomplete) => (400, "IncompleteSignature"),
            (AwsProtocol.Query, SignatureFault.UnknownKey) => (403, "InvalidClientTokenId"),
            (AwsProtocol.Query, SignatureFault.ExpiredCredentials) => (403, "ExpiredToken"),
            (AwsProtocol.Query, _) => (403, "SignatureDoesNotMatch"),
            (_, SignatureFault.Missing) => (Json(protocol), "MissingAuthenticationTokenException"),
            (_, SignatureFault.Incomplete) => (Json(protocol), "IncompleteSignatureException"),
            (_, SignatureFault.UnknownKey) => (Json(protocol), "UnrecognizedClientException"),
            (_, SignatureFault.ExpiredCredentials) => (Json(protocol), "ExpiredTokenException"),
            _ => (Json(protocol), "InvalidSignatureException"),
        };
        return Make(protocol, status, code, verdict.Message);
    }

    /// <summary>The error of a role that may not do this.</summary>
    public static SimulatedResponse Denied(AwsProtocol protocol, string call, string principal)
    {
        var message = $"User: {principal} is not authorized to perform: {call} because no identity-based policy allows the {call} action";
        return protocol switch
        {
            AwsProtocol.Ec2 => Make(protocol, 403, "UnauthorizedOperation", $"You are not authorized to perform this operation. {message}"),
            AwsProtocol.Query => Make(protocol, 403, "AccessDenied", message),
            _ => Make(protocol, Json(protocol), "AccessDeniedException", message),
        };
    }

    /// <summary>The error of too many requests.</summary>
    public static SimulatedResponse Throttled(AwsProtocol protocol) => protocol switch
    {
        AwsProtocol.Ec2 => Make(protocol, 503, "RequestLimitExceeded", "Request limit exceeded."),
        AwsProtocol.Query => Make(protocol, 400, "Throttling", "Rate exceeded"),
        AwsProtocol.RestJson => Make(protocol, 429, "ThrottlingException", "Rate exceeded"),
        _ => Make(protocol, 400, "ThrottlingException", "Rate exceeded"),
    };

    /// <summary>The error that fits an HTTP status.</summary>
    public static SimulatedResponse OfStatus(AwsProtocol protocol, int status) => status switch
    {
        503 => Make(protocol, status, protocol == AwsProtocol.Ec2 ? "Unavailable" : "ServiceUnavailable", "The service is unavailable. Please try again shortly."),
        >= 500 => Make(protocol, status, protocol is AwsProtocol.Ec2 ? "InternalError" : "InternalFailure", "An internal error has occurred"),
        404 => Make(protocol, status, "UnknownOperationException", "The requested operation is not known."),
        _ => Make(protocol, status, "ValidationError", "The request is not valid."),
    };

    public static SimulatedResponse Json(int status, string contentType, Action<Utf8JsonWriter> body)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            body(writer);
            writer.WriteEndObject();
        }

        return new SimulatedResponse(status, contentType, buffer.ToArray());
    }

    public static SimulatedResponse Xml(int status, Action<XmlWriter> body)
    {
        using var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = "    " }))
        {
            body(writer);
        }

        return new SimulatedResponse(status, "text/xml;charset=UTF-8", buffer.ToArray());
    }

    private static int Json(AwsProtocol protocol) => protocol == AwsProtocol.RestJson ? 403 : 400;
}
