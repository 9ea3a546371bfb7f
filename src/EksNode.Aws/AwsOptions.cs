using EksNode.Aws.Imds;
using EksNode.Aws.Services;
using EksNode.Host.Http;
using EksNode.Host.Logging;

namespace EksNode.Aws;

/// <summary>What <see cref="AwsFactSource"/> is given: it sees nothing of the process or the machine by itself.</summary>
public sealed record AwsOptions
{
    /// <summary>The environment variables of the process.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>
    /// Reads a small text file of the host, by its absolute path, under the root that the command works on; null when it is missing
    /// or cannot be read.
    /// </summary>
    public required Func<string, string?> ReadHostFile { get; init; }

    /// <summary>Whether the limits of an instance type are known without asking EC2.</summary>
    public required Func<string, bool> KnowsInstanceType { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The source of jitter; it is only used under a lock.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where progress is written.</summary>
    public ILog Log { get; init; } = NoLog.Instance;

    /// <summary>Where the duration of requests is recorded; null: nowhere.</summary>
    public Timeline? Timeline { get; init; }

    /// <summary>Where IMDS is and how long to wait for it; null: as the environment says.</summary>
    public ImdsOptions? Imds { get; init; }

    /// <summary>How long to wait for AWS.</summary>
    public AwsLimits Limits { get; init; } = new();

    /// <summary>How the API server's host is looked up; the servers are those of the host's <c>resolv.conf</c> when it is empty.</summary>
    public DnsOptions Dns { get; init; } = new() { Servers = [] };
}
