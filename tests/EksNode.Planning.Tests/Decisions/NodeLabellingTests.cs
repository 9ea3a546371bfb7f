using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Decisions;

/// <summary>Labels and taints with facts of the instance in them, and where the kubelet gets them from.</summary>
public sealed class NodeLabellingTests
{
    private const string Environment = "/etc/eks/kubelet/environment";
    private const string Generated = "/etc/kubernetes/kubelet/config.json";
    private const string DropIn = "/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf";

    private static readonly NodeFacts Machine = Samples.Machine with
    {
        Instance = Samples.Machine.Instance with
        {
            Lifecycle = "spot",
            PlacementGroup = "training",
            Partition = 3,
            Tags = Samples.Machine.Instance.Tags.Add("team", "storage").Add("Name", "my node"),
        },
    };

    [Theory]
    [InlineData("x", "x")]
    [InlineData("${instance.type}", "m6i.large")]
    [InlineData("${instance.availabilityZone}-${instance.lifecycle}", "us-west-2a-spot")]
    [InlineData("${instance.id}_${instance.region}", "i-0123456789abcdef0_us-west-2")]
    [InlineData("${instance.placementGroup}-${instance.partition}", "training-3")]
    [InlineData("${instance.tags.team}", "storage")]
    [InlineData("${instance.tags.team:-none}", "storage")]
    [InlineData("${instance.tags.owner:-none}", "none")]
    [InlineData("${instance.tags.owner:-}", "")]
    public void A_label_has_the_facts_of_the_instance(string template, string value)
    {
        var (plan, diagnostics) = Samples.Planned(WithLabel(template), Machine);
        Assert.Contains($" --node-labels=a={value}", plan.ContentOf(Environment), StringComparison.Ordinal);
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("${instance.tags.owner}", "instance.tags.owner")]
    [InlineData("${instance.tags.Name}", "my node")]
    [InlineData("${instance.type}.${instance.type}.${instance.type}.${instance.type}.${instance.type}.${instance.type}.${instance.type}", "characters")]
    public void A_label_without_a_value_is_left_out_and_told(string template, string part)
    {
        var (plan, diagnostics) = Samples.Planned(WithLabel(template), Machine);
        Assert.DoesNotContain("node-labels", plan.ContentOf(Environment), StringComparison.Ordinal);
        var warning = diagnostics.Only(DiagnosticCatalogue.LabelLeftOut);
        Assert.Contains(part, warning.Message, StringComparison.Ordinal);
        Assert.Equal(("spec.labels.a", 9), (warning.Path, warning.Origin?.Line));
    }

    [Fact]
    public void Flags_of_the_user_come_after_the_labels()
    {
        var config = Samples.WithFlags("--node-labels=a=mine") with { Labels = WithLabel("x").Labels };
        var text = Samples.FileText(Environment, config, Machine);
        Assert.True(text.IndexOf("--node-labels=a=x", StringComparison.Ordinal) < text.IndexOf("--node-labels=a=mine", StringComparison.Ordinal), text);
    }

    [Fact]
    public void Taints_stand_in_the_generated_configuration()
    {
        var text = Samples.FileText(Generated, WithTaints(("dedicated", "${instance.tags.team}", "NoSchedule"), ("b", null, "NoExecute")), Machine);
        using var document = System.Text.Json.JsonDocument.Parse(text);
        Assert.Equal(
            """[{"effect":"NoSchedule","key":"dedicated","value":"storage"},{"effect":"NoExecute","key":"b"}]""",
            string.Concat(document.RootElement.GetProperty("registerWithTaints").ToString().Where(c => !char.IsWhiteSpace(c))));
    }

    // A list in a drop-in replaces the generated one, and the flag replaces both: each gets the taints that it lacks.
    [Fact]
    public void Taints_follow_those_of_the_kubelet_configuration()
    {
        var taint = Samples.Map(("key", Samples.Text("karpenter.sh/unregistered")), ("effect", Samples.Text("NoExecute")));
        var config = Samples.WithKubeletConfig(("registerWithTaints", new TreeList([taint], Samples.At(3))))
            with
        { Taints = WithTaints(("b", "x", "NoExecute"), ("karpenter.sh/unregistered", "other", "NoExecute")).Taints };
        using var document = System.Text.Json.JsonDocument.Parse(Samples.FileText(DropIn, config, Machine));
        Assert.Equal(["karpenter.sh/unregistered", "b"], document.RootElement.GetProperty("registerWithTaints").EnumerateArray().Select(t => t.GetProperty("key").GetString()));
    }

    [Fact]
    public void Taints_follow_those_of_the_flag()
    {
        var config = Samples.WithFlags("--register-with-taints=old=1:NoSchedule", "--register-with-taints=c=d:NoSchedule,e:NoExecute")
            with
        { Taints = WithTaints(("b", "x", "NoExecute"), ("e", null, "NoExecute")).Taints };
        Assert.EndsWith(
            "--register-with-taints=c=d:NoSchedule,e:NoExecute,b=x:NoExecute\n", Samples.FileText(Environment, config, Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void A_taint_without_a_value_is_an_error()
    {
        var (_, diagnostics) = Samples.Planned(WithTaints(("a", "${instance.tags.owner}", "NoSchedule")), Machine);
        var error = diagnostics.Only(DiagnosticCatalogue.TaintUnresolved);
        Assert.Equal((Severity.Error, "spec.taints[0]"), (error.Severity, error.Path));
        Assert.Contains("InstanceMetadataTags", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_facts_that_a_template_names_are_asked_for()
    {
        Assert.Empty(FactNeeds.Of(WithLabel("${instance.type}")).Named);
        var config = WithLabel("${instance.tags.team}-${instance.lifecycle}") with { Taints = WithTaints(("a", "${instance.partition}", "NoSchedule")).Taints };
        Assert.Equal(["instance.lifecycle", "instance.partition", "instance.tags.team"], FactNeeds.Of(config).Named);
    }

    private static NodeConfig WithLabel(string template) => Samples.Config with
    {
        Labels = SortedMap.Empty<Sourced<Template>>().Add("a", Samples.Given(Template.Parse(template, out _)!, 9)),
    };

    private static NodeConfig WithTaints(params (string Key, string? Value, string Effect)[] taints) => Samples.Config with
    {
        Taints = [.. taints.Select((t, i) => Samples.Given(
            new NodeTaint { Key = t.Key, Value = t.Value is null ? null : Template.Parse(t.Value, out _), Effect = t.Effect }, 10 + i))],
    };
}
