using System.Xml.Linq;

namespace EksNode.Tests;

/// <summary>Holds the shape that docs/architecture.md describes.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Layers = ["EksNode", "EksNode.Aws", "EksNode.Host", "EksNode.Planning", "EksNode.Configuration"];

    [Fact]
    public void References_point_down_only()
    {
        foreach (var (layer, rank) in Layers.Select((l, i) => (l, i)))
        {
            var project = XDocument.Load(Path.Combine(Repository.Root, "src", layer, layer + ".csproj"));
            foreach (var reference in project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)))
            {
                Assert.True(Array.IndexOf(Layers, reference) > rank, $"{layer} must not reference {reference}");
            }
        }
    }

    [Fact]
    public void Pure_assemblies_reference_no_effectful_one()
    {
        foreach (var pure in new[] { "EksNode.Planning", "EksNode.Configuration" })
        {
            var project = XDocument.Load(Path.Combine(Repository.Root, "src", pure, pure + ".csproj"));
            Assert.Contains(project.Descendants("IsPure"), e => e.Value == "true");
        }
    }

    [Fact]
    public void Only_the_host_layer_runs_programs_and_speaks_http()
    {
        foreach (var layer in Layers)
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "src", layer), "*.cs", SearchOption.AllDirectories)
                         .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
            {
                var text = File.ReadAllText(file);
                Allow(text.Contains("Process.Start", StringComparison.Ordinal) || text.Contains("new Process(", StringComparison.Ordinal) || text.Contains("new ProcessStartInfo", StringComparison.Ordinal), file, "Host/Processes/");
                Allow(text.Contains("new SocketsHttpHandler", StringComparison.Ordinal) || text.Contains("new HttpClient", StringComparison.Ordinal), file, "Host/Http/");
                Allow(text.Contains("File.WriteAll", StringComparison.Ordinal) || text.Contains("File.Create(", StringComparison.Ordinal), file, "Host/Files/");
            }
        }

        static void Allow(bool found, string file, string folder) =>
            Assert.False(found && !file.Contains(folder, StringComparison.Ordinal), $"{file} does what only {folder} may do");
    }
}
