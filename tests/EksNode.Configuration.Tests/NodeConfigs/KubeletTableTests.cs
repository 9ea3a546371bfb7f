using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>Every row of the kubelet tables: a value of its type is accepted where the minor has it, and one of another type is not.</summary>
public sealed class KubeletTableTests
{
    private static readonly string[][] Fields = Rows("kubelet-configuration-fields.tsv");
    private static readonly string[][] Flags = Rows("kubelet-flags.tsv");

    public static TheoryData<string, string, string> TopFields =>
        [.. Fields.Where(r => !r[0].Contains('.', StringComparison.Ordinal)).Select(r => (r[0], r[1], r[3]))];

    public static TheoryData<string, string, string, string> AllFlags => [.. Flags.Select(r => (r[0], r[1], r[5], r[6]))];

    [Theory]
    [MemberData(nameof(TopFields))]
    public void Each_field_has_a_type_and_a_first_minor(string field, string type, string since)
    {
        if (!since.StartsWith('<'))
        {
            var before = Check($"{field}: {Wrong(type)}", int.Parse(since[2..]) - 1);
            Assert.Equal(DiagnosticCatalogue.KubeletFieldTooNew.Code, Assert.Single(before).Code);
        }

        Assert.Contains(Check($"{field}: {Wrong(type)}", 36), d => d.Code == DiagnosticCatalogue.KubeletFieldType.Code && d.Path == $"spec.kubelet.config.{field}");
        Assert.Empty(Check($"{field}: null", 36));
        Assert.Contains(Check($"{field}x: null", 36), d => d.Code == DiagnosticCatalogue.UnknownKubeletField.Code && d.Help == $"Did you mean `{field}`?");
    }

    [Theory]
    [InlineData("AppArmor", 29, true)]
    [InlineData("AppArmor", 32, true)]
    [InlineData("AppArmor", 33, false)]
    [InlineData("AppArmor", 40, false)]
    [InlineData("AtomicFIFO", 35, false)]
    [InlineData("AtomicFIFO", 36, true)]
    [InlineData("RotateKubeletServerCertificate", 36, true)]
    [InlineData("NotInTheTable", 33, true)]
    public void A_gate_is_accepted_while_the_table_has_it(string gate, int minor, bool accepted) => Assert.Equal(accepted, KubeletGates.Accepts(gate, minor));

    [Theory]
    [MemberData(nameof(AllFlags))]
    public void Each_flag_has_a_first_and_a_last_minor(string flag, string type, string first, string last)
    {
        _ = type;
        var start = first.StartsWith('<') ? 30 : int.Parse(first[2..]);
        var end = last.Contains("current", StringComparison.Ordinal) ? 36 : int.Parse(last[2..]);
        for (var minor = 30; minor <= 36; minor++)
        {
            var codes = CheckFlag(flag, minor).Select(d => d.Code).ToList();
            Assert.Equal(minor < start, codes.Contains(DiagnosticCatalogue.KubeletFlagTooNew.Code));
            Assert.Equal(minor > end, codes.Contains(DiagnosticCatalogue.KubeletFlagRemoved.Code));
            Assert.DoesNotContain(DiagnosticCatalogue.UnknownKubeletFlag.Code, codes);
        }

        Assert.Contains(CheckFlag(flag + "x", 36), d => d.Code == DiagnosticCatalogue.UnknownKubeletFlag.Code);
    }

    [Fact]
    public void A_flag_that_ended_long_ago_has_the_minor_of_its_end_and_what_to_do_instead()
    {
        foreach (var row in Rows("kubelet-removed-flags.tsv"))
        {
            var gone = int.Parse(row[1][2..]);
            Assert.True(row[2].EndsWith('.'), row[0]);
            for (var minor = 29; minor <= 37; minor++)
            {
                var found = CheckFlag(row[0] + "=1", minor).Where(d => d.Code == DiagnosticCatalogue.KubeletFlagRemoved.Code).ToList();
                Assert.Equal(Math.Max(minor, 30) >= gone ? 1 : 0, found.Count);
                Assert.All(found, d => Assert.Equal(minor <= 36 ? Severity.Error : Severity.Warning, d.Severity));
                Assert.All(found, d => Assert.Equal(row[2], d.Help));
                Assert.All(found, d => Assert.Contains($"since Kubernetes {row[1]}:", d.Message, StringComparison.Ordinal));
            }

            Assert.DoesNotContain(CheckFlag(row[0] + "=1", 33), d => d.Code == DiagnosticCatalogue.UnknownKubeletFlag.Code);
            if (Flags.FirstOrDefault(f => f[0] == row[0]) is { } known)
            {
                Assert.Equal(gone - 1, int.Parse(known[6][2..]));
            }
        }

        Assert.All(Flags.Where(f => !f[6].Contains("current", StringComparison.Ordinal)), f => Assert.Contains(Rows("kubelet-removed-flags.tsv"), r => r[0] == f[0]));
        Assert.Equal(DiagnosticCatalogue.KubeletFlagRemoved.Code, Assert.Single(CheckFlag("--network-plugin=cni", null)).Code);
        Assert.Empty(CheckFlag("--iptables-drop-bit=3", null));
    }

    [Fact]
    public void The_kubelet_takes_an_underscore_for_a_hyphen_in_the_name_of_a_flag()
    {
        Assert.DoesNotContain(CheckFlag("--max_pods=30", 33), d => d.Severity != Severity.Info);
        Assert.Equal(DiagnosticCatalogue.KubeletFlagValue.Code, CheckFlag("--max_pods=many", 33)[^1].Code);
        Assert.Equal(DiagnosticCatalogue.KubeletFlagRemoved.Code, Assert.Single(CheckFlag("--docker_root=/x", 33)).Code);
    }

