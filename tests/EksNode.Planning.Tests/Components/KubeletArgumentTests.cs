using CsCheck;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Components;

public sealed class KubeletArgumentTests
{
    private const int Generated = 8;

    private static (List<string> User, DiagnosticBag Bag) UserArguments(params string[] flags)
    {
        var (plan, bag) = Planned(WithFlags(flags));
        var value = SystemdReader.EnvironmentFile(plan.ContentOf(NodePaths.KubeletEnvironment))["NODEADM_KUBELET_ARGS"];
        return (SystemdReader.Words(value)[Generated..], bag);
    }

    [Theory]
    [InlineData("--node-labels=a=b")]
    [InlineData("--foo=a b")]
    [InlineData("--foo=a  b\tc")]
    [InlineData("--foo=it's")]
    [InlineData("--foo=say \"hi\" twice")]
    [InlineData("--foo=a\"b\"c")]
    [InlineData("--foo=C:\\dir\\ \\")]
    [InlineData("--foo=$HOME ${X} %n `id`")]
    [InlineData("--foo=")]
    [InlineData("--foo=ünïcödé 節点")]
    [InlineData("--foo=two\nlines")]
    [InlineData("--foo=two\n\"lines\" \\ $x")]
    [InlineData("value-of-the-flag-before")]
    public void One_entry_is_one_argument_exactly_as_written(string entry)
    {
        var (arguments, bag) = UserArguments(entry, "--last=1");
        Assert.Equal([entry, "--last=1"], arguments);
        Assert.DoesNotContain(bag.Items, d => d.Code == DiagnosticCatalogue.KubeletFlagReadAsWords.Code);
    }

    [Theory]
    [InlineData("--v=4 --node-labels=a=b", "--v=4", "--node-labels=a=b")]
    [InlineData("--v 4", "--v", "4")]
    [InlineData("--node-labels=\"a=b\" --v=4", "--node-labels=a=b", "--v=4")]
    [InlineData("--node-labels=\"a=b\"", "--node-labels=a=b")]
    [InlineData("--node-labels='a=b'", "--node-labels=a=b")]
    [InlineData("\"--node-labels=a=b\"", "--node-labels=a=b")]
    [InlineData(" --v=4\n", "--v=4")]
    [InlineData("  ")]
    public void What_works_only_by_systemds_splitting_is_read_so_with_a_warning(string entry, params string[] expected)
    {
        var (arguments, bag) = UserArguments(entry);
        Assert.Equal(expected, arguments);
        var warning = bag.Only(DiagnosticCatalogue.KubeletFlagReadAsWords);
        Assert.Equal(expected.Length == 1 ? Severity.Info : Severity.Warning, warning.Severity);
        Assert.Equal(20, warning.Origin!.Line);
    }

    [Theory]
    [InlineData("--foo=a\0b")]
    [InlineData("--foo=a\rb")]
    [InlineData("--foo=\x7f")]
    public void An_argument_that_systemd_would_drop_is_an_error(string entry)
    {
        var (arguments, bag) = UserArguments(entry);
        Assert.Empty(arguments);
        Assert.Equal(Severity.Error, bag.Only(DiagnosticCatalogue.KubeletFlagUnwritable).Severity);
    }

    [Fact]
    public void A_flag_that_the_kubelet_will_refuse_is_written_as_asked_with_a_warning()
    {
        var (arguments, bag) = UserArguments("--max-podz=5");
        Assert.Equal(["--max-podz=5"], arguments);
        Assert.Equal(Severity.Warning, bag.Only(DiagnosticCatalogue.UnknownKubeletFlag).Severity);
    }

    [Fact]
    public void Any_argument_arrives_as_it_is() =>
        Gen.String[Gen.Char["ab=-\\\"'$%`~#; \t\nü"], 0, 12].Array[0, 5].Sample(values =>
        {
            var entries = values.Select(v => "--x=" + v + "|y").Where(e => !e.Contains(" -", StringComparison.Ordinal) && !e.Contains("\t-", StringComparison.Ordinal)
                && !e.Contains("\n-", StringComparison.Ordinal) && !e.Contains(" \"", StringComparison.Ordinal) && !e.Contains(" '", StringComparison.Ordinal)
                && !e.Contains("\t\"", StringComparison.Ordinal) && !e.Contains("\t'", StringComparison.Ordinal)
                && !e.Contains("\n\"", StringComparison.Ordinal) && !e.Contains("\n'", StringComparison.Ordinal)).ToArray();
            Assert.Equal(entries, UserArguments(entries).User);
        });

    [Fact]
    public void A_secret_in_an_argument_is_not_in_its_reason()
    {
        var (plan, _) = Planned(WithFlags("--token=canary-1", "--url=https://user:canary-2@example.com"));
        var reasons = plan.File(NodePaths.KubeletEnvironment).Reasons;
        Assert.Contains(reasons, r => r.Setting == "kubelet.flags.token");
        Assert.DoesNotContain(reasons, r => r.Value.Contains("canary", StringComparison.Ordinal));
    }
}
