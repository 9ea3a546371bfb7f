using System.Collections.Immutable;
using System.Text.Json;
using EksNode.Simulation;

namespace EksNode.Tests;

/// <summary><c>eksnode max-pods</c>, in this process.</summary>
public sealed class MaxPodsCommandTests
{
    [Fact]
    public async Task Json_is_an_array_in_the_shape_that_tools_rely_on()
    {
        var (exit, output, error) = await RunAsync("max-pods", "c5.large", "m5.*", "--cni-version", "1.19.0", "--prefix-delegation", "--output", "json");
        Assert.True(exit == 0, error);
        using var result = JsonDocument.Parse(output);
        var first = result.RootElement[0];
        Assert.Equal(["instanceType", "maxPods", "joinDefault", "formula", "source", "inputs"], first.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("c5.large", 110, 29, "catalog"), (first.GetProperty("instanceType").GetString(), first.GetProperty("maxPods").GetInt32(), first.GetProperty("joinDefault").GetInt32(), first.GetProperty("source").GetString()));
        Assert.Equal("3 interfaces × (10 addresses − 1) × 16 of each prefix + 2 = 434, capped at 110 (2 CPUs, up to 30)", first.GetProperty("formula").GetString());
        Assert.Contains(result.RootElement.EnumerateArray(), r => r.GetProperty("instanceType").GetString() == "m5.metal");
        Assert.All(result.RootElement.EnumerateArray().Skip(1), r => Assert.StartsWith("m5.", r.GetProperty("instanceType").GetString(), StringComparison.Ordinal));
        Assert.Empty(error);
    }

    [Fact]
    public async Task An_unknown_type_is_an_item_and_a_warning_on_standard_error()
    {
        var (exit, output, error) = await RunAsync("max-pods", "m5.lage", "--output", "json");
        Assert.Equal(0, exit);
        using var result = JsonDocument.Parse(output);
        var item = Assert.Single(result.RootElement.EnumerateArray());
        Assert.Equal(("m5.lage", 110, "default"), (item.GetProperty("instanceType").GetString(), item.GetProperty("maxPods").GetInt32(), item.GetProperty("source").GetString()));
        using var diagnostic = JsonDocument.Parse(Assert.Single(error.TrimEnd('\n').Split('\n')));
        Assert.Equal(("EKN0604", "warning", "Did you mean `m5.large`?"), (diagnostic.RootElement.GetProperty("code").GetString(), diagnostic.RootElement.GetProperty("severity").GetString(), diagnostic.RootElement.GetProperty("help").GetString()));
    }

    [Fact]
    public async Task The_inputs_have_the_limits_of_the_type_and_every_option_that_was_given()
    {
        var (_, output, _) = await RunAsync(
            ImmutableDictionary<string, string>.Empty,
            "max-pods", "m5.large", "-o", "json", "--prefix-delegation", "--custom-networking", "--cni-version", "1.19", "--max-enis", "2", "--reserved-enis", "1", "--cap", "none");
        using var json = JsonDocument.Parse(output);
        Assert.Equal(
            """{"enis":3,"ipv4PerEni":10,"vcpus":2,"supportsPrefixes":true,"cniVersion":"1.19.0","prefixDelegation":true,"customNetworking":true,"maxEnis":2,"reservedEnis":1,"cap":"none"}""",
            JsonSerializer.Serialize(json.RootElement[0].GetProperty("inputs")));
        var (_, plain, _) = await RunAsync(ImmutableDictionary<string, string>.Empty, "max-pods", "m5.large", "-o", "json", "--cap", "20");
        using var other = JsonDocument.Parse(plain);
        Assert.Equal(
            """{"enis":3,"ipv4PerEni":10,"vcpus":2,"supportsPrefixes":true,"cap":20}""", JsonSerializer.Serialize(other.RootElement[0].GetProperty("inputs")));
    }

    [Theory]
    [InlineData("m5.larg", "m5.large")]
    [InlineData("M5.LARGE", "m5.large")]
    [InlineData("m5large", "m5.large")]
    [InlineData("m55.large", "m5.large")]
    [InlineData("nope.large", null)]
    [InlineData("x9.large", null)]
    [InlineData("m5.gigantic", null)]
    [InlineData("nonsense", null)]
    public async Task A_type_is_suggested_only_where_family_and_size_are_near(string given, string? near)
    {
        var (_, _, error) = await RunAsync(ImmutableDictionary<string, string>.Empty, "max-pods", given, "-o", "json");
        using var diagnostic = JsonDocument.Parse(error);
        Assert.Equal(
            near is null ? "A newer eksnode may know it; on an instance of that type, EC2 is asked." : $"Did you mean `{near}`?",
            diagnostic.RootElement.GetProperty("help").GetString());
    }

