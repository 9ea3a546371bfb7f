using System.Reflection;
using System.Text;
using System.Xml.Linq;
using EksNode.Configuration.Text;

namespace EksNode.Tests;

/// <summary>The catalogue is complete, and docs/diagnostics.md says what it says.</summary>
public sealed class DiagnosticCatalogueTests
{
    [Fact]
    public void Every_entry_is_listed_once_and_in_order()
    {
        var properties = Entries().Select(e => e.Descriptor).ToHashSet();
        Assert.Equal(properties.Select(d => d.Code).Order(StringComparer.Ordinal), DiagnosticCatalogue.All.Select(d => d.Code).Order(StringComparer.Ordinal));
        Assert.Equal(DiagnosticCatalogue.All.Length, DiagnosticCatalogue.All.Select(d => d.Code).Distinct().Count());
        Assert.All(DiagnosticCatalogue.All, d => Assert.True(d.Code is ['E', 'K', 'N', _, _, _, _] && d.Code[3..].All(char.IsAsciiDigit), d.Code));
    }

    [Fact]
    public void The_documentation_lists_every_entry()
    {
        var path = Path.Combine(Repository.Root, "docs/diagnostics.md");
        var expected = Render();
        if (Repository.Update)
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.ReadAllText(path) == expected, "docs/diagnostics.md is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    [Fact]
    public void Every_entry_is_reported_somewhere()
    {
        var source = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetFileName(f).StartsWith("DiagnosticCatalogue", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        Assert.All(Entries(), e => Assert.True(source.Contains("DiagnosticCatalogue." + e.Name, StringComparison.Ordinal), $"{e.Descriptor.Code} {e.Name} is never reported"));
    }

    private static string Render()
    {
        var summaries = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "EksNode.Configuration.xml"))
            .Descendants("member")
            .Where(m => m.Attribute("name")!.Value.StartsWith("P:EksNode.Configuration.Text.DiagnosticCatalogue.", StringComparison.Ordinal))
            .ToDictionary(m => m.Attribute("name")!.Value.Split('.')[^1], m => Plain(m.Element("summary")!));
        var text = new StringBuilder();
        text.Append("# Diagnostics\n\nEverything that eksnode can report. A code never changes its meaning. This page is generated from the catalogue;\n");
        text.Append("the message of a diagnostic says what is wrong at its place, its help says what to do.\n\n");
        text.Append("Errors stop `join` and `plan`; a prediction (what the kubelet or containerd would refuse) is only a warning there.\n\n");
        text.Append("| code | severity | what |\n| --- | --- | --- |\n");
        foreach (var (name, descriptor) in Entries().OrderBy(e => e.Descriptor.Code, StringComparer.Ordinal))
        {
            text.Append("| ").Append(descriptor.Code).Append(" | ").Append(descriptor.Severity.ToString().ToLowerInvariant()).Append(" | ").Append(summaries[name].Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        }

        return text.ToString();
    }

    private static string Plain(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
        {
            text.Append(node switch
            {
                XText t => t.Value,
                XElement { Name.LocalName: "c" } c => $"`{c.Value}`",
                XElement { Name.LocalName: "see" } s => $"`{(s.Attribute("cref")?.Value ?? "").Split('.')[^1]}`",
                XElement e => e.Value,
                _ => "",
            });
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static IEnumerable<(string Name, DiagnosticDescriptor Descriptor)> Entries() =>
        typeof(DiagnosticCatalogue).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(p => p.PropertyType == typeof(DiagnosticDescriptor))
            .Select(p => (p.Name, (DiagnosticDescriptor)p.GetValue(null)!));
}
