using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Endpoints;

/// <summary>Where the services of AWS are.</summary>
public static class AwsEndpoints
{
    private const string PartitionTable = "aws-partitions.tsv";
    private const string EndpointTable = "aws-endpoints.tsv";
    private const string TokenFipsTable = "aws-sts-fips-regions.tsv";
    private const string AnyPartition = "*";

    /// <summary>
    /// The endpoint of a service: <c>AWS_ENDPOINT_URL_SERVICE</c>, else <c>AWS_ENDPOINT_URL</c> (unless
    /// <c>AWS_IGNORE_CONFIGURED_ENDPOINT_URLS</c> is on), else the region's, of the kind that <c>AWS_USE_FIPS_ENDPOINT</c> and
    /// <c>AWS_USE_DUALSTACK_ENDPOINT</c> ask for.
    /// </summary>
    /// <param name="service">The service as its endpoints name it: <c>ec2</c>, <c>eks</c>, <c>sts</c>, <c>ecr</c>.</param>
    /// <param name="region">The region.</param>
    /// <param name="environment">The environment.</param>
    /// <exception cref="DiagnosticException">A variable is no URL, or the region is no region.</exception>
    public static Uri Of(string service, string region, AwsEnvironment environment)
    {
        if (Configured(service, environment) is { } configured)
        {
            return configured;
        }

        if (!IsRegion(region))
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.RegionUnknown,
                $"`{region}` is no AWS region.",
                "Set AWS_REGION to a region such as us-west-2.");
        }

        var kind = (environment.IsOn("AWS_USE_FIPS_ENDPOINT"), environment.IsOn("AWS_USE_DUALSTACK_ENDPOINT")) switch
        {
            (false, false) => "standard",
            (true, false) => "fips",
            (false, true) => "dualstack",
            (true, true) => "fips+dualstack",
        };
        var partition = PartitionOf(region);
        if (HostTemplate(service, kind, partition.Name) is not { } template)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.EndpointUnsupported,
                $"There is no {kind} endpoint of {service} in partition {partition.Name}.",
                $"Set {VariableOf(service)} to the endpoint to use.");
        }

        var host = template
            .Replace("{region}", region, StringComparison.Ordinal)
            .Replace("{suffix}", partition.Suffix, StringComparison.Ordinal)
            .Replace("{dualStackSuffix}", partition.DualStackSuffix, StringComparison.Ordinal);
        return new Uri($"https://{host}/");
    }

    /// <summary>
    /// Whether a token for EKS may name the FIPS endpoint of STS: EKS accepts the host names of the regional endpoints, and of the FIPS
    /// endpoints that there are.
    /// </summary>
    public static bool TokenHasFips(string region) =>
        PartitionOf(region).Name == "aws-us-gov" || Rows(TokenFipsTable).Any(r => r[0] == region);

    /// <summary>The partition that a region belongs to.</summary>
    public static AwsPartition PartitionOf(string region)
    {
        AwsPartition? fallback = null;
        AwsPartition? best = null;
        var bestLength = 0;
        foreach (var row in Rows(PartitionTable))
        {
            var partition = new AwsPartition(row[0], row[2], row[3]);
            fallback ??= partition;
            foreach (var prefix in row[1].Split(','))
            {
                if (prefix.Length > bestLength && region.StartsWith(prefix, StringComparison.Ordinal))
                {
                    (best, bestLength) = (partition, prefix.Length);
                }
            }
        }

        return best ?? fallback ?? throw new InvalidOperationException($"{PartitionTable} is empty.");
    }

    /// <summary>Whether a text has the form of a region: words and a number at the end, separated by hyphens.</summary>
    public static bool IsRegion(string text)
    {
        var parts = text.Split('-');
        return parts.Length >= 3
            && parts[0].Length >= 2
            && Array.TrueForAll(parts, p => p.Length > 0 && p.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>
    /// The region in the host name of an EKS API server: beside the part that begins with <c>eks</c>, as in
    /// <c>ABC.gr7.us-west-2.eks.amazonaws.com</c> and <c>ABC.eks-cluster.us-west-2.api.aws</c>. Null: there is none.
    /// </summary>
    public static string? RegionOfHost(string host)
    {
        var labels = host.Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i].StartsWith("eks", StringComparison.Ordinal))
            {
                if (i > 0 && IsRegion(labels[i - 1]))
                {
                    return labels[i - 1];
                }

                if (i + 1 < labels.Length && IsRegion(labels[i + 1]))
                {
                    return labels[i + 1];
                }
            }
        }

        return null;
    }

    private static string VariableOf(string service) => "AWS_ENDPOINT_URL_" + service.ToUpperInvariant().Replace('-', '_');

    private static Uri? Configured(string service, AwsEnvironment environment)
    {
        if (environment.IsOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
        {
            return null;
        }

        foreach (var name in (ReadOnlySpan<string>)[VariableOf(service), "AWS_ENDPOINT_URL"])
        {
            if (environment[name] is { } text)
            {
                return Uri.TryCreate(text, UriKind.Absolute, out var uri)
                    && uri.Scheme is "http" or "https"
                    && uri is { Host.Length: > 0, Query.Length: 0, Fragment.Length: 0, UserInfo.Length: 0 }
                    ? uri
                    : throw new DiagnosticException(
                        DiagnosticCatalogue.EndpointUnsupported,
                        $"{name} is not an http or https URL without user, query and fragment.",
                        $"Set it to a URL such as https://{service}.us-west-2.amazonaws.com, or leave it out.");
            }
        }

        return null;
    }

    private static string? HostTemplate(string service, string kind, string partition)
    {
        string? general = null;
        foreach (var row in Rows(EndpointTable))
        {
            if (row[0] == service && row[1] == kind)
            {
                if (row[2] == partition)
                {
                    return row[3];
                }

                general = row[2] == AnyPartition ? row[3] : general;
            }
        }

        return general;
    }

    /// <summary>The rows of a table of this assembly: those that are no comments, by their cells.</summary>
    internal static IEnumerable<string[]> Rows(string table) => EmbeddedTable.Rows(typeof(AwsEndpoints).Assembly, table, hasHeader: false);
}

/// <summary>A partition of AWS: regions with accounts and domain names of their own.</summary>
/// <param name="Name">Its name, as in ARNs: <c>aws</c>, <c>aws-cn</c>.</param>
/// <param name="Suffix">What the host names of its services end in.</param>
/// <param name="DualStackSuffix">What the host names of endpoints with IPv4 and IPv6 end in.</param>
public sealed record AwsPartition(string Name, string Suffix, string DualStackSuffix);
