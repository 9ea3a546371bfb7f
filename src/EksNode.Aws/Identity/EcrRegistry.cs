using EksNode.Aws.Endpoints;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Identity;

/// <summary>An ECR registry, as the host name of an image tells it.</summary>
/// <param name="Host">The host name: what the kubelet keeps the password under.</param>
/// <param name="Region">The region whose ECR gives the password.</param>
/// <param name="IsPublic">Whether it is the public registry.</param>
/// <param name="Fips">Whether its name is that of a FIPS endpoint.</param>
/// <param name="DualStack">Whether its name is that of an endpoint with IPv4 and IPv6.</param>
public sealed record EcrRegistry(string Host, string Region, bool IsPublic, bool Fips, bool DualStack)
{
    private const string Table = "ecr-registry-hosts.tsv";
    private const int AccountLength = 12;

    /// <summary>Passwords for the public registry come from this region alone.</summary>
    /// <remarks>ECR Public user guide, "Registry authentication".</remarks>
    private const string PublicRegion = "us-east-1";

    /// <summary>The service as its endpoints and signatures name it.</summary>
    internal string Service => IsPublic ? "ecr-public" : "ecr";

    /// <summary>The registry of an image.</summary>
    /// <param name="image">The image as a pod names it: <c>111122223333.dkr.ecr.us-west-2.amazonaws.com/app:1</c>.</param>
    /// <exception cref="DiagnosticException">It is of another registry.</exception>
    public static EcrRegistry Of(string image)
    {
        if (Find(image) is { } registry)
        {
            return registry;
        }

        throw new DiagnosticException(
            DiagnosticCatalogue.ImageNotOfEcr,
            $"`{image}` is no image of ECR: its host is not of the form ACCOUNT.dkr.ecr.REGION.amazonaws.com, of a form like it (FIPS, dual "
            + "stack, another partition), or public.ecr.aws.",
            "List under matchImages of the CredentialProviderConfig only registries of ECR for this provider.");
    }

    /// <summary>The registry of an image; null when it is no registry of ECR.</summary>
    /// <param name="image">The image as a pod names it.</param>
    public static EcrRegistry? Find(string image)
    {
        var host = HostOf(image);
        foreach (var row in AwsEndpoints.Rows(Table))
        {
            var (fips, dualStack) = (row[4].StartsWith("fips", StringComparison.Ordinal), row[4].EndsWith("dualstack", StringComparison.Ordinal));
            if (row[0] == "public" ? host == row[2] : RegionOf(host, row[1], row[2]) is { } region && row[3].Split(',').Contains(AwsEndpoints.PartitionOf(region).Name))
            {
                return row[0] == "public"
                    ? new EcrRegistry(host, PublicRegion, true, fips, dualStack)
                    : new EcrRegistry(host, RegionOf(host, row[1], row[2]) ?? PublicRegion, false, fips, dualStack);
            }
        }

        return null;
    }

    /// <summary>The environment with which the endpoint of this registry's ECR is looked up: the name of a registry asks for its kind.</summary>
    internal AwsEnvironment Endpoints(AwsEnvironment environment)
    {
        if (Fips)
        {
            environment = environment.With("AWS_USE_FIPS_ENDPOINT", "true");
        }

        return DualStack ? environment.With("AWS_USE_DUALSTACK_ENDPOINT", "true") : environment;
    }

    // A scheme is tolerated, as every provider of the kubelet does.
    private static string HostOf(string image)
    {
        var start = image.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        var end = image.IndexOf('/', start);
        return (end < 0 ? image[start..] : image[start..end]).ToLowerInvariant();
    }

    // ACCOUNT.LABELS.REGION.SUFFIX
    private static string? RegionOf(string host, string labels, string suffix)
    {
        var begin = $".{labels}.";
        var end = "." + suffix;
        if (host.Length < AccountLength + begin.Length + end.Length
            || !host.AsSpan(AccountLength).StartsWith(begin, StringComparison.Ordinal)
            || !host.EndsWith(end, StringComparison.Ordinal)
            || !host.AsSpan(0, AccountLength).ToString().All(char.IsAsciiDigit))
        {
            return null;
        }

        var region = host[(AccountLength + begin.Length)..^end.Length];
        return AwsEndpoints.IsRegion(region) ? region : null;
    }
}
