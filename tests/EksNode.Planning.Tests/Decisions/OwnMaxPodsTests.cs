using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Decisions;

/// <summary><c>spec.maxPods</c>: which of several settings counts, and what is reserved for it.</summary>
public sealed class OwnMaxPodsTests
{
    private const string Config = "/etc/kubernetes/kubelet/config.json";

    // m6i.large: 3 interfaces of 10 addresses, 2 CPUs, 8 GiB.
    private static readonly MaxPodsSettings Prefixes = new() { PrefixDelegation = Samples.Given(true) };

    [Fact]
    public void A_number_counts_as_it_is()
    {
        var (maxPods, memory, codes) = Planned(new MaxPodsSettings { Value = Samples.Given(300) });
        Assert.Equal(("300", "3555Mi"), (maxPods, memory));
        Assert.Empty(codes);
    }

    [Fact]
    public void The_network_gives_the_recommended_number() => Assert.Equal(("110", "1465Mi"), Without(Planned(Prefixes)));

    [Theory]
    [InlineData("min(max_pods * 16, 90)", "90", "1245Mi")]
    [InlineData("max_pods * 16", "110", "1465Mi")]
    [InlineData("cpus * 10 + memory_mib / 1024", "28", "563Mi")]
    public void An_expression_is_capped(string expression, string maxPods, string memory) =>
        Assert.Equal((maxPods, memory), Without(Planned(new MaxPodsSettings { Expression = Samples.Given(expression) })));

    [Fact]
    public void Without_a_cap_an_expression_counts_as_it_is()
    {
        var settings = new MaxPodsSettings { Expression = Samples.Given("max_pods * 9"), Cap = Samples.Given(MaxPodsSettings.NoCap) };
        Assert.Equal(("261", "3126Mi"), Without(Planned(settings)));
    }

    [Fact]
    public void It_wins_over_the_expression_of_the_kubelet_settings()
    {
        var config = Samples.Config with
        {
            MaxPods = new MaxPodsSettings { Value = Samples.Given(40) },
            Kubelet = new KubeletSettings { MaxPodsExpression = Samples.Given("5") },
        };
        Assert.Equal(("40", "695Mi"), Without(Planned(config)));
        Assert.Equal(("5", "310Mi"), Without(Planned(config with { MaxPods = new MaxPodsSettings() })));
    }

    // What the kubelet runs decides what is reserved, wherever it is set.
    [Theory]
    [InlineData("--max-pods=60")]
    [InlineData("--max-pods 60")]
    [InlineData("--v=2 --max-pods=\"60\"")]
    public void A_flag_wins_and_the_reserved_memory_follows_it(string flag)
    {
        var config = Samples.WithFlags("--max-pods=30", flag) with { MaxPods = Prefixes };
        var (maxPods, memory, codes) = Planned(config);
        Assert.Equal(("110", "915Mi"), (maxPods, memory));
        Assert.Contains("EKN0782", codes);
    }

    [Fact]
    public void The_configuration_of_the_kubelet_wins_and_the_reserved_memory_follows_it()
    {
        var config = Samples.WithKubeletConfig(("maxPods", Samples.Number(20))) with { MaxPods = Prefixes };
        var (maxPods, memory, codes) = Planned(config);
        Assert.Equal(("110", "475Mi"), (maxPods, memory));
        Assert.Equal(["EKN0782"], codes);
    }

    [Fact]
    public void Where_the_configuration_is_replaced_it_has_no_effect_and_that_is_told()
    {
        var config = Samples.WithKubeletConfig(("podPidsLimit", Samples.Number(20))) with { MaxPods = Prefixes };
        config = config with { Kubelet = config.Kubelet with { ConfigMode = Samples.Given(KubeletConfigModes.Replace) } };
        var (_, diagnostics) = Samples.Planned(config);
        var unused = diagnostics.Only(DiagnosticCatalogue.UnusedSetting);
        Assert.Contains("`spec.maxPods` has no effect", unused.Message, StringComparison.Ordinal);
        Assert.Equal("Set `spec.kubelet.config.maxPods: 110`, and what is reserved for so many pods.", unused.Help);
        Assert.DoesNotContain(diagnostics.Items, d => d.Code == DiagnosticCatalogue.MaxPodsOverridden.Code);
    }

    [Fact]
    public void Where_the_configuration_is_replaced_by_one_with_max_pods_only_one_warning_says_so()
    {
        var config = Samples.WithKubeletConfig(("maxPods", Samples.Number(20))) with { MaxPods = Prefixes };
        config = config with { Kubelet = config.Kubelet with { ConfigMode = Samples.Given(KubeletConfigModes.Replace) } };
        var (_, diagnostics) = Samples.Planned(config);
        Assert.Equal("Leave it out: `spec.kubelet.config.maxPods` counts.", diagnostics.Only(DiagnosticCatalogue.UnusedSetting).Help);
        Assert.DoesNotContain(diagnostics.Items, d => d.Code == DiagnosticCatalogue.MaxPodsOverridden.Code);
    }

