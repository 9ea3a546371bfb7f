using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests;

public sealed class PlannerTests
{
    private static FileResource Resource(string path, params string[] dependsOn) => new() { Path = path, Content = [], DependsOn = [.. dependsOn] };

    [Fact]
    public void Without_what_a_node_needs_there_is_no_plan()
    {
        var bag = new DiagnosticBag();
        Assert.Null(Planner.Plan(NodeConfig.Empty, new NodeFacts(), bag));
        Assert.True(bag.HasErrors);
    }

    [Fact]
    public void Each_resource_comes_after_those_it_depends_on()
    {
        var seen = new HashSet<string>();
        foreach (var resource in Planned(WithKubeletConfig(("maxPods", Number(29)))).Plan.Resources)
        {
            Assert.All(resource.DependsOn, d => Assert.Contains(d, seen));
            seen.Add(resource.Id);
        }
    }

    [Fact]
    public void Names_of_components_are_unique() =>
        Assert.Equal(Planner.Components.Length, Planner.Components.Select(c => c.Name).Distinct().Count());

    [Fact]
    public void What_can_hold_a_secret_is_for_root_alone() =>
        Assert.All(
            Planned(WithKubeletConfig(("maxPods", Number(29)))).Plan.Resources.OfType<FileResource>(),
            f => Assert.Equal(f.Sensitive ? 0x180 : 0x1A4, f.Mode));

    [Fact]
    public void Order_is_that_of_the_components_but_for_dependencies()
    {
        var sorted = ResourceOrder.Sort([Resource("/c", "file:/b"), Resource("/a"), Resource("/b"), Resource("/d")]);
        Assert.Equal(["/b", "/c", "/a", "/d"], sorted.Select(r => r.Path));
    }

    [Theory]
    [InlineData("cycle", "file:/a → file:/b → file:/a")]
    [InlineData("self", "file:/a → file:/a")]
    [InlineData("missing", "file:/nowhere")]
    [InlineData("id", "Two resources have the id file:/a")]
    [InlineData("path", "file:/a and directory:/a have the path /a")]
    public void A_broken_graph_is_a_bug_that_names_the_resources(string what, string message)
    {
        Resource[] resources = what switch
        {
            "cycle" => [Resource("/a", "file:/b"), Resource("/b", "file:/a")],
            "self" => [Resource("/a", "file:/a")],
            "missing" => [Resource("/a", "file:/nowhere")],
            "id" => [Resource("/a"), Resource("/a")],
            _ => [Resource("/a"), new DirectoryResource { Path = "/a" }],
        };
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => ResourceOrder.Sort(resources)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_of_one_hosts_file_share_it() =>
        Assert.Equal(2, ResourceOrder.Sort(
        [
            new HostsEntryResource { Path = "/etc/hosts", HostName = "a", Addresses = [] },
            new HostsEntryResource { Path = "/etc/hosts", HostName = "b", Addresses = [] },
        ]).Length);
}
