using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Decisions;

public sealed class KubeletVersionTests
{
    [Theory]
    [InlineData("1.28.15", true)]
    [InlineData("1.29.0", false)]
    [InlineData("1.36.9", false)]
    [InlineData("1.37.0", true)]
    [InlineData("2.30.0", true)]
    public void A_kubelet_outside_of_the_tested_minors_is_a_warning(string version, bool warned)
    {
        var bag = new DiagnosticBag();
        Planner.Plan(NodeConfig.Empty, new NodeFacts { Image = new ImageFacts { KubeletVersion = version } }, bag);
        var found = bag.Items.Where(d => d.Code == DiagnosticCatalogue.KubeletVersionUntested.Code).ToList();
        Assert.Equal(warned ? 1 : 0, found.Count);
        Assert.All(found, d => Assert.Equal(Severity.Warning, d.Severity));
    }
}
