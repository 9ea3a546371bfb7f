using CsCheck;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Planning.Compliance;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Compliance;

/// <summary>The layer between eksnode's defaults and the configuration.</summary>
public sealed class ComplianceProfileTests
{
    private static readonly Dictionary<string, string[]> Benchmarks = Table("profiles").ToDictionary(r => r[0], r => r[1].Split(' '));
    private static readonly Dictionary<string, string> Titles = Table("benchmarks").ToDictionary(r => r[0], r => $"{r[1]} {r[2]}");
    private static readonly List<string[]> Settings = [.. Table("node-settings")];

    public static TheoryData<string?, bool, int> Hardened
    {
        get
        {
            var data = new TheoryData<string?, bool, int>();
            foreach (var minor in Enumerable.Range(29, 8))
            {
                data.Add(null, true, minor);
                foreach (var profile in ComplianceProfile.Names)
                {
                    data.Add(profile, false, minor);
                    data.Add(profile, true, minor);
                }
            }

            return data;
        }
    }

    private static IEnumerable<string[]> Table(string name) =>
        File.ReadLines(Path.Combine(Repository.Root, "data", $"compliance-{name}.tsv")).Skip(1).Select(l => l.Split('\t'));

    private static NodeFacts With(string? profile, bool? fips = null, string kubelet = "1.33.4") =>
        Machine with { Image = Machine.Image with { Profile = profile, Fips = fips, KubeletVersion = kubelet } };

    private static TreeMap Document(NodeFacts facts, DiagnosticBag diagnostics) =>
        Assert.IsType<TreeMap>(JsonReader.Read(FileText(NodePaths.KubeletConfig, facts: facts), "config.json", 0, diagnostics));

    [Theory]
    [MemberData(nameof(Hardened))]
    public void A_kubelet_accepts_every_value_of_a_profile(string? profile, bool fips, int minor)
    {
        var facts = With(profile, fips, $"1.{minor}.3");
        var diagnostics = new DiagnosticBag();
        KubeletConfigRules.Check(Document(facts, diagnostics), Configuration.Values.SemanticVersion.Find($"1.{minor}.3"), diagnostics);
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [MemberData(nameof(Hardened))]
    public void Every_control_of_the_tables_is_satisfied_by_the_file_that_it_is_about(string? profile, bool fips, int minor)
    {
        var facts = With(profile, fips, $"1.{minor}.3");
        var plan = Planned(facts: facts).Plan;
        string[] benchmarks = [.. profile is null ? [] : Benchmarks[profile], .. fips ? ["fips"] : (string[])[]];
        foreach (var file in Settings.Select(r => r[2]).Distinct())
        {
            Assert.Equal(
                Settings.Where(r => r[2] == file && benchmarks.Contains(r[0])).Select(r => $"{Titles[r[0]]} {r[1]}").Distinct().Order(StringComparer.Ordinal),
                plan.File(file).Controls.Order(StringComparer.Ordinal));
        }

        Assert.All(
            Settings.Where(r => r[4] == "mode" && benchmarks.Contains(r[0])),
            r => Assert.Equal(0, plan.File(r[2]).Mode & ~Convert.ToInt32(r[5], 8)));
    }

    [Fact]
    public void The_tables_name_what_there_is()
    {
        Assert.Equal(Benchmarks.Keys.Order(StringComparer.Ordinal), ComplianceProfile.Names);
        Assert.All(Benchmarks.Values.SelectMany(b => b), b => Assert.Contains(b, Titles.Keys));
        Assert.All(Settings, r => Assert.Contains(r[0], Titles.Keys));
        Assert.Equal(Settings.Count, Settings.DistinctBy(r => (r[0], r[1], r[2], r[3])).Count());
        Assert.All(Settings.Where(r => r[4] == "set"), r => Assert.True(r[6].Length > 0 && !r[3].Contains('.', StringComparison.Ordinal), r[1]));
    }

    [Fact]
    public void A_later_benchmark_is_no_weaker_than_an_earlier_one()
    {
        foreach (var setting in Settings.Where(r => r[4] == "set").GroupBy(r => (r[2], r[3])).Where(g => g.DistinctBy(r => r[5]).Count() > 1))
        {
            Assert.Equal("tlsCipherSuites", setting.Key.Item2);
            var suites = setting.Select(r => r[5].Split('|')).ToList();
            Assert.All(suites.Zip(suites.Skip(1)), p => Assert.Subset(p.First.ToHashSet(), p.Second.ToHashSet()));
        }
    }

    [Fact]
    public void A_value_says_which_profile_and_which_controls_decided_it()
    {
        var reasons = Planned(facts: With("stig", fips: true)).Plan.File(NodePaths.KubeletConfig).Reasons.ToDictionary(r => r.Setting);
        var idle = reasons["kubelet.streamingConnectionIdleTimeout"];
        Assert.Equal((OriginKind.Profile, "stig", "4h0m0s"), (idle.Origin.Kind, idle.Origin.Source, idle.Value));
        Assert.StartsWith("CIS Amazon EKS 1.8.0 3.2.5, Kubernetes STIG V2R6 V-245541: never 0", idle.Origin.Note, StringComparison.Ordinal);
        Assert.Equal("profile fips", reasons["kubelet.tlsMinVersion"].Origin.ToString());
        Assert.Equal("profile fips", reasons["kubelet.tlsCipherSuites"].Origin.ToString());
        Assert.Contains("90 % of 4194304 process ids for 29 pods = 130168 each", reasons["kubelet.podPidsLimit"].Origin.Note, StringComparison.Ordinal);
        Assert.Equal(OriginKind.Default, reasons["kubelet.readOnlyPort"].Origin.Kind);
    }

    [Fact]
    public void New_settings_stand_where_they_sort_and_others_keep_their_place()
    {
        var diagnostics = new DiagnosticBag();
        var plain = Document(With(null), diagnostics).Entries.Select(e => e.Key).ToList();
        var hardened = Document(With("stig", fips: true), diagnostics).Entries.Select(e => e.Key).ToList();
        string[] added = ["makeIPTablesUtilChains", "podPidsLimit", "streamingConnectionIdleTimeout", "tlsMinVersion"];
        Assert.Equal(plain, hardened.Except(added));
        Assert.All(added, a => Assert.True(string.CompareOrdinal(hardened[hardened.IndexOf(a) - 1], a) < 0, a));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, false)]
    public void Without_a_profile_there_is_no_control_and_nothing_is_hardened(string? profile, bool? fips)
    {
        var resources = Planned(facts: With(profile, fips)).Plan.Resources;
        Assert.All(resources, r => Assert.Empty(r.Controls));
        Assert.All(resources.SelectMany(r => r.Reasons), r => Assert.NotEqual(OriginKind.Profile, r.Origin.Kind));
    }

