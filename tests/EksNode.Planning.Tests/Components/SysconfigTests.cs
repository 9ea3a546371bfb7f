using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using CsCheck;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Components;

public sealed class SysconfigTests
{
    private const string Manager = "/etc/systemd/system.conf.d/environment.conf";
    private const string Containerd = "/etc/systemd/system/containerd.service.d/environment.conf";
    private const string Resolved = "/run/systemd/resolved.conf.d/40-eks.conf";

    private static NodeConfig With(string service, params (string Name, string Value)[] variables) => Config with
    {
        Instance = Config.Instance with
        {
            Environment = Config.Instance.Environment.SetItem(
                service,
                variables.Aggregate(SortedMap.Empty<Sourced<Secret>>(), (all, v) => all.Add(v.Name, Given(new Secret(v.Value), 60)))),
        },
    };

    private static Sourced<ImmutableArray<string>> List(params string[] items) => Given<ImmutableArray<string>>([.. items], 70);

    [Fact]
    public void A_services_environment_is_a_drop_in_with_sorted_names_and_restarts_it()
    {
        var (plan, _) = Planned(With("containerd", ("NO_PROXY", "10.0.0.0/8,.internal"), ("HTTPS_PROXY", "http://proxy:3128")));
        Assert.Equal(
            "[Service]\nEnvironment=\"HTTPS_PROXY=http://proxy:3128\"\nEnvironment=\"NO_PROXY=10.0.0.0/8,.internal\"\n",
            plan.ContentOf(Containerd));
        var file = plan.File(Containerd);
        Assert.Equal(["containerd.service"], file.Restarts);
        Assert.Equal(0x180, file.Mode);
        Assert.True(file.Sensitive);
    }

    [Fact]
    public void The_default_environment_is_the_managers_and_restarts_the_services_of_the_node()
    {
        var (plan, _) = Planned(With("default", ("HTTPS_PROXY", "http://proxy:3128")));
        Assert.Equal("[Manager]\nDefaultEnvironment=\"HTTPS_PROXY=http://proxy:3128\"\n", plan.ContentOf(Manager));
        Assert.Equal(["containerd.service", "kubelet.service"], plan.File(Manager).Restarts);
    }

    [Fact]
    public void An_empty_environment_is_no_file() =>
        Assert.Null(Planned(With("containerd")).Plan.Find("file:" + Containerd));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("ends with \"", "ends with \\\"")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("two\nlines", "two\\nlines")]
    [InlineData("100%", "100%%")]
    [InlineData("$HOME", "$HOME")]
    [InlineData("", "")]
    public void Values_are_quoted_for_systemd(string value, string written) =>
        Assert.Equal($"[Service]\nEnvironment=\"X={written}\"\n", Planned(With("containerd", ("X", value))).Plan.ContentOf(Containerd));

    [Fact]
    public void Any_value_arrives_as_it_is() =>
        Gen.String[Gen.Char["ab=\\\"'$%`n x\t\n\r\u0001\u007f;#ü"], 0, 20].Sample(value =>
        {
            var text = Planned(With("containerd", ("X", value))).Plan.ContentOf(Containerd);
            Assert.Equal(value, SystemdReader.Assignments(text, "Service", "Environment")["X"]);
        });

    [Fact]
    public void A_credential_is_in_the_file_and_in_no_reason()
    {
        var (plan, bag) = Planned(With("containerd", ("HTTPS_PROXY", "http://user:canary-1@proxy:3128"), ("MY_TOKEN", "canary-2")));
        Assert.Contains("canary-1", plan.ContentOf(Containerd), StringComparison.Ordinal);
        Assert.DoesNotContain(plan.File(Containerd).Reasons, r => r.Value.Contains("canary", StringComparison.Ordinal));
        Assert.Contains(plan.File(Containerd).Reasons, r => r.Setting == "instance.environment.containerd.MY_TOKEN");
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void Name_servers_and_domains_are_a_drop_in_of_resolved()
    {
        var (plan, _) = Planned(Config with { Instance = Config.Instance with { Nameservers = List("10.0.0.2", "fd00::2"), Domains = List("a.example", "~.") } });
        Assert.Equal("[Resolve]\nDNS=10.0.0.2 fd00::2\nDomains=a.example ~.\n", plan.ContentOf(Resolved));
        Assert.Equal(["systemd-resolved.service"], plan.File(Resolved).Restarts);
        Assert.Equal(0x1A4, plan.File(Resolved).Mode);
    }

    [Fact]
    public void A_list_that_is_not_given_is_an_empty_line() =>
        Assert.Equal(
            "[Resolve]\nDNS=\nDomains=a.example\n",
            Planned(Config with { Instance = Config.Instance with { Domains = List("a.example") } }).Plan.ContentOf(Resolved));

    [Fact]
    public void Without_either_list_there_is_no_drop_in()
    {
        Assert.Null(Planned().Plan.Find("file:" + Resolved));
        Assert.Null(Planned(Config with { Instance = Config.Instance with { Domains = List(), Nameservers = List() } }).Plan.Find("file:" + Resolved));
    }
}
