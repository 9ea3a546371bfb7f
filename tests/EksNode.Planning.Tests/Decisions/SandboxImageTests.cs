using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Decisions;

public sealed class SandboxImageTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public void The_pause_image_of_the_image_needs_no_registry(bool? carried) =>
        Assert.Equal("localhost/kubernetes/pause:latest", Decide("us-west-2", carried, fips: true));

    [Theory]
    [InlineData("us-west-2", false, "602401143452.dkr.ecr.us-west-2.amazonaws.com")]
    [InlineData("us-west-2", true, "602401143452.dkr.ecr-fips.us-west-2.amazonaws.com")]
    [InlineData("eu-west-1", true, "602401143452.dkr.ecr.eu-west-1.amazonaws.com")]
    [InlineData("me-central-1", false, "759879836304.dkr.ecr.me-central-1.amazonaws.com")]
    [InlineData("cn-north-1", false, "918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-south-9", false, "961992271922.dkr.ecr.cn-northwest-1.amazonaws.com.cn")]
    [InlineData("us-gov-east-1", true, "151742754352.dkr.ecr-fips.us-gov-east-1.amazonaws.com")]
    [InlineData("us-gov-north-1", false, "013241004608.dkr.ecr.us-gov-west-1.amazonaws.com")]
    [InlineData("us-iso-east-1", false, "725322719131.dkr.ecr.us-iso-east-1.c2s.ic.gov")]
    [InlineData("us-isob-east-1", false, "187977181151.dkr.ecr.us-isob-east-1.sc2s.sgov.gov")]
    [InlineData("eu-isoe-west-1", false, "249663109785.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk")]
    [InlineData("us-isof-west-9", false, "676585237158.dkr.ecr.us-isof-south-1.csp.hci.ic.gov")]
    [InlineData("eusc-de-east-1", false, "877088126301.dkr.ecr.eusc-de-east-1.amazonaws.eu")]
    [InlineData("ap-new-1", false, "602401143452.dkr.ecr.us-west-2.amazonaws.com")]
    public void Without_one_it_is_the_one_of_the_region_s_registry(string region, bool fips, string registry) =>
        Assert.Equal(registry + "/eks/pause:3.10", Decide(region, carried: false, fips));

    private static string Decide(string region, bool? carried, bool fips) =>
        SandboxImage.Decide(new NodeFacts { Image = new ImageFacts { PauseImage = carried, Fips = fips } }, region).Value;
}
