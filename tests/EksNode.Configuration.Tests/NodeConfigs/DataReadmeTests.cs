namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary><c>data/README.md</c> has a row for each table: what it is, its source, its date.</summary>
public sealed class DataReadmeTests
{
    [Fact]
    public void Every_table_has_a_row_with_its_source_and_its_date()
    {
        var folder = Path.Combine(TestFiles.Root, "data");
        var rows = File.ReadLines(Path.Combine(folder, "README.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal) && l.Contains(".tsv |", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            Directory.GetFiles(folder, "*.tsv").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal),
            rows.Select(r => r.Split('|')[1].Trim()).Order(StringComparer.Ordinal));
        Assert.All(rows, r => Assert.Matches(@"^\| \S+ \| .{10,} \| .{10,} \| 20\d\d-\d\d \|$", r));
    }
}
