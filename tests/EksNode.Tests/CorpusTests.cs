using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EksNode.Configuration.Schemas;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests;

/// <summary>Every faulty document of <c>tests/corpus</c> gives exactly its findings, every good one none. See the README there.</summary>
public sealed class CorpusTests
{
    // Stands before what is no document, as a comment of the page: a part of one, or of another kind.
    private const string NoDocument = "<!-- no document";

    // Settings that can be no fault of a document, and why.
    private static readonly Dictionary<string, string> Unchecked = new(StringComparer.Ordinal)
    {
        ["status"] = "it stands in the cache of an EKS-optimized image alone and has no effect",
    };

    private const int FewestFaulty = 250;
    private const int FewestGood = 60;

    public static TheoryData<string> Faulty => [.. Themes("faulty")];

    public static TheoryData<string> Good => [.. Themes("good")];

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task A_faulty_document_gives_exactly_its_findings(string theme)
    {
        var path = Path.Combine(Folder("faulty"), theme);
        var (head, cases) = Read(path);
        var found = await JudgeAsync(cases);
        if (Repository.Update)
        {
            File.WriteAllText(path, Write(head, cases, found));
            cases = Read(path).Cases;
        }

        Assert.Equal(
            cases.Select(c => $"{c.Name}\n{string.Join('\n', c.Expected)}"),
            cases.Zip(found).Select(pair => $"{pair.First.Name}\n{string.Join('\n', pair.Second.Select(f => f.Text))}"));
        Assert.All(cases.Zip(found), pair => Assert.True(pair.Second.Any(f => f.IsWrong), $"{theme}: {pair.First.Name} is not wrong."));
        Assert.All(found.SelectMany(f => f), f => Assert.DoesNotMatch("""[^.?!]\n|[^.?!]$|\n[^A-Z`-]""", f.Says));
    }

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_good_document_gives_none(string theme)
    {
        var (_, cases) = Read(Path.Combine(Folder("good"), theme));
        var found = await JudgeAsync(cases);
        Assert.Empty(cases.Zip(found).Where(p => p.Second.Count > 0).Select(p => $"{p.First.Name}: {string.Join(", ", p.Second.Select(f => f.Line))}"));
    }

