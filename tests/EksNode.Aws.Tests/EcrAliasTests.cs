using EksNode.Aws.Identity;

namespace EksNode.Aws.Tests;

public sealed class EcrAliasTests
{
    // EKS's own images are in another account in some regions: "View Amazon container image registries for Amazon EKS add-ons" in its user guide.
    [Theory]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com/team/app:1", "eu-west-1", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:1")]
    [InlineData("111122223333.dkr.ecr-fips.us-west-2.amazonaws.com/app@sha256:ab", "us-east-1", "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/app@sha256:ab")]
    [InlineData("602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/kube-proxy:v1", "eu-west-1", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1")]
    [InlineData("602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/kube-proxy:v1", "af-south-1", "877085696533.dkr.ecr.af-south-1.amazonaws.com/eks/kube-proxy:v1")]
    [InlineData("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1", "cn-northwest-1", "111122223333.dkr.ecr.cn-northwest-1.amazonaws.com.cn/app:1")]
    public void R12_an_image_of_ecr_has_a_name_in_another_region(string image, string region, string alias)
    {
        Assert.True(EcrAlias.InRegion(image, region).TryGet(out var found, out _));
        Assert.Equal(alias, found);
    }

    [Theory]
    [InlineData("public.ecr.aws/eks-distro/kubernetes/pause:3.10", "eu-west-1", "private registry of ECR")]
    [InlineData("registry.example.com/app:1", "eu-west-1", "private registry of ECR")]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com/app:1", "cn-north-1", "partition aws")]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com/app:1", "Mars", "no region")]
    public void What_has_no_name_there_says_why(string image, string region, string why) =>
        Assert.Contains(why, EcrAlias.InRegion(image, region).Problem!.Message, StringComparison.Ordinal);
}
