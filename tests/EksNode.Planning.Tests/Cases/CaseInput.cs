using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Cases;

/// <summary>What goes into a case of <c>tests/cases/</c>; an input that it lacks is that of <c>plain</c>.</summary>
internal sealed class CaseInput
{
    public const string Plain = "plain";

    private readonly SourceContent source;
    private readonly NodeFacts facts;
    private readonly string root;

    private CaseInput(SourceContent source, NodeFacts facts, string root) => (this.source, this.facts, this.root) = (source, facts, root);

    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "cases");

    /// <summary>All cases, sorted.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    public static CaseInput Of(string name)
    {
        var (source, bytes) = Input(name, "config.yaml", "config.mime");
        var (_, factBytes) = Input(name, "facts.json");
        var diagnostics = new DiagnosticBag();
        var facts = FactsFile.Read(factBytes, "facts.json", diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.NotNull(facts);
        return new CaseInput(new SourceContent(source, bytes, IsUserData: true), facts, Path.Combine(Folder, name, "root"));
    }

    /// <summary>The NodeConfigs of the case.</summary>
    public IReadOnlyList<TreeMap> Documents() =>
        [.. SourceReader.Read(source, new DiagnosticBag()).Documents.Where(d => d.Kind == NodeConfigReader.Kind).Select(d => d.Document)];

    /// <summary>The NodeConfigs of the case as they were read, before they are merged.</summary>
    public IReadOnlyList<NodeConfig> Parsed() => ConfigurationReader.Read([source], new DiagnosticBag()).Documents;

    /// <summary>The case with another document.</summary>
    public CaseInput With(TreeMap document) =>
        new(new SourceContent("config.json", Encoding.UTF8.GetBytes(JsonWriter.Write(document)), IsUserData: true), facts, root);

    /// <summary>The merged NodeConfigs, without the files that they name.</summary>
    public NodeConfig Merged(DiagnosticBag diagnostics) => ConfigurationReader.Read([source], diagnostics).Configuration;

    public NodeConfig Configuration(DiagnosticBag diagnostics)
    {
        var config = Merged(diagnostics);
        return ReferencedFiles.Enter(config, ReferencedFiles.Of(config).Select(Content), diagnostics);
    }

    /// <summary>The facts with the versions of a member of the matrix.</summary>
    public NodeFacts Facts(MatrixMember member) =>
        facts with { Image = facts.Image with { KubeletVersion = member.KubeletVersion, ContainerdVersion = member.ContainerdVersion } };

    // What the configuration names is below `root` in the folder of the case.
    private ReferencedContent Content(FileReference reference) => new()
    {
        Reference = reference,
        Files =
        [
            .. (reference.FolderOf is { } suffix
                ? Directory.EnumerateFiles(root + reference.Path.Value).Where(f => f.EndsWith(suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => f[root.Length..])
                : [reference.Path.Value]).Select(f => new SourceContent(f, File.ReadAllBytes(root + f), IsUserData: false)),
        ],
    };

    private static (string Source, byte[] Bytes) Input(string name, params string[] files)
    {
        foreach (var folder in (string[])[name, Plain])
        {
            foreach (var file in files)
            {
                var path = Path.Combine(Folder, folder, file);
                if (File.Exists(path))
                {
                    return (file, File.ReadAllBytes(path));
                }
            }
        }

        throw new FileNotFoundException($"Case {name} has none of {string.Join(", ", files)}.");
    }
}