    [Theory]
    [InlineData(28, Severity.Info)]
    [InlineData(29, Severity.Info)]
    [InlineData(30, Severity.Error)]
    [InlineData(36, Severity.Error)]
    [InlineData(37, Severity.Warning)]
    public void Flags_and_gates_are_judged_by_the_minors_that_the_tables_have(int minor, Severity expected)
    {
        Assert.Equal(expected, Assert.Single(CheckFlag("--nope=1", minor)).Severity);
        Assert.Equal(expected, Assert.Single(Check("featureGates: {Nope: true}", minor)).Severity);
    }

    [Fact]
    public void What_is_only_predicted_is_a_warning_for_join()
    {
        var bag = new DiagnosticBag();
        KubeletConfigRules.Check(Tree("maxPods: x\nfeatureGates: {Nope: true}\nshutdownGracePeriod: 1d"), new SemanticVersion(1, 33, 0), bag, predicting: true);
        KubeletFlagRules.Check([new Sourced<string>("--nope", Origin.At("t", 1, 1))], new SemanticVersion(1, 33, 0), bag, predicting: true);
        Assert.Equal(4, bag.Items.Count);
        Assert.All(bag.Items, d => Assert.Equal(Severity.Warning, d.Severity));
    }

    [Fact]
    public void Without_a_version_only_what_no_minor_accepts_is_wrong()
    {
        Assert.Empty(Check("singleProcessOOMKill: true\nmemorySwap: {swapBehavior: UnlimitedSwap}\nfeatureGates: {NodeSwap: true}\ncpuCFSQuotaPeriod: 5ms", null));
        Assert.Equal(3, Check("maxPod: 1\nmaxPods: -1\nfeatureGates: {Nope: true}", null).Count);
        Assert.DoesNotContain(CheckFlag("--cloud-config=/a", null), d => d.Severity != Severity.Info);
    }

    [Theory]
    [InlineData(32, 1)]
    [InlineData(33, 0)]
    public void A_gate_is_refused_by_the_minors_that_lack_it(int minor, int expected)
    {
        var found = Check("featureGates: {AllowParsingUserUIDFromCertAuth: true}", minor);
        Assert.Equal(expected, found.Count);
        Assert.All(found, d => Assert.Contains("1.33", d.Help, StringComparison.Ordinal));
    }

    [Fact]
    public void A_locked_gate_may_be_true_but_not_false()
    {
        Assert.Empty(Check("featureGates: {SidecarContainers: true}", 33));
        Assert.Equal(
            DiagnosticCatalogue.LockedKubeletGate.Code, Assert.Single(Check("featureGates: {SidecarContainers: false}", 33)).Code);
    }

    [Fact]
    public void A_conflict_with_the_generated_document_is_noticed()
    {
        var bag = new DiagnosticBag();
        KubeletConfigRules.Check(
            Tree("shutdownGracePeriodCriticalPods: 5m"), new SemanticVersion(1, 34, 0), bag, generated: Tree("shutdownGracePeriod: 2m30s"));
        Assert.Equal(DiagnosticCatalogue.KubeletFieldConflict.Code, Assert.Single(bag.Items).Code);
    }

    [Theory]
    [InlineData("kubernetes.io/hostname=a", true)]
    [InlineData("node.kubernetes.io/anything=a", true)]
    [InlineData("sub.node.kubernetes.io/anything=a", true)]
    [InlineData("kubelet.kubernetes.io/anything=a", true)]
    [InlineData("example.com/a=b", true)]
    [InlineData("notkubernetes.io/a=b", true)]
    [InlineData("a=b", true)]
    [InlineData("node-role.kubernetes.io/worker=", false)]
    [InlineData("kubernetes.io/role=a", false)]
    [InlineData("k8s.io/a=b", false)]
    [InlineData("x.k8s.io/a=b", false)]
    public void Labels_that_a_kubelet_may_set(string label, bool allowed) => Assert.Equal(allowed, NodeLabels.MayBeSet(Label.Parse(label).Value));

    private static string Wrong(string type) => type switch
    {
        _ when type.StartsWith("list", StringComparison.Ordinal) => "{a: 1}",
        _ => "[1]",
    };

    private static IReadOnlyList<Diagnostic> Check(string yaml, int? minor)
    {
        var bag = new DiagnosticBag();
        KubeletConfigRules.Check(Tree(yaml), minor is { } known ? new SemanticVersion(1, known, 0) : null, bag);
        return bag.Items;
    }

    private static IReadOnlyList<Diagnostic> CheckFlag(string flag, int? minor)
    {
        var bag = new DiagnosticBag();
        KubeletFlagRules.Check([new Sourced<string>(flag, Origin.At("t", 1, 1))], minor is { } known ? new SemanticVersion(1, known, 0) : null, bag);
        return bag.Items;
    }

    private static TreeMap Tree(string yaml)
    {
        var bag = new DiagnosticBag();
        var tree = Assert.IsType<TreeMap>(YamlReader.Read(yaml, "t", 0, bag)[0]);
        Assert.Empty(bag.Items);
        return tree;
    }

    private static string[][] Rows(string name) =>
        [.. File.ReadLines(Path.Combine(TestFiles.Root, "data", name), Encoding.UTF8).Skip(1).Select(l => l.Split('\t'))];
}
