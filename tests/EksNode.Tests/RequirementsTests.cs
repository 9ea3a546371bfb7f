using System.Text.RegularExpressions;

namespace EksNode.Tests;

/// <summary>docs/requirements.md claims only tests that there are, and every test that is named after a row.</summary>
public sealed partial class RequirementsTests
{
    private const string NotYet = "Not yet: ";
    private const int Columns = 4;

    private static readonly string[] Rows =
    [
        "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R15", "R16", "R17", "R22", "R25", "R26", "R27", "R28", "R29", "R30", "R31", "R32", "R43", "R44",
    ];

    [Fact]
    public void Every_row_has_a_test_of_its_name_or_says_why_not_yet()
    {
        var path = Path.Combine(Repository.Root, "docs/requirements.md");
        var tests = TestNames();
        var lines = File.ReadAllText(path).Split('\n');
        var found = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("| R", StringComparison.Ordinal))
            {
                continue;
            }

            var cells = lines[i].Trim('|').Split(" | ").Select(c => c.Trim()).ToArray();
            Assert.True(cells.Length == Columns, lines[i]);
            found.Add(cells[0]);
            var named = tests.Where(t => OfRow(t, cells[0])).Order(StringComparer.Ordinal).ToList();
            lines[i] = $"| {cells[0]} | {cells[1]} | {string.Join("<br>", named.Select(t => $"`{t}`"))} | {cells[3]} |";
            Assert.True(named.Count > 0 != cells[3].StartsWith(NotYet, StringComparison.Ordinal), $"{cells[0]} has {named.Count} tests, and says: {cells[3]}");
            Assert.All(Claims().Matches(cells[3]), c => Assert.Contains(c.Groups[1].Value, tests));
        }

        Assert.Equal(Rows, found);
        var expected = string.Join('\n', lines);
        if (Repository.Update)
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.ReadAllText(path) == expected, "docs/requirements.md is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    // R28_R30_An_image_has: of both.
    [Theory]
    [InlineData("R28_R30_An_image_has", "R28", true)]
    [InlineData("R28_R30_An_image_has", "R30", true)]
    [InlineData("R05_SOCI", "R5", true)]
    [InlineData("R05_SOCI", "R50", false)]
    [InlineData("R15_Not_R16_at_all", "R16", false)]
    public void A_test_is_of_the_rows_that_its_name_begins_with(string test, string row, bool isOf) => Assert.Equal(isOf, OfRow(test, row));

    private static bool OfRow(string test, string row) => RowsOf().Match(test).Groups[1].Captures.Any(c => c.Value == $"R{int.Parse(row[1..], System.Globalization.CultureInfo.InvariantCulture):00}_");

    private static HashSet<string> TestNames()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
                     .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)))
        {
            foreach (Match method in Tests().Matches(File.ReadAllText(file)))
            {
                names.Add(method.Groups[1].Value);
            }
        }

        return names;
    }

    // A method behind [Fact] or [Theory], whatever other attributes it has.
    [GeneratedRegex(@"\[(?:Fact|Theory)(?:\([^\n]*\))?\]\s+(?:\[[^\n]*\]\s+)*public (?:static )?(?:async )?(?:void|Task|ValueTask) (\w+)\(")]
    private static partial Regex Tests();

    [GeneratedRegex(@"^(R\d\d_)+")]
    private static partial Regex RowsOf();

    [GeneratedRegex(@"`([A-Z]\w*_\w+)`")]
    private static partial Regex Claims();
}