    [Fact]
    public void A_preset_is_overridden_without_a_word()
    {
        var preset = new MaxPodsSettings { PrefixDelegation = new Sourced<bool>(true, Origin.Preset("dense", "why")) };
        var config = Samples.WithKubeletConfig(("maxPods", Samples.Number(20))) with { MaxPods = preset };
        var (_, memory, codes) = Planned(config);
        Assert.Equal("475Mi", memory);
        Assert.Empty(codes);
    }

    [Fact]
    public void Without_it_the_reserved_memory_stays_what_Karpenter_predicts()
    {
        var (maxPods, memory, codes) = Planned(Samples.WithKubeletConfig(("maxPods", Samples.Number(200))));
        Assert.Equal(("29", "574Mi"), (maxPods, memory));
        Assert.Equal(["EKN0606"], codes);
    }

    [Fact]
    public void No_more_than_half_of_the_memory_is_reserved_and_the_warning_has_the_numbers()
    {
        var facts = Samples.Machine with { Host = Samples.Machine.Host with { MemoryBytes = 2L << 30 } };
        var (plan, diagnostics) = Samples.Planned(Samples.Config with { MaxPods = new MaxPodsSettings { Value = Samples.Given(110) } }, facts);
        Assert.Contains("\"memory\": \"1024Mi\"", plan.ContentOf(Config), StringComparison.Ordinal);
        var warning = diagnostics.Only(DiagnosticCatalogue.ReservedMemoryLimited);
        Assert.Contains("110 pods need 1465 Mi", warning.Message, StringComparison.Ordinal);
        Assert.Contains("2048 Mi: 1024 Mi", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_reserves_memory_themselves_is_not_warned()
    {
        var config = Samples.WithKubeletConfig(("kubeReserved", Samples.Map(("memory", Samples.Text("1Gi"))))) with { MaxPods = new MaxPodsSettings { Value = Samples.Given(2000) } };
        Assert.DoesNotContain("EKN0783", Planned(config).Codes);
    }

    [Fact]
    public void More_pods_than_addresses_are_told() =>
        Assert.Contains("EKN0781", Planned(new MaxPodsSettings { Value = Samples.Given(435) }).Codes);

    [Fact]
    public void An_expression_that_gives_no_number_falls_back()
    {
        var (maxPods, _, codes) = Planned(new MaxPodsSettings { Expression = Samples.Given("max_pods - 29") });
        Assert.Equal("29", maxPods);
        Assert.Contains("EKN0605", codes);
    }

    [Fact]
    public void For_an_unknown_type_a_number_counts_and_the_rest_falls_back()
    {
        var facts = Samples.Machine with { Instance = Samples.Machine.Instance with { Type = "zz9.large" } };
        Assert.Equal("40", Planned(Samples.Config with { MaxPods = new MaxPodsSettings { Value = Samples.Given(40) } }, facts).MaxPods);
        var (maxPods, _, codes) = Planned(Samples.Config with { MaxPods = Prefixes }, facts);
        Assert.Equal("110", maxPods);
        Assert.Equal(["EKN0604"], codes);
    }

    [Fact]
    public void Limits_that_EC2_told_count_like_those_of_the_catalog()
    {
        var facts = Samples.Machine with { Instance = Samples.Machine.Instance with { Type = "zz9.large" }, InstanceType = new InstanceTypeFacts(2, 3) };
        Assert.Equal("66", Planned(Samples.Config with { MaxPods = Prefixes }, facts).MaxPods);
    }

    private static (string MaxPods, string Memory) Without((string MaxPods, string Memory, string[] Codes) planned)
    {
        Assert.Empty(planned.Codes);
        return (planned.MaxPods, planned.Memory);
    }

    private static (string MaxPods, string Memory, string[] Codes) Planned(MaxPodsSettings settings) => Planned(Samples.Config with { MaxPods = settings });

    private static (string MaxPods, string Memory, string[] Codes) Planned(NodeConfig config, NodeFacts? facts = null)
    {
        var (plan, diagnostics) = Samples.Planned(config, facts);
        using var document = System.Text.Json.JsonDocument.Parse(plan.ContentOf(Config));
        var root = document.RootElement;
        return (
            root.GetProperty("maxPods").ToString(),
            root.GetProperty("kubeReserved").GetProperty("memory").ToString(),
            [.. diagnostics.Items.Where(d => d.Code != "EKN0612").Select(d => d.Code).Distinct()]);
    }
}
