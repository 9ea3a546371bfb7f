using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests;

/// <summary>Every faulty document of <c>tests/corpus</c> gives exactly its findings, every good one none. See the README there.</summary>
public sealed class CorpusTests
{
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
            cases.Zip(found).Select(pair => $"{pair.First.Name}\n{string.Join('\n', pair.Second.Select(f => f.Line))}"));
        Assert.All(cases.Zip(found), pair => Assert.True(pair.Second.Any(f => f.IsWrong), $"{theme}: {pair.First.Name} is not wrong."));
        Assert.All(found.SelectMany(f => f), f => Assert.True(f.Help.Length > 0, f.Line));
    }

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_good_document_gives_none(string theme)
    {
        var (_, cases) = Read(Path.Combine(Folder("good"), theme));
        var found = await JudgeAsync(cases);
        Assert.Empty(cases.Zip(found).Where(p => p.Second.Count > 0).Select(p => $"{p.First.Name}: {string.Join(", ", p.Second.Select(f => f.Line))}"));
    }

    /// <summary>What documentation and examples show is right, but for the example of mistakes.</summary>
    [Fact]
    public async Task Documents_in_the_documentation_and_the_examples_are_valid()
    {
        var cases = new List<Case>();
        foreach (var page in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md")))
        {
            foreach (var block in File.ReadAllText(page).Split("```yaml\n").Skip(1).Select(b => b.Split("\n```")[0] + "\n").Where(b => b.StartsWith("spec:", StringComparison.Ordinal) || b.Contains("kind: NodeConfig", StringComparison.Ordinal)))
            {
                var whole = block.StartsWith("spec:", StringComparison.Ordinal) ? "apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\n" + block : block;
                cases.Add(new Case($"{Path.GetFileName(page)} {block}", [], block, whole));
            }
        }

        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "examples")).Where(f => !f.Contains("typos", StringComparison.Ordinal)))
        {
            cases.Add(new Case(Path.GetFileName(file), [], "", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)));
        }

        Assert.True(cases.Count > 3);
        var found = await JudgeAsync(cases);
        Assert.Empty(cases.Zip(found).Where(p => p.Second.Any(f => f.IsWrong)).Select(p => $"{p.First.Name}: {string.Join(", ", p.Second.Select(f => f.Line))}"));
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
            var expected = lines.Skip(1).TakeWhile(l => l.StartsWith("=> ", StringComparison.Ordinal)).Select(l => l[3..]).ToList();
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
                text.Append("=> ").Append(finding.Line).Append('\n');
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
                    found[int.Parse(Path.GetFileName(source[0]), CultureInfo.InvariantCulture)].Add(Finding.Of(item, source.Length > 1 ? $"part {source[1]}, " : ""));
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

    private sealed record Finding(string Line, bool IsWrong, string Help)
    {
        public static Finding Of(JsonElement item, string part)
        {
            string Text(string name) => item.TryGetProperty(name, out var value) ? value.ToString() : name == "path" ? "" : "0";
            var severity = Text("severity");
            return new Finding($"{Text("code")} {severity} {part}{Text("line")}:{Text("column")} {Text("path")}".TrimEnd(), severity != "info", Text("help"));
        }
    }
}
