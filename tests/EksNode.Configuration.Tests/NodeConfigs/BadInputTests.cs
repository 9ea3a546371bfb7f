using System.Globalization;
using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>Every file of <c>bad/</c> gives the diagnostics that stand beside it. See the README there.</summary>
public sealed class BadInputTests
{
    private const int FewestInputs = 120;

    // Codes of these areas that no document can produce: one is about the list of sources, two are about files that a document names,
    // not about what is in one; and no field of KubeletConfiguration v1beta1 was removed so far, which a test below holds.
    private static readonly DiagnosticDescriptor[] NotOfADocument =
    [
        DiagnosticCatalogue.UnknownSource,
        DiagnosticCatalogue.KubeletFieldRemoved,
        DiagnosticCatalogue.ReferencedFileUnreadable,
        DiagnosticCatalogue.ReferencedFileWrong,
    ];

    private static readonly string Folder = TestFiles.Folder("bad");

    public static TheoryData<string> Inputs => [.. Names()];

    [Theory]
    [MemberData(nameof(Inputs))]
    public void A_bad_input_gives_exactly_the_expected_diagnostics(string name)
    {
        var actual = Render(Judge(name));
        var expectedFile = Path.Combine(Folder, name + ".expected");
        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            File.WriteAllText(expectedFile, actual);
        }

        Assert.True(File.Exists(expectedFile), $"{expectedFile} is missing: run with EKSNODE_UPDATE=1.");
        Assert.Equal(File.ReadAllText(expectedFile), actual);
    }

    [Fact]
    public void There_are_enough_inputs_and_each_is_wrong()
    {
        var names = Names();
        Assert.True(names.Count >= FewestInputs, $"There are only {names.Count} inputs.");
        Assert.All(names, name => Assert.NotEmpty(Judge(name)));
    }

    [Fact]
    public void Every_code_that_a_document_can_produce_occurs()
    {
        var seen = Names().SelectMany(Judge).Select(d => d.Code).ToHashSet();

        // The corpora hold one mistake each; another test judges them.
        foreach (var theme in Directory.GetFiles(Path.Combine(TestFiles.Root, "tests", "corpus", "faulty")))
        {
            seen.UnionWith(File.ReadLines(theme).Where(l => l.StartsWith("=> ", StringComparison.Ordinal)).Select(l => l[3..].Split(' ')[0]));
        }

        var missing = DiagnosticCatalogue.All
            .Where(d => string.CompareOrdinal(d.Code, "EKN0100") >= 0 && string.CompareOrdinal(d.Code, "EKN0500") < 0)
            .Except(NotOfADocument)

            // Those of an ImageConfig: ImageConfigReaderTests.
            .Where(d => !d.Code.StartsWith("EKN027", StringComparison.Ordinal) && !d.Code.StartsWith("EKN028", StringComparison.Ordinal))
            .Where(d => !seen.Contains(d.Code))
            .Select(d => $"{d.Code} {d.Title}");
        Assert.Empty(missing);
    }

    [Fact]
    public void No_kubelet_field_was_removed_so_far() => Assert.All(
        File.ReadLines(Path.Combine(TestFiles.Root, "data", "kubelet-configuration-fields.tsv")).Skip(1),
        row => Assert.Contains("current", row.Split('\t')[4], StringComparison.Ordinal));

    [Fact]
    public void No_expectation_is_left_without_its_input()
    {
        var names = Names().ToHashSet();
        Assert.DoesNotContain(Directory.GetFiles(Folder, "*.expected"), file => !names.Contains(Path.GetFileNameWithoutExtension(file)));
    }

    [Fact]
    public void Messages_are_sentences_without_secrets()
    {
        Assert.All(Names().SelectMany(Judge), diagnostic =>
        {
            Assert.DoesNotContain("hunter2", diagnostic.Message + diagnostic.Help + diagnostic.Path, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', diagnostic.Message + diagnostic.Help + diagnostic.Path);
            Assert.Matches(@"[.?!]$", diagnostic.Message);
            Assert.Matches(@"[.?!]$", diagnostic.Help);
            Assert.Matches(@"^[A-Z`-]", diagnostic.Help);
        });
    }

    private static List<string> Names() =>
    [
        .. Directory.GetFiles(Folder)
            .Select(f => Path.GetFileName(f))
            .Where(f => !f.EndsWith(".expected", StringComparison.Ordinal) && f != "README.md")
            .Order(StringComparer.Ordinal),
    ];

    private static IReadOnlyList<Diagnostic> Judge(string name)
    {
        var words = Path.GetFileNameWithoutExtension(name).Split('@')[1..];
        var minor = words.FirstOrDefault(w => char.IsAsciiDigit(w[0])) ?? "1.33";
        var bag = new DiagnosticBag();
        var source = new SourceContent("user-data", File.ReadAllBytes(Path.Combine(Folder, name)), IsUserData: true);
        var result = ConfigurationReader.Read([source], bag);
        if (result.HasConfiguration)
        {
            var config = result.Configuration;
            NodeConfigRules.CheckRequired(
                config, bag, words.Contains("offline") ? new KnownClusterDetails(false, false, false, false) : null);
            NodeConfigRules.CheckUnused(config, bag);
            var version = SemanticVersion.Find(minor + ".0");
            var predicting = words.Contains("join");
            if (config.Kubelet.Config is { } kubelet)
            {
                KubeletConfigRules.Check(kubelet, version, bag, predicting);
            }

            KubeletFlagRules.Check(config.Kubelet.Flags, version, bag, predicting, config: config.Kubelet.Config);
        }

        return
        [
            .. bag.Items
                .OrderBy(d => d.Origin?.Part ?? 0).ThenBy(d => d.Origin?.Line ?? 0).ThenBy(d => d.Origin?.Column ?? 0)
                .ThenBy(d => d.Code, StringComparer.Ordinal),
        ];
    }

    private static string Render(IReadOnlyList<Diagnostic> diagnostics)
    {
        var text = new StringBuilder();
        foreach (var diagnostic in diagnostics)
        {
            var part = diagnostic.Origin is { Part: > 0 } origin ? string.Create(CultureInfo.InvariantCulture, $"part {origin.Part}, ") : "";
            text.Append(CultureInfo.InvariantCulture, $"{diagnostic.Code} {diagnostic.Severity.ToString().ToLowerInvariant()} ")
                .Append(part)
                .Append(CultureInfo.InvariantCulture, $"{diagnostic.Origin?.Line ?? 0}:{diagnostic.Origin?.Column ?? 0}")
                .Append(diagnostic.Path is { Length: > 0 } path ? " " + path : "").Append('\n')
                .Append("    ").Append(diagnostic.Message).Append('\n')
                .Append("    ").Append(diagnostic.Help).Append('\n');
        }

        return text.ToString();
    }
}
