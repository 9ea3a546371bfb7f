using EksNode.Aws.Imds;
using EksNode.Aws.Services;
using EksNode.Host.Logging;

namespace EksNode.Aws.Identity;

/// <summary>What <see cref="IdentitySession"/> is given: it sees nothing of the process by itself.</summary>
public sealed record IdentityOptions
{
    /// <summary>The environment of the process.</summary>
    public required AwsEnvironment Environment { get; init; }

    /// <summary>The clock: signatures hold its time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The source of jitter.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Where progress is written.</summary>
    public ILog Log { get; init; } = NoLog.Instance;

    /// <summary>Where IMDS is; null: as the environment says, with <see cref="ImdsDeadline"/>.</summary>
    public ImdsOptions? Imds { get; init; }

    /// <summary>
    /// How long IMDS may take: the kubelet waits for its exec plugin without a limit and asks again after a failure, so that a
    /// message that comes early is worth more than patience.
    /// </summary>
    public static readonly TimeSpan ImdsDeadline = TimeSpan.FromSeconds(15);

    /// <summary>How long AWS may take: the kubelet stops a credential provider after a minute, and its message with it.</summary>
    public AwsLimits Limits { get; init; } = new()
    {
        Deadline = TimeSpan.FromSeconds(40),
        AttemptTimeout = TimeSpan.FromSeconds(10),
        Patience = TimeSpan.FromSeconds(5),
    };
}
