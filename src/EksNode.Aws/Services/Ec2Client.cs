using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Planning.Facts;

namespace EksNode.Aws.Services;

/// <summary>An instance as EC2 describes it.</summary>
internal sealed record DescribedInstance
{
    public required string Id { get; init; }

    public string? Type { get; init; }

    public string? AvailabilityZone { get; init; }

    /// <summary>Null until EC2 has given the instance one.</summary>
    public string? PrivateDnsName { get; init; }

    public string? PrivateIpv4 { get; init; }

    /// <summary>Of the primary interface, lower case.</summary>
    public string? Mac { get; init; }

    /// <summary>Of the primary interface.</summary>
    public ImmutableArray<string> Ipv6 { get; init; } = [];
}

/// <summary>The calls of EC2 that a node needs.</summary>
internal sealed class Ec2Client(AwsCaller caller)
{
    private const string ApiVersion = "2016-11-15";

    /// <summary>Attempts for a fact that join can do without.</summary>
    private const int AttemptsForExtras = 3;

    /// <summary>Describes an instance.</summary>
    /// <param name="id">The instance id.</param>
    /// <param name="needsPrivateDnsName">Whether to wait until it has a private DNS name.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="DiagnosticException">The call failed, or there is no name in time.</exception>
    public async Task<DescribedInstance> DescribeInstanceAsync(string id, bool needsPrivateDnsName, CancellationToken cancellation)
    {
        var deadline = caller.NewDeadline();
        var operation = Query("DescribeInstances", ("InstanceId.1", id)) with { RetriesNotFound = true };
        for (var attempt = 1; ; attempt++)
        {
            DescribedInstance found;
            try
            {
                found = await caller.CallAsync(operation, body => ReadInstance(body, id), deadline, cancellation).ConfigureAwait(false);
            }
            catch (DiagnosticException) when (attempt > 1 && deadline.IsOver)
            {
                // The call worked before: it is the name that was waited for, and this attempt only ran out of time.
                throw NoName(operation, id, deadline);
            }

            if (!needsPrivateDnsName || found.PrivateDnsName is not null)
            {
                return found;
            }

            var wait = caller.Backoff.Delay(attempt);
            if (wait >= deadline.Left)
            {
                throw NoName(operation, id, deadline);
            }

            await Task.Delay(wait, deadline.Clock, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Describes the limits of an instance type that max pods follow from.</summary>
    /// <exception cref="DiagnosticException">The call failed.</exception>
    public Task<InstanceTypeFacts> DescribeInstanceTypeAsync(string type, CancellationToken cancellation) => caller.CallAsync(
        Query("DescribeInstanceTypes", ("InstanceType.1", type)) with { MaxAttempts = AttemptsForExtras },
        body => ReadType(body, type),
        caller.NewDeadline(),
        cancellation);

    private static DiagnosticException NoName(AwsOperation operation, string id, Deadline deadline) => new(
        DiagnosticCatalogue.PrivateDnsNameMissing,
        $"{operation}: EC2 gave instance {id} no private DNS name within {deadline.Length.TotalSeconds:0.#} s.",
        "Turn on DNS support and DNS host names of the VPC, or set the feature gate InstanceIdNodeName.");

    private static AwsOperation Query(string action, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var body = new StringBuilder($"Action={action}&Version={ApiVersion}");
        foreach (var (name, value) in parameters)
        {
            body.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return new AwsOperation
        {
            Service = "ec2",
            Name = action,
            Method = HttpMethod.Post,
            Headers = [new HttpHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            Body = Encoding.UTF8.GetBytes(body.ToString()),
        };
    }

    private static DescribedInstance? ReadInstance(ReadOnlyMemory<byte> body, string id)
    {
        if (AwsXml.Parse(body) is not { } root)
        {
            return null;
        }

        foreach (var reservation in root.Items("reservationSet"))
        {
            foreach (var instance in reservation.Items("instancesSet"))
            {
                if (instance.TextAt("instanceId") == id)
                {
                    return ReadInstance(instance, id);
                }
            }
        }

        return null;
    }

    private static DescribedInstance ReadInstance(XmlElement instance, string id)
    {
        var primary = instance.Items("networkInterfaceSet").FirstOrDefault(
            n => n.TextAt("attachment", "deviceIndex") is "0" && n.TextAt("attachment", "networkCardIndex") is null or "0");
        return new DescribedInstance
        {
            Id = id,
            Type = instance.TextAt("instanceType"),
            AvailabilityZone = instance.TextAt("placement", "availabilityZone"),
            PrivateDnsName = instance.TextAt("privateDnsName"),
            PrivateIpv4 = instance.TextAt("privateIpAddress"),
            Mac = primary?.TextAt("macAddress")?.ToLowerInvariant(),
            Ipv6 = primary is null ? [] : [.. primary.Items("ipv6AddressesSet").Select(i => i.TextAt("ipv6Address")).OfType<string>()],
        };
    }

    private static InstanceTypeFacts? ReadType(ReadOnlyMemory<byte> body, string type)
    {
        var item = AwsXml.Parse(body)?.Items("instanceTypeSet").FirstOrDefault(i => i.TextAt("instanceType") == type);
        if (item?.At("networkInfo") is not { } network || Number(network, "ipv4AddressesPerInterface") is not { } addresses)
        {
            return null;
        }

        var defaultCard = network.TextAt("defaultNetworkCardIndex") ?? "0";
        var card = network.Items("networkCards").FirstOrDefault(c => c.TextAt("networkCardIndex") == defaultCard);
        var interfaces = (card is null ? null : Number(card, "maximumNetworkInterfaces")) ?? Number(network, "maximumNetworkInterfaces");
        return interfaces is { } enis ? new InstanceTypeFacts(enis, addresses) : null;
    }

    private static int? Number(XmlElement element, string name) =>
        int.TryParse(element.TextAt(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
