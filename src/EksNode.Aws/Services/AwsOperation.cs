using System.Collections.Immutable;
using EksNode.Host.Http;

namespace EksNode.Aws.Services;

/// <summary>One operation of an AWS service with its input.</summary>
internal sealed record AwsOperation
{
    /// <summary>The service as its endpoints and signatures name it: <c>ec2</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The operation: <c>DescribeInstances</c>. Service and operation are also the IAM action.</summary>
    public required string Name { get; init; }

    /// <summary>The method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>The path, not encoded.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Headers besides those of the signature; <c>Content-Type</c> is that of the body.</summary>
    public ImmutableArray<HttpHeader> Headers { get; init; } = [];

    /// <summary>Whether "not found" may change soon, since the service tells of new things late.</summary>
    public bool RetriesNotFound { get; init; }

    /// <summary>The most attempts, when fewer than the environment's.</summary>
    public int MaxAttempts { get; init; } = int.MaxValue;

    /// <summary>The IAM action: <c>ec2:DescribeInstances</c>.</summary>
    public string Action => $"{Service}:{Name}";

    /// <summary>The operation as messages name it: <c>EC2 DescribeInstances</c>.</summary>
    public override string ToString() => $"{Service.ToUpperInvariant()} {Name}";
}
