using System.Text;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>docs/presets.md says what data/presets.tsv says.</summary>
public sealed class PresetDocumentationTests
{
    private const string Header = "| preset | setting | value | why |\n| --- | --- | --- | --- |\n";

    [Fact]
    public void The_documentation_has_every_value()
    {
        var path = Path.Combine(TestFiles.Root, "docs/presets.md");
        var text = File.ReadAllText(path);
        var table = new StringBuilder(Header);
        foreach (var row in File.ReadLines(Path.Combine(TestFiles.Root, "data/presets.tsv")).Skip(1).Select(l => l.Split('\t')))
        {
            table.Append("| ").Append(row[0]).Append(" | `").Append(row[1].Replace('/', '.')).Append("` | `").Append(row[2]).Append("` | ").Append(row[3]).Append(" |\n");
        }

        var at = text.IndexOf(Header, StringComparison.Ordinal);
        var expected = (at < 0 ? text : text[..at]) + table;
        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.ReadAllText(path) == expected, "docs/presets.md is not up to date: run EKSNODE_UPDATE=1 script/test");
    }
}
