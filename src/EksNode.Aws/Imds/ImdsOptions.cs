using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Imds;

/// <summary>Where IMDS is and how long to wait for it.</summary>
public sealed record ImdsOptions
{
    /// <summary>The IPv4 address of IMDS.</summary>
    /// <remarks>EC2 user guide, "Access instance metadata".</remarks>
    public const string Ipv4Endpoint = "http://169.254.169.254/";

    /// <summary>The IPv6 address of IMDS.</summary>
    /// <remarks>EC2 user guide, "Access instance metadata".</remarks>
    public const string Ipv6Endpoint = "http://[fd00:ec2::254]/";

    /// <summary>The endpoints; when there are two the second is tried beside the first that does not answer at once.</summary>
    public required ImmutableArray<Uri> Endpoints { get; init; }

    /// <summary>Why IMDS must not be asked; null: it may be.</summary>
    public string? Forbidden { get; init; }

    /// <summary>How long the token lasts that is asked for: the longest that IMDS gives.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long the first endpoint may be silent before the second is tried as well.</summary>
    public TimeSpan HeadStart { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a TCP connection may take: IMDS is on the same machine.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one request for a token may take, connection included.</summary>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one read may take.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an answer that may be a passing mistake is asked for again: 404 for a key that every instance has, an answer that
    /// cannot be read, a token that is refused.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long all reads together may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest wait before the first retry.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before any retry.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The endpoint that the environment names (<c>AWS_EC2_METADATA_SERVICE_ENDPOINT</c>), else that of the family it names
    /// (<c>AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE</c>: <c>IPv4</c>, <c>IPv6</c>), else both; or why there is none
    /// (<c>AWS_EC2_METADATA_DISABLED</c>).
    /// </summary>
    /// <exception cref="DiagnosticException">A variable is wrong.</exception>
    public static ImdsOptions FromEnvironment(AwsEnvironment environment) => new()
    {
        Endpoints = EndpointsOf(environment),
        Forbidden = environment.IsOn("AWS_EC2_METADATA_DISABLED") ? "AWS_EC2_METADATA_DISABLED is true" : null,
    };

    private static ImmutableArray<Uri> EndpointsOf(AwsEnvironment environment)
    {
        if (environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] is { } own)
        {
            var text = own.EndsWith('/') ? own : own + "/";
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "http" && uri.Host.Length > 0
                ? [uri]
                : throw new DiagnosticException(
                    DiagnosticCatalogue.ImdsEndpointInvalid,
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http URL.",
                    $"Set it to a URL such as {Ipv4Endpoint}, or leave it out.");
        }

        return environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.ToLowerInvariant() switch
        {
            null => [new Uri(Ipv4Endpoint), new Uri(Ipv6Endpoint)],
            "ipv4" => [new Uri(Ipv4Endpoint)],
            "ipv6" => [new Uri(Ipv6Endpoint)],
            _ => throw new DiagnosticException(
                DiagnosticCatalogue.ImdsEndpointInvalid,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither `IPv4` nor `IPv6`.",
                "Set it to `IPv4` or `IPv6`, or leave it out."),
        };
    }
}