    [Fact]
    public void The_benchmark_of_a_cluster_alone_keeps_files_readable()
    {
        var plan = Planned(facts: With("base")).Plan;
        Assert.Equal(FileModes.Public, plan.File(NodePaths.KubeletConfig).Mode);
        Assert.Equal(FileModes.Public, plan.File(NodePaths.CertificateAuthority).Mode);
    }

    [Theory]
    [InlineData("cis-l3", "The profiles are")]
    [InlineData("CIS-L1", "cis-l1")]
    [InlineData("fips", "`fips: true`")]
    [InlineData("hipaa", "The profiles are base, cis-l1, ")]
    [InlineData("", "The profiles are base, cis-l1, ")]
    public void An_unknown_profile_is_a_warning_and_changes_nothing(string name, string help)
    {
        var (plan, diagnostics) = Planned(facts: With(name));
        var diagnostic = diagnostics.Only(DiagnosticCatalogue.ProfileUnknown);
        Assert.Equal((Severity.Warning, "image.profile"), (diagnostic.Severity, diagnostic.Path));
        Assert.Contains($"`{name}`", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(help, diagnostic.Help, StringComparison.Ordinal);
        Assert.Equal(FileText(NodePaths.KubeletConfig), plan.ContentOf(NodePaths.KubeletConfig));
    }

    [Fact]
    public void What_the_user_sets_lies_over_the_profile()
    {
        var config = WithKubeletConfig(("streamingConnectionIdleTimeout", Text("5m0s")), ("podPidsLimit", Number(500)));
        var plan = Planned(config, With("cis-l1")).Plan;
        Assert.Contains("\"streamingConnectionIdleTimeout\": \"4h0m0s\"", plan.ContentOf(NodePaths.KubeletConfig), StringComparison.Ordinal);
        Assert.Contains("\"streamingConnectionIdleTimeout\": \"5m0s\"", plan.ContentOf(NodePaths.KubeletUserConfig), StringComparison.Ordinal);
        Assert.Contains("\"podPidsLimit\": 500", plan.ContentOf(NodePaths.KubeletUserConfig), StringComparison.Ordinal);
    }

    [Fact]
    public void Process_ids_are_shared_by_the_pods_that_the_kubelet_really_runs() =>
        Assert.Contains("\"podPidsLimit\": 15099,", FileText(NodePaths.KubeletConfig, WithKubeletConfig(("maxPods", Number(250))), With("cis-l1")), StringComparison.Ordinal);

    [Fact]
    public void All_pods_at_their_limit_leave_process_ids_for_the_node() => Gen.Int[1, 3686].Sample(
        pods => PodPidsLimitFormula.Of(pods) * pods <= PodPidsLimitFormula.PidMax * 9 / 10
            && PodPidsLimitFormula.Of(pods) >= PodPidsLimitFormula.Of(pods + 1)
            && PodPidsLimitFormula.Of(pods) > PodPidsLimitFormula.Least - 1,
        iter: 2000);

    [Theory]
    [InlineData(0, 3774873)]
    [InlineData(29, 130168)]
    [InlineData(110, 34317)]
    [InlineData(737, 5121)]
    [InlineData(int.MaxValue, 1024)]
    public void The_limit_of_a_pod_is_a_number_for_any_max_pods(int pods, long limit) => Assert.Equal(limit, PodPidsLimitFormula.Of(pods));
}