    /// <summary>What documentation and examples show is right, but for the example of mistakes. What is no document stands below <see cref="NoDocument"/>.</summary>
    [Fact]
    public async Task Documents_in_the_documentation_and_the_examples_are_valid()
    {
        var cases = new List<Case>();
        foreach (var page in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md")))
        {
            cases.AddRange(MarkdownBlocks.Of(await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken))
                .Where(b => b.LooksLikeYaml && !b.Before.Contains(NoDocument, StringComparison.Ordinal))
                .Select(b => new Case($"{Path.GetFileName(page)}:{b.Line}", [], b.Text, Whole(b.Text))));
        }

        Assert.Contains(cases, c => c.Name.StartsWith("proxy-and-registries.md:", StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "examples")).Where(f => !f.Contains("typos", StringComparison.Ordinal)))
        {
            cases.Add(new Case(Path.GetFileName(file), [], "", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)));
        }

        var found = await JudgeAsync(cases);
        Assert.Empty(cases.Zip(found).Where(p => p.Second.Any(f => f.IsWrong)).Select(p => $"{p.First.Name}: {string.Join(", ", p.Second.Select(f => f.Text))}"));
    }

    [Theory]
    [InlineData("Text:\n\n    proxy:\n      http: x\n\n      https: y\n\nText", 3, "proxy:\n  http: x\n\n  https: y\n", true)]
    [InlineData("- item\n\n  ```yaml\n  spec: {}\n  ```\n", 3, "spec: {}\n", true)]
    [InlineData("```\napiVersion: x\n```\n", 1, "apiVersion: x\n", true)]
    [InlineData("Text:\n\n    # how\n    instance:\n", 3, "# how\ninstance:\n", true)]
    [InlineData("Text:\n\n    eksnode config validate FILE\n", 3, "eksnode config validate FILE\n", false)]
    [InlineData("Text:\n\n    eksnode: start failed after 62.3 s: EKN0916\n", 3, "eksnode: start failed after 62.3 s: EKN0916\n", false)]
    public void Blocks_of_a_page_are_found(string page, int line, string text, bool looksLikeYaml)
    {
        var block = Assert.Single(MarkdownBlocks.Of(page));
        Assert.Equal((line, text, looksLikeYaml), (block.Line, block.Text, block.LooksLikeYaml));
    }

    /// <summary>Every setting has validation: a faulty document with a finding at it or below it.</summary>
    [Fact]
    public void Every_setting_has_a_faulty_document()
    {
        // That a setting is of the other group, or that a key is none, says nothing of its value.
        var found = Themes("faulty").SelectMany(t => Read(Path.Combine(Folder("faulty"), t)).Cases).SelectMany(c => c.Expected)
            .Select(l => Regex.Match(l, @"^=> (?!EKN0630|EKN0201)\w+ (?!info)\w+ (?:part \d+, )?\d+:\d+ (.+)$")).Where(m => m.Success)
            .Select(m => m.Groups[1].Value).ToHashSet();
        var missing = NodeConfigField.All().Select(f => f.Path).Where(f => !found.Any(p => SettingPattern(f).IsMatch(p)));
        Assert.Equal(Unchecked.Keys, missing);
    }

    // The path of a finding: `spec.registries["docker.io"].mirrors[0].url` is one of `spec.registries.*.mirrors[].url`.
    private static Regex SettingPattern(string path) => new(
        "^" + Regex.Escape(path).Replace("\\[]", """\[\d+\]""", StringComparison.Ordinal).Replace("\\.\\*", """(?:\.[^.\[]+|\["[^"]+"\])""", StringComparison.Ordinal) + "(?![A-Za-z])");

    // A block that begins with a setting is the part of a document below `spec`.
    private static string Whole(string block)
    {
        const string head = "apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\n";
        var first = block.Split('\n').First(l => l.Length > 0 && l[0] != '#');
        return first.StartsWith("apiVersion:", StringComparison.Ordinal) || first.StartsWith("kind:", StringComparison.Ordinal) ? block
            : first.StartsWith("spec:", StringComparison.Ordinal) ? head + block
            : head + "spec:\n" + string.Concat(block.Split('\n').Select(l => $"  {l}\n"));
    }

    [Fact]
    public void The_corpora_are_large_enough()
    {
        Assert.True(Themes("faulty").Sum(t => Read(Path.Combine(Folder("faulty"), t)).Cases.Count) >= FewestFaulty);
        Assert.True(Themes("good").Sum(t => Read(Path.Combine(Folder("good"), t)).Cases.Count) >= FewestGood);
    }

    /// <summary>The good documents: their names, with the Kubernetes version that some are for, and their texts.</summary>
    internal static IEnumerable<(string Name, string? Version, string Text)> GoodDocuments() =>
        from theme in Themes("good")
        from one in Read(Path.Combine(Folder("good"), theme)).Cases
        select ($"{theme}: {one.Name}", one.Version, one.Text.Replace("@CA@", ClusterCertificate.Base64, StringComparison.Ordinal));

    private static string Folder(string name) => Path.Combine(Repository.Root, "tests", "corpus", name);

    private static IEnumerable<string> Themes(string folder) => Directory.GetFiles(Folder(folder), "*.txt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    private static (string Base, List<Case> Cases) Read(string path)
    {
        var start = "";
        var cases = new List<Case>();
        foreach (var block in ("\n" + File.ReadAllText(path)).Split("\n=== ").Skip(1))
        {
            var lines = block.Split('\n').ToList();
            var name = lines[0];
            var expected = lines.Skip(1).TakeWhile(l => l.StartsWith("=> ", StringComparison.Ordinal) || l.StartsWith("=| ", StringComparison.Ordinal)).ToList();
            var body = string.Join('\n', lines.Skip(1 + expected.Count));
            body = body.Length == 0 || body.EndsWith('\n') ? body : body + "\n";
            if (name == "base")
            {
                start = body;
            }
            else
            {
                cases.Add(new Case(name, expected, body, start + body));
            }
        }

        return (start, cases);
    }

    private static string Write(string start, List<Case> cases, List<List<Finding>> found)
    {
        var text = new StringBuilder("=== base\n").Append(start);
        foreach (var (one, findings) in cases.Zip(found))
        {
            text.Append("=== ").Append(one.Name).Append('\n');
            foreach (var finding in findings)
            {
                text.Append(finding.Text).Append('\n');
            }

            text.Append(one.Body);
        }

        return text.ToString();
    }

    private static async Task<List<List<Finding>>> JudgeAsync(List<Case> cases)
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-corpus-");
        try
        {
            var found = cases.ConvertAll(_ => new List<Finding>());
            foreach (var group in cases.Select((c, i) => (Case: c, Index: i)).GroupBy(c => c.Case.Version))
            {
                var files = new List<string>();
                foreach (var (one, index) in group)
                {
                    files.Add(Path.Combine(folder.FullName, index.ToString(CultureInfo.InvariantCulture)));
                    await File.WriteAllTextAsync(files[^1], one.Text.Replace("@CA@", ClusterCertificate.Base64, StringComparison.Ordinal), TestContext.Current.CancellationToken);
                }

                using var json = JsonDocument.Parse(await RunAsync([.. files, .. group.Key is { } version ? (string[])["--kubernetes-version", version] : [], "-o", "json"]));
                foreach (var item in json.RootElement.GetProperty("diagnostics").EnumerateArray())
                {
                    var source = item.GetProperty("source").GetString()!.Split(" part ");
                    found[int.Parse(Path.GetFileName(source[0]), CultureInfo.InvariantCulture)].Add(Finding.Of(item, source.Length > 1 ? $"part {source[1]}, " : "", source[0]));
                }
            }

            return found;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        var output = new StringWriter();
        var io = new CommandIo { Out = output, Error = TextWriter.Null, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        await CommandLine.RunAsync(["config", "validate", .. arguments], io, TestContext.Current.CancellationToken);
        return output.ToString();
    }

    private sealed record Case(string Name, List<string> Expected, string Body, string Text)
    {
        public string? Version => Name.LastIndexOf(" @", StringComparison.Ordinal) is > 0 and var at ? Name[(at + 2)..] : null;
    }

    private sealed record Finding(string Line, bool IsWrong, string Message, string Help)
    {
        public string Says => $"{Message}\n{Help}";

        // As it stands in the corpus.
        public string Text => $"=> {Line}\n=| {Message}\n=| {Help}";

        public static Finding Of(JsonElement item, string part, string file)
        {
            string Text(string name) => item.TryGetProperty(name, out var value) ? value.ToString() : name == "path" ? "" : "0";
            var severity = Text("severity");
            return new Finding($"{Text("code")} {severity} {part}{Text("line")}:{Text("column")} {Text("path")}".TrimEnd(), severity != "info", Text("message").Replace(file, "FILE", StringComparison.Ordinal), Text("help").Replace(file, "FILE", StringComparison.Ordinal));
        }
    }
}