    [Fact]
    public async Task A_pattern_without_a_match_is_wrong()
    {
        var (exit, output, error) = await RunAsync("max-pods", "zz9.*", "--output", "json");
        Assert.Equal(2, exit);
        Assert.Equal("[]", output.Trim());
        Assert.Contains("EKN0030", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_and_comma_separated_values_have_the_same_numbers()
    {
        var (_, table, _) = await RunAsync("max-pods", "t3.nano", "c5.18xlarge");
        Assert.Equal(
            """
            Instance type  Max pods  Join default  Formula
            t3.nano               4             4  2 interfaces × (2 addresses − 1) + 2 = 4
            c5.18xlarge         250           737  15 interfaces × (50 addresses − 1) + 2 = 737, capped at 250 (72 CPUs, more than 30)

            """,
            table);
        var (_, csv, _) = await RunAsync("max-pods", "t3.nano", "c5.18xlarge", "-o", "csv");
        Assert.Equal(
            """
            instanceType,maxPods,joinDefault,source,enis,ipv4PerEni,vcpus,formula
            t3.nano,4,4,catalog,2,2,2,2 interfaces × (2 addresses − 1) + 2 = 4
            c5.18xlarge,250,737,catalog,15,50,72,"15 interfaces × (50 addresses − 1) + 2 = 737, capped at 250 (72 CPUs, more than 30)"

            """,
            csv);
        var (_, yaml, _) = await RunAsync("max-pods", "t3.nano", "-o", "yaml");
        Assert.StartsWith("- instanceType: t3.nano\n  maxPods: 4\n", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_types_come_once_and_sorted()
    {
        var (exit, output, error) = await RunAsync("max-pods", "--all", "--output", "json");
        Assert.Equal(0, exit);
        using var result = JsonDocument.Parse(output);
        var types = result.RootElement.EnumerateArray().Select(r => r.GetProperty("instanceType").GetString()!).ToList();
        Assert.True(types.Count > 1000);
        Assert.Equal(types.Distinct().Order(StringComparer.Ordinal), types);
        Assert.All(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Contains("is not known", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_type_it_is_that_of_the_facts()
    {
        var (exit, output, error) = await RunAsync("max-pods", "--facts", Path.Combine(Repository.Root, "examples/facts/m6i.large.json"), "-o", "csv");
        Assert.True(exit == 0, error);
        Assert.Contains("\nm6i.large,29,29,", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c5.xlarge", "\nc5.xlarge,58,58,catalog,")]
    [InlineData("zz9.large", "\nzz9.large,92,92,ec2,")]
    public async Task On_an_instance_it_is_its_own_type(string type, string row)
    {
        await using var simulator = await Simulator.StartAsync(new SimulatorOptions
        {
            InstanceType = type,
            InstanceTypes = [new InstanceTypeRow("zz9.large", "x86_64", 4, 8192, 10, 10)],
        });
        var environment = ImmutableDictionary<string, string>.Empty
            .Add("AWS_EC2_METADATA_SERVICE_ENDPOINT", simulator.ImdsUrl.ToString())
            .Add("AWS_ENDPOINT_URL", simulator.AwsUrl.ToString());
        var (exit, output, error) = await RunAsync(environment, "max-pods", "-o", "csv");
        Assert.True(exit == 0, error);
        Assert.Contains(row, output, StringComparison.Ordinal);
        Assert.Empty(simulator.Calls.Of("ec2:DescribeInstances"));
    }

    [Fact]
    public async Task Where_nothing_tells_the_type_it_fails_and_says_so()
    {
        var environment = ImmutableDictionary<string, string>.Empty.Add("AWS_EC2_METADATA_DISABLED", "true");
        var (exit, output, error) = await RunAsync(environment, "max-pods", "-o", "json");
        Assert.NotEqual(0, exit);
        Assert.Equal("[]", output.Trim());
        Assert.Contains("\"severity\":\"error\"", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--max-enis", "0")]
    [InlineData("--max-enis", "many")]
    [InlineData("--reserved-enis", "-1")]
    [InlineData("--cap", "-2")]
    [InlineData("--cni-version", "latest")]
    [InlineData("--all", null)]
    public async Task Wrong_options_are_named(string option, string? value)
    {
        var (exit, _, error) = await RunAsync(value is null ? ["max-pods", "m5.large", option] : ["max-pods", "m5.large", option + "=" + value]);
        Assert.Equal(2, exit);
        Assert.Contains("EKN0001", error, StringComparison.Ordinal);
        Assert.Contains(option, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_do_not_fit_are_warnings_and_are_not_counted()
    {
        var (exit, output, error) = await RunAsync("max-pods", "m5.large", "--prefix-delegation", "--cni-version", "v1.8.0-eksbuild.1", "-o", "csv");
        Assert.Equal(0, exit);
        Assert.Contains("m5.large,29,", output, StringComparison.Ordinal);
        Assert.Contains("EKN0780", error, StringComparison.Ordinal);
        Assert.Contains("1.9.0", error, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(ImmutableDictionary<string, string>.Empty, arguments);

    private static async Task<(int Exit, string Output, string Error)> RunAsync(ImmutableDictionary<string, string> environment, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => Stream.Null, Environment = environment };
        var exit = await CommandLine.RunAsync(arguments, io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
