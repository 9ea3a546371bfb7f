namespace EksNode.Planning.Decisions;

/// <summary>The ECR registry with the images of EKS add-ons that instances of a region use. <c>ecr-registries.tsv</c> has them.</summary>
public sealed class EksRegistry
{
    private readonly string region;
    private readonly string domain;
    private readonly bool hasFips;

    private EksRegistry(string[] row) => (Account, region, domain, hasFips) = (row[1], row[2], row[3], row[4] == "yes");

    /// <summary>The AWS account that has it, 12 digits.</summary>
    public string Account { get; }

    /// <summary>That of a region: of the region itself, else of the longest beginning of its name.</summary>
    /// <param name="region">The region.</param>
    public static EksRegistry Of(string region) => new(DataTable.Rows("ecr-registries.tsv")
        .Where(r => r[0] == region || (r[0].EndsWith('*') && region.StartsWith(r[0][..^1], StringComparison.Ordinal)))
        .MaxBy(r => r[0] == region ? int.MaxValue : r[0].Length)!);

    /// <summary>The regions whose ECR has FIPS endpoints.</summary>
    public static IEnumerable<string> FipsRegions => DataTable.Rows("ecr-registries.tsv").Where(r => r[4] == "yes" && !r[0].EndsWith('*')).Select(r => r[0]);

    /// <summary>The region that is part of the name of a host and whose ECR has no FIPS endpoint; null: it names none such.</summary>
    /// <param name="host">The name: <c>602401143452.dkr.ecr.eu-west-1.amazonaws.com</c>.</param>
    public static string? RegionWithoutFips(string host) =>
        DataTable.Rows("ecr-registries.tsv").FirstOrDefault(r => r[4] == "no" && Array.IndexOf(host.Split('.'), r[0]) >= 0)?[0];

    /// <summary>The name of its host.</summary>
    /// <param name="fips">Whether the FIPS endpoint is wanted, where there is one.</param>
    public string Host(bool fips) => $"{Account}.{(fips && hasFips ? "dkr.ecr-fips" : "dkr.ecr")}.{region}.{domain}";
}
