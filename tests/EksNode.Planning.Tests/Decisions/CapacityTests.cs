using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Decisions;

public sealed class CapacityTests
{
    private static (NodeDecisions Decisions, DiagnosticBag Bag) Decide(NodeConfig? config = null, NodeFacts? facts = null)
    {
        var bag = new DiagnosticBag();
        var decisions = NodeDecisions.Decide(config ?? Config, HostFactsDefaults.Fill(facts ?? Machine), bag);
        Assert.NotNull(decisions);
        return (decisions, bag);
    }

    private static NodeConfig WithExpression(string text) =>
        Config with { Kubelet = Config.Kubelet with { MaxPodsExpression = Given(text, 50) } };

    private static NodeFacts OfType(string? type) => Machine with { Instance = Machine.Instance with { Type = type } };

    [Fact]
    public void Max_pods_follow_from_the_catalog_and_say_how()
    {
        var (decisions, bag) = Decide();
        Assert.Equal(29, decisions.MaxPods.Value);
        Assert.Equal("m6i.large: 3 interfaces × (10 addresses − 1) + 2 = 29", decisions.MaxPods.Origin.Note);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void Limits_that_EC2_told_serve_a_type_that_the_catalog_lacks()
    {
        var (decisions, bag) = Decide(facts: OfType("z9.future") with { InstanceType = new InstanceTypeFacts(4, 15) });
        Assert.Equal(58, decisions.MaxPods.Value);
        Assert.Empty(bag.Items);
    }

    [Theory]
    [InlineData("z9.future")]
    [InlineData(null)]
    public void An_unknown_type_runs_110_pods_with_a_warning_and_ignores_the_expression(string? type)
    {
        var (decisions, bag) = Decide(WithExpression("max_pods * 2"), OfType(type));
        Assert.Equal(110, decisions.MaxPods.Value);
        var warning = bag.Only(DiagnosticCatalogue.InstanceTypeUnknown);
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("maxPodsExpression", warning.Message, StringComparison.Ordinal);
        Assert.Equal(1465, decisions.Reserved.Value.MemoryMib);
    }

    [Theory]
    [InlineData("max_pods + 1", 30)]
    [InlineData("default_enis * ips_per_eni", 30)]
    [InlineData("double(max_pods) * 0.8", 23)]
    public void An_expression_makes_max_pods_of_the_limits(string expression, int expected)
    {
        var (decisions, bag) = Decide(WithExpression(expression));
        Assert.Equal(expected, decisions.MaxPods.Value);
        Assert.Equal(50, decisions.MaxPods.Origin.Line);
        Assert.Equal((11 * expected) + 255, decisions.Reserved.Value.MemoryMib);
        Assert.Empty(bag.Items);
    }

    [Theory]
    [InlineData("max_pods / 0")]
    [InlineData("max_pods - 29")]
    [InlineData("'x'")]
    public void An_expression_that_gives_no_number_of_pods_is_a_warning_and_the_standard_value(string expression)
    {
        var (decisions, bag) = Decide(WithExpression(expression));
        Assert.Equal(29, decisions.MaxPods.Value);
        var warning = bag.Only(DiagnosticCatalogue.MaxPodsExpressionUnused);
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Equal(50, warning.Origin!.Line);
    }

    [Theory]
    [InlineData("max_pods * 0.8")]
    [InlineData("(")]
    [InlineData("true")]
    public void An_expression_that_is_wrong_for_every_instance_was_reported_where_it_was_read(string expression)
    {
        var (decisions, bag) = Decide(WithExpression(expression));
        Assert.Equal(29, decisions.MaxPods.Value);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void CPU_and_memory_are_reserved_by_the_formula()
    {
        var reserved = Decide().Decisions.Reserved;
        Assert.Equal((70, 574), (reserved.Value.CpuMillicores, reserved.Value.MemoryMib));
        Assert.Equal("11 Mi × 29 pods + 255 Mi = 574 Mi; pods: m6i.large: 3 interfaces × (10 addresses − 1) + 2 = 29", reserved.Origin.Note);
        Assert.Equal("2 CPUs: 6 % of the first (60m) + 1 % of the second (10m) = 70m", reserved.Value.CpuFormula);
        Assert.Equal("8 CPUs: 6 % of the first (60m) + 1 % of the second (10m) + 0.5 % of the third and fourth (10m) + 0.25 % of the others (10m) = 90m", ReservedResourcesFormula.CpuFormula(8));
    }

    [Fact]
    public void Without_facts_of_the_host_the_catalog_tells_the_size()
    {
        var (decisions, bag) = Decide(facts: Machine with { Host = Machine.Host with { CpuCount = null, MemoryBytes = null } });
        Assert.Equal(70, decisions.Reserved.Value.CpuMillicores);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void Without_any_CPU_count_nothing_is_reserved_and_that_is_a_warning()
    {
        var (decisions, bag) = Decide(facts: OfType("z9.future") with { Host = new HostFacts(), InstanceType = new InstanceTypeFacts(4, 15) });
        Assert.Equal(0, decisions.Reserved.Value.CpuMillicores);
        Assert.Equal(Severity.Warning, bag.Only(DiagnosticCatalogue.CpuCountUnknown).Severity);
    }

    [Theory]
    [InlineData("config")]
    [InlineData("--max-pods=58")]
    [InlineData("--max-pods 58")]
    public void Reserved_memory_follows_eksnodes_max_pods_and_tells_when_the_kubelet_runs_others(string how)
    {
        var (decisions, bag) = Decide(how == "config" ? WithKubeletConfig(("maxPods", Number(58))) : WithFlags(how));
        Assert.Equal(574, decisions.Reserved.Value.MemoryMib);
        var told = bag.Only(DiagnosticCatalogue.ReservedForOtherMaxPods);
        Assert.Equal(Severity.Info, told.Severity);
        Assert.Contains("893 Mi for 58", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_told_when_the_kubelet_runs_the_same_number() =>
        Assert.Empty(Decide(WithKubeletConfig(("maxPods", Number(29)))).Bag.Items);

    [Fact]
    public void Nothing_is_told_when_the_user_reserves_memory() =>
        Assert.Empty(Decide(WithKubeletConfig(("maxPods", Number(58)), ("kubeReserved", Map(("memory", Text("1Gi")))))).Bag.Items);

    [Theory]
    [InlineData(4, 7L << 30, true)]
    [InlineData(3, 64L << 30, false)]
    [InlineData(64, (7L << 30) - 1, false)]
    public void Fast_image_pull_needs_4_CPUs_and_7_GiB(int cpus, long memory, bool active)
    {
        var (decisions, bag) = Decide(
            WithGate("FastImagePull"), Machine with { Host = Machine.Host with { CpuCount = cpus, MemoryBytes = memory } });
        Assert.Equal(active, decisions.FastImagePull.Value);
        Assert.Equal(active ? 0 : 1, bag.Items.Count(d => d.Code == DiagnosticCatalogue.FastImagePullOff.Code && d.Severity == Severity.Info));
    }

    [Fact]
    public void Fast_image_pull_is_off_without_its_gate() =>
        Assert.False(Decide(facts: Machine with { Host = Machine.Host with { CpuCount = 64, MemoryBytes = 1L << 40 } }).Decisions.FastImagePull.Value);
}
