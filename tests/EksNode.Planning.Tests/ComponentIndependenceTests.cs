namespace EksNode.Planning.Tests;

public sealed class ComponentIndependenceTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src", "EksNode.Planning");

    // What components share.
    private static readonly string[] Shared = ["Compliance", "Decisions", "Facts", "Plans"];

    // What looks at the components as the planner does, from above; everything else beside Planner.cs is a component.
    private static readonly string[] Above = ["Explaining", "Migration", "Validation"];

    // A planner of its own, with its own table of contents: ImagePlanner.cs.
    private const string Images = "Image";

    private static IEnumerable<string> Folders =>
        Directory.EnumerateDirectories(Source).Select(d => Path.GetFileName(d)!).Except([.. Shared, .. Above, Images, "bin", "obj"]);

    public static TheoryData<string> Components => [.. Folders.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Components))]
    public void A_component_names_no_other_component(string component)
    {
        var others = Folders.Where(f => f != component).Concat(Above).Select(f => "EksNode.Planning." + f).ToList();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Source, component), "*.cs", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            Assert.All(others, other => Assert.False(text.Contains(other, StringComparison.Ordinal), $"{file} names {other}"));
        }
    }

    [Fact]
    public void Every_component_is_in_the_table_of_contents() =>
        Assert.Equal(
            Folders.Order(StringComparer.Ordinal),
            Planner.Components.Select(c => c.GetType().Namespace!["EksNode.Planning.".Length..]).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_shared_names_no_component()
    {
        foreach (var file in Shared.SelectMany(s => Directory.EnumerateFiles(Path.Combine(Source, s), "*.cs")))
        {
            var text = File.ReadAllText(file);
            Assert.All(Folders.Concat(Above), f => Assert.False(text.Contains("EksNode.Planning." + f, StringComparison.Ordinal), $"{file} names {f}"));
        }
    }
}
