using System.Collections.Concurrent;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Tests.Cases;

/// <summary>
/// Whole plans as reviewed text files: <c>tests/cases/</c>, whose README says how they are laid out. With <c>EKSNODE_UPDATE=1</c> in
/// the environment <c>expected/</c> is rewritten instead of compared.
/// </summary>
public sealed class CaseTests
{
    private const string Plain = CaseInput.Plain;

    private static readonly string Folder = CaseInput.Folder;

    private static readonly ConcurrentDictionary<string, Lazy<Dictionary<MatrixMember, SortedDictionary<string, string>>>> Planned = new();

    public static TheoryData<string> Cases => [.. CaseInput.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_node_gets_what_is_expected(string name)
    {
        var actual = Actual(name);
        var store = Expectation.Store(actual, name == Plain ? null : Actual(Plain));
        var folder = Path.Combine(Folder, name, "expected");
        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            Expectation.Save(folder, store);
            return;
        }

        var stored = Expectation.Load(folder);
        var plain = name == Plain ? null : Expectation.Read(Expectation.Load(Path.Combine(Folder, Plain, "expected")), null);
        var differences = Differences(Expectation.Read(stored, plain), actual);
        Assert.True(differences.Length == 0, $"Case {name} differs (- expected, + planned; EKSNODE_UPDATE=1 accepts):\n{differences}");
        Assert.True(stored.Keys.SequenceEqual(store.Keys), $"Case {name} does not store as few files as can be; EKSNODE_UPDATE=1 mends it:\n{LineDiff.Of(string.Join('\n', stored.Keys), string.Join('\n', store.Keys))}");
    }

    [Fact]
    public void What_is_stored_reads_back()
    {
        foreach (var name in CaseInput.Names)
        {
            var (effects, plain) = (Actual(name), name == Plain ? null : Actual(Plain));
            var read = Expectation.Read(Expectation.Store(effects, plain), plain);
            Assert.All(MatrixMember.All, m => Assert.Equal(effects[m], read[m]));
        }
    }

    [Theory]
    [InlineData("a", "a", 29, 36, null)]
    [InlineData("a@1.31", "a", 31, 31, null)]
    [InlineData("a@b.json@1.29-1.32", "a@b.json", 29, 32, null)]
    [InlineData("a@containerd-1", "a", 29, 36, 1)]
    [InlineData("a@1.33-1.36@containerd-2", "a", 33, 36, 2)]
    public void The_name_of_a_stored_file_says_for_whom_it_is(string stored, string name, int from, int to, int? containerd)
    {
        Assert.Equal((name, new MatrixRange(from, to, containerd)), MatrixRange.Parse(stored));
        Assert.Equal(stored, name + new MatrixRange(from, to, containerd));
    }

    private static Dictionary<MatrixMember, SortedDictionary<string, string>> Actual(string name) =>
        Planned.GetOrAdd(name, n => new(() => Plan(n))).Value;

    private static Dictionary<MatrixMember, SortedDictionary<string, string>> Plan(string name)
    {
        var input = CaseInput.Of(name);
        var all = new Dictionary<MatrixMember, SortedDictionary<string, string>>();
        foreach (var member in MatrixMember.All)
        {
            var diagnostics = new DiagnosticBag();
            var plan = Planner.Plan(input.Configuration(diagnostics), input.Facts(member), diagnostics);
            all.Add(member, Effects.Of(plan, diagnostics));
        }

        return all;
    }

    private static string Differences(
        Dictionary<MatrixMember, SortedDictionary<string, string>> expected, Dictionary<MatrixMember, SortedDictionary<string, string>> actual)
    {
        var text = new StringBuilder();
        foreach (var path in MatrixMember.All.SelectMany(m => expected[m].Keys.Concat(actual[m].Keys)).Distinct().Order(StringComparer.Ordinal))
        {
            foreach (var group in MatrixMember.All.GroupBy(m => (Expected: expected[m].GetValueOrDefault(path), Actual: actual[m].GetValueOrDefault(path))))
            {
                var (before, after) = group.Key;
                if (before == after)
                {
                    continue;
                }

                text.Append($"  {path} ({Names(group)})\n")
                    .Append(before is null ? "    is not expected:\n" : after is null ? "    is not planned:\n" : "")
                    .Append(LineDiff.Of(before ?? "", after ?? ""));
            }
        }

        return text.ToString();
    }

    private static string Names(IEnumerable<MatrixMember> members)
    {
        var ranges = MatrixRange.Of(members.ToDictionary(m => m, _ => true), EqualityComparer<bool>.Default).Select(r => r.Range);
        return string.Join(", ", ranges.Select(r => r == MatrixRange.All ? "all versions" : r.ToString()));
    }
}
