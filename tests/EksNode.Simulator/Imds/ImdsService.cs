using System.Globalization;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Imds;

/// <summary>The instance metadata service, version 2 with tokens required.</summary>
internal sealed class ImdsService(SimulatorOptions options, ImdsTokens tokens, ImdsTree tree) : ISimulatedService
{
    private const string TokenPath = "/latest/api/token";
    private const string TokenHeader = "X-aws-ec2-metadata-token";
    private const string TtlHeader = "X-aws-ec2-metadata-token-ttl-seconds";
    private const string MacsPrefix = "network/interfaces/macs/";

    public string NameOf(SimulatedRequest request)
    {
        if (request.Path == TokenPath)
        {
            return "imds:token";
        }

        var path = BelowVersion(request.Path) ?? request.Path.TrimStart('/');
        if (path.StartsWith("meta-data/", StringComparison.Ordinal))
        {
            path = path["meta-data/".Length..];
        }

        if (path.StartsWith(MacsPrefix, StringComparison.Ordinal) && path[MacsPrefix.Length..].Split('/', 2) is [_, { Length: > 0 } item])
        {
            return "imds:macs/" + item;
        }

        return path switch
        {
            "dynamic/instance-identity/document" => "imds:identity",
            "iam/security-credentials" or "iam/security-credentials/" => "imds:role",
            _ when path.StartsWith("iam/security-credentials/", StringComparison.Ordinal) => "imds:credentials",
            _ => "imds:" + path,
        };
    }

    public SimulatedResponse Answer(SimulatedRequest request, string call, FaultStep? fault)
    {
        if (options.ImdsMode == ImdsMode.Disabled)
        {
            return Error(403);
        }

        if (call == "imds:token")
        {
            return Token(request);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            return Error(405);
        }

        if (tokens.SecondsLeft(request.Header(TokenHeader)) is not { } secondsLeft)
        {
            return Error(401);
        }

        var body = BelowVersion(request.Path) is { } path ? tree.Read(path) : Versions(request.Path);
        return body is null
            ? Error(404)
            : Stamp(new SimulatedResponse(200, call == "imds:user-data" ? "application/octet-stream" : "text/plain", body))
                .With(TtlHeader, secondsLeft.ToString(CultureInfo.InvariantCulture));
    }

    public SimulatedResponse Failure(SimulatedRequest request, string call, FaultStep fault) => fault.Kind switch
    {
        FaultKind.Throttle => Error(503),
        FaultKind.Expired => Error(401),
        FaultKind.Denied => Error(403),
        _ => Error(fault.Argument),
    };

    private SimulatedResponse Token(SimulatedRequest request)
    {
        if (request.Method != "PUT")
        {
            return Error(405);
        }

        if (options.ImdsMode == ImdsMode.HopLimitReached)
        {
            return Error(LoopbackServer.WithheldStatus);
        }

        // IMDSv2 refuses what came through a reverse proxy: it would hand the instance's credentials to the outside.
        if (request.Header("X-Forwarded-For") is not null)
        {
            return Error(403);
        }

        return ImdsTokens.TryReadTtl(request.Header(TtlHeader), out var seconds)
            ? Stamp(SimulatedResponse.Text(200, "text/plain", tokens.Issue(seconds))).With(TtlHeader, seconds.ToString(CultureInfo.InvariantCulture))
            : Error(400);
    }

    /// <summary>The path below <c>/latest</c> or a dated version; null for anything else.</summary>
    private static string? BelowVersion(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || !(parts[0] == "latest" || DateOnly.TryParseExact(parts[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)))
        {
            return null;
        }

        return string.Join('/', parts.Skip(1)) + (path.EndsWith('/') && parts.Length > 1 ? "/" : "");
    }

    private static byte[]? Versions(string path) => path == "/" ? "1.0\n2021-07-15\n2024-04-11\nlatest"u8.ToArray() : null;

    private static SimulatedResponse Error(int status)
    {
        var title = status switch
        {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            >= 500 => "Service Unavailable",
            _ => "Error",
        };
        return Stamp(SimulatedResponse.Text(status, "text/html", $"""
            <?xml version="1.0" encoding="iso-8859-1"?>
            <html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
             <head><title>{status} - {title}</title></head>
             <body><h1>{status} - {title}</h1></body>
            </html>

            """));
    }

    private static SimulatedResponse Stamp(SimulatedResponse response) => response.With("Server", "EC2ws");
}
