using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.NodeConfigs;

public sealed class NodeConfigRulesTests
{
    private static readonly Origin Here = Origin.At("t", 3, 5);

    [Theory]
    [InlineData(false, false, null, "spec.cluster.name")]
    [InlineData(true, false, null, "")]
    [InlineData(true, true, null, "")]
    [InlineData(true, false, "none", "spec.cluster.apiServerEndpoint spec.cluster.certificateAuthority spec.cluster.cidr")]
    [InlineData(true, true, "none", "spec.cluster.apiServerEndpoint spec.cluster.certificateAuthority spec.cluster.cidr spec.cluster.id")]
    [InlineData(true, true, "all", "")]
    [InlineData(true, true, "but-id", "spec.cluster.id")]
    [InlineData(true, false, "but-id", "")]
    public void What_is_required_depends_on_what_else_is_known(bool named, bool outpost, string? known, string missing)
    {
        var config = new NodeConfig
        {
            Cluster = new ClusterSettings
            {
                Name = named ? new Sourced<string>("demo", Here) : null,
                EnableOutpost = outpost ? new Sourced<bool>(true, Here) : null,
            },
        };
        var bag = new DiagnosticBag();

        NodeConfigRules.CheckRequired(config, bag, known switch
        {
            null => null,
            "none" => new KnownClusterDetails(false, false, false, false),
            "but-id" => new KnownClusterDetails(true, true, true, false),
            _ => new KnownClusterDetails(true, true, true, true),
        });

        Assert.Equal(missing, string.Join(' ', bag.Items.Select(d => d.Path)));
        Assert.All(bag.Items, d => Assert.Equal(DiagnosticCatalogue.MissingSetting.Code, d.Code));
    }

    [Fact]
    public void A_value_that_was_wrong_is_not_called_missing_too()
    {
        var bag = new DiagnosticBag();
        bag.Report(DiagnosticCatalogue.BadClusterName, "The cluster name is not valid.", "Correct it.", Here, "spec.cluster.name");

        NodeConfigRules.CheckRequired(NodeConfig.Empty, bag);

        Assert.Single(bag.Items);
    }
}
