using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;
using EksNode.Planning.Tests.Cases;

namespace EksNode.Planning.Tests.Image;

/// <summary>What of a node needs no instance: found by planning it for two, held against every case with the facts of every other.</summary>
public sealed class NodeAtBuildTests
{
    // An image knows these of its nodes; the cluster's details stand in the configuration of a stand-in, and nothing was asked of DNS.
    private static readonly string[] Known =
    [
        "Host.Architecture", "Host.NvidiaContainerRuntime", "Host.ImageCredentialProvider",
        "Cluster.Endpoint", "Cluster.CertificateAuthority", "Cluster.ServiceCidr", "Cluster.Id", "Cluster.EndpointUnresolved",
    ];

    private static readonly ConcurrentDictionary<string, CaseInput> FactsOf = new();

    public static TheoryData<string> Cases => [.. CaseInput.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_boot_resource_that_needs_no_instance_says_why_it_is_not_baked(string name)
    {
        foreach (var (input, member) in Members(name))
        {
            var silent = Planned(input, member).Resources.Where(r => !r.NeedsInstance && r.Resource is { Baking: null, NotBaked: null });
            Assert.Empty(silent.Select(r => $"{r.Resource.Id} ({r.Component})"));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_can_be_baked_is_the_same_on_the_instances_of_all_cases(string name)
    {
        foreach (var (input, member) in Members(name))
        {
            var config = input.Configuration(new DiagnosticBag());
            var known = KnownFacts(input, member);
            var bakeable = Planned(input, member).Resources.Where(r => r.CanBeBaked).Select(r => r.Resource).ToList();
            Assert.NotEmpty(bakeable);
            foreach (var other in CaseInput.Names)
            {
                var facts = FactsOf.GetOrAdd(other, CaseInput.Of).Facts(member);
                var instance = facts with
                {
                    Image = known.Image,
                    Host = facts.Host with { Architecture = known.Host.Architecture, NvidiaContainerRuntime = known.Host.NvidiaContainerRuntime, ImageCredentialProvider = known.Host.ImageCredentialProvider },
                };
                if (Planner.Plan(config, instance, new DiagnosticBag()) is { } plan)
                {
                    Assert.All(bakeable, resource => AssertSame(resource, plan.Find(resource.Id), other));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_needs_an_instance_names_the_facts(string name)
    {
        var (input, member) = Members(name).First();
        var node = Planned(input, member);
        Assert.All(
            node.Resources.Where(r => r.NeedsInstance && r.Resource.NotBaked is null),
            r => Assert.NotEmpty(node.NeedsOf(r.Resource.Id)));
        Assert.All(node.Resources.Where(r => r.CanBeBaked), r => Assert.Empty(node.NeedsOf(r.Resource.Id)));
    }

    [Fact]
    public void Two_stand_ins_have_no_fact_of_an_instance_in_common()
    {
        var config = NodeConfig.Empty with { Labels = Samples.Config.Labels };
        var one = StandIn.Of(config, new NodeFacts());
        var other = one.Other();
        Assert.Empty(Same("Instance", one.Facts.Instance, other.Facts.Instance, "Tags"));
        Assert.Empty(Same("Host", one.Facts.Host, other.Facts.Host));
        Assert.Empty(Same("Cluster", one.Facts.Cluster, other.Facts.Cluster));
        Assert.NotEqual(one.Facts.InstanceType, other.Facts.InstanceType);
        Assert.NotEqual(one.Facts.Image.ContainerdVersion, other.Facts.Image.ContainerdVersion);
        Assert.Empty(Same("spec.cluster", one.Config.Cluster, other.Config.Cluster, "EnableOutpost", "CertificateAuthority"));
        Assert.NotEqual(one.Config.Cluster.CertificateAuthority!.Value.AsEnumerable(), other.Config.Cluster.CertificateAuthority!.Value.AsEnumerable());
    }

    [Fact]
    public void Each_name_changes_something_and_all_of_them_are_named_once()
    {
        Assert.Equal(StandIn.Names.Length, StandIn.Names.Distinct().Count());
        var config = CaseInput.Of("referenced-files").Parsed()[0] with { Cluster = new ClusterSettings() };
        var labels = CaseInput.Of("labels-and-taints").Parsed()[0];
        var one = StandIn.Of(config with { Labels = labels.Labels, Taints = labels.Taints }, new NodeFacts());
        Assert.Empty(StandIn.Names.Where(name => one.With(name) is var other && Equals(other.Facts, one.Facts) && Equals(other.Config, one.Config)));
    }

    [Fact]
    public void What_the_image_says_is_no_matter_of_the_instance()
    {
        var one = StandIn.Of(Samples.Config with { Cluster = Samples.Config.Cluster with { Id = Samples.Given("id") } }, Samples.Machine);
        Assert.Equal(one.Config, one.Other().Config);
        Assert.Equal(one.Facts.Image, one.Other().Facts.Image);
    }

    internal static NodeAtBuild Planned(CaseInput input, MatrixMember member, bool withFiles = true)
    {
        var bag = new DiagnosticBag();
        var node = NodeAtBuild.Plan(withFiles ? input.Configuration(new DiagnosticBag()) : input.Merged(new DiagnosticBag()), KnownFacts(input, member), bag);
        Assert.Empty(bag.Items);
        Assert.NotNull(node);
        return node;
    }

    // The oldest and the newest of both.
    internal static IEnumerable<(CaseInput Input, MatrixMember Member)> Members(string name) =>
        [(CaseInput.Of(name), MatrixMember.All[0]), (CaseInput.Of(name), MatrixMember.All[^1])];

    private static NodeFacts KnownFacts(CaseInput input, MatrixMember member)
    {
        var facts = input.Facts(member);
        return new NodeFacts
        {
            Image = facts.Image with { PauseImage = true },
            Host = new HostFacts { Architecture = facts.Host.Architecture, NvidiaContainerRuntime = facts.Host.NvidiaContainerRuntime, ImageCredentialProvider = NodePaths.Eksnode },
        };
    }

    private static void AssertSame(Resource planned, Resource? other, string name)
    {
        switch (planned)
        {
            case FileResource file:
                var same = Assert.IsType<FileResource>(other);
                Assert.True(file.Content.AsSpan().SequenceEqual(same.Content.AsSpan()) && file.Mode == same.Mode, $"{file.Id} is another with the facts of {name}.");
                break;
            case SymlinkResource link:
                Assert.Equal(link.Target, Assert.IsType<SymlinkResource>(other).Target);
                break;
            default:
                Assert.Fail($"{planned.Id} is no file and no link, and cannot be baked.");
                break;
        }
    }

    private static IEnumerable<string> Same(string prefix, object one, object other, params string[] without)
    {
        foreach (var property in one.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (a, b) = (property.GetValue(one), property.GetValue(other));
            if (!Known.Contains($"{prefix}.{property.Name}") && !without.Contains(property.Name) && Text(a) == Text(b))
            {
                yield return $"{prefix}.{property.Name} = {Text(a)}";
            }
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        IEnumerable items => string.Join(' ', items.Cast<object>()),
        _ => value.ToString() ?? "",
    };
}
