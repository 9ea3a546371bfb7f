using EksNode.Aws.Endpoints;
using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;

namespace EksNode.Aws.Identity;

/// <summary>
/// The name that an image of ECR has in another region: what pods there ask for. With it as a further name, one image of a node serves every region.
/// </summary>
public static class EcrAlias
{
    /// <summary>The name in another region: in the same account; of EKS's own images in the account that EKS has there.</summary>
    /// <param name="image">The image as a pod names it.</param>
    /// <param name="region">The other region.</param>
    public static ValueResult<string> InRegion(string image, string region)
    {
        if (!AwsEndpoints.IsRegion(region))
        {
            return new ValueProblem($"{Quoted.Text(region)} is no region of AWS.", "Write it as in `us-west-2`.");
        }

        if (EcrRegistry.Find(image) is not { IsPublic: false } registry)
        {
            return new ValueProblem($"{Quoted.Text(image)} is no image of a private registry of ECR, so it has no other name in {region}.", "Give the further name itself with `--alias`.");
        }

        var partition = AwsEndpoints.PartitionOf(registry.Region).Name;
        if (AwsEndpoints.PartitionOf(region).Name is var other && other != partition)
        {
            return new ValueProblem($"{Quoted.Text(image)} is an image of the partition {partition}, and {region} is in {other}.", "Give the further name itself with `--alias`.");
        }

        var account = registry.Host[..registry.Host.IndexOf('.', StringComparison.Ordinal)];
        var host = EksRegistry.Of(registry.Region).Account == account
            ? EksRegistry.Of(region).Host(registry.Fips)
            : registry.Host.Replace($".{registry.Region}.", $".{region}.", StringComparison.Ordinal);
        return host + image[image.IndexOf('/', StringComparison.Ordinal)..];
    }
}
