using EksNode.Aws.Credentials;
using EksNode.Aws.Imds;
using EksNode.Host.Http;

namespace EksNode.Aws;

/// <summary>The reads of IMDS that every join makes, begun at once; only the IPv6 addresses wait for the MAC address.</summary>
internal sealed record ImdsReads(
    Deadline Deadline,
    Task<ImdsReading> Identity,
    Task<ImdsReading> Mac,
    Task<ImdsReading> Ipv4,
    Task<ImdsReading> Ipv6,
    Task<ImdsReading>? Role)
{
    public static ImdsReads Begin(ImdsClient imds, AwsEnvironment environment, CancellationToken cancellation)
    {
        var deadline = imds.NewDeadline();
        var identity = imds.ReadAsync(ImdsKey.IdentityDocument, deadline, cancellation);
        var mac = imds.ReadAsync(ImdsKey.Mac, deadline, cancellation);
        var ipv4 = imds.ReadAsync(ImdsKey.LocalIpv4, deadline, cancellation);
        // Whether AWS is called follows from the configuration, which is not known yet; asking for the role now saves a round trip then.
        var role = CredentialChain.NeedsImds(environment) ? imds.ReadAsync(ImdsKey.RoleName, deadline, cancellation) : null;
        return new ImdsReads(deadline, identity, mac, ipv4, Ipv6Async(), role);

        async Task<ImdsReading> Ipv6Async() =>
            await mac.ConfigureAwait(false) is ImdsValue value && ImdsText.Mac(value.Bytes) is { } address
                ? await imds.ReadAsync(ImdsKey.Ipv6s(address), deadline, cancellation).ConfigureAwait(false)
                : await mac.ConfigureAwait(false);
    }
}
