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

    /// <summary>The name of its host.</summary>
    /// <param name="fips">Whether the FIPS endpoint is wanted, where there is one.</param>
    public string Host(bool fips) => $"{Account}.{(fips && hasFips ? "dkr.ecr-fips" : "dkr.ecr")}.{region}.{domain}";
}
