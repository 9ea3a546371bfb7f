using System.Text.RegularExpressions;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Tests.Packer;

/// <summary>
/// <c>image/eksnode.component.yaml</c> by the rules for component documents: "Use the AWSTOE component document framework for custom components", "Action modules
/// supported by AWSTOE component manager" and "Define and reference variables" in the user guide of EC2 Image Builder.
/// </summary>
public sealed partial class ImageBuilderComponentTests
{
    // Inputs of the actions for Linux that components use: those that must be there, then those that may.
    private static readonly Dictionary<string, (string[] Needed, string[] Known, bool IsList)> Actions = new(StringComparer.Ordinal)
    {
        ["CreateFolder"] = (["path"], ["group", "overwrite", "owner", "path", "permissions"], true),
        ["DeleteFolder"] = (["path"], ["force", "path"], true),
        ["ExecuteBinary"] = (["path"], ["arguments", "path"], false),
        ["Reboot"] = ([], ["delaySeconds"], false),
        ["S3Download"] = (["destination", "source"], ["destination", "expectedBucketOwner", "overwrite", "source"], true),
        ["S3Upload"] = (["destination", "source"], ["destination", "expectedBucketOwner", "recurse", "source"], true),
    };

    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "image/eksnode.component.yaml"));

    [Fact]
    public void The_component_keeps_the_rules_for_component_documents() => Assert.Equal([], Check(Text));

    // The largest document that the API takes inline: CreateComponent, `data`.
    [Fact]
    public void It_fits_into_the_request_that_makes_it() => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(Text), 1, 16_000);

    [Theory]
    [InlineData("schemaVersion: 1.0", "schemaVersion: 2.0", "schemaVersion is 2.0")]
    [InlineData("  - name: validate\n", "  - name: build\n", "two phases are called build")]
    [InlineData("      - name: Apply\n", "      - name: Install\n", "build: two steps are called Install")]
    [InlineData("action: Reboot", "action: Restart", "build.Reboot: there is no action Restart")]
    [InlineData("            force: true", "            recursive: true", "validate.Remove: DeleteFolder takes no recursive")]
    [InlineData("          path: /usr/bin/install\n", "", "build.Install: ExecuteBinary needs path")]
    [InlineData("  - Source:\n", "  - Place:\n", "build.Download: there is no parameter Source")]
    [InlineData("  - Source:\n", "  - So:\n", "the parameter So has a name that none may have")]
    [InlineData("        maxAttempts: 3\n", "        maxAttempts: some\n", "maxAttempts is no number")]
    [InlineData("            permissions: '0700'", "            permissions: 0700", "permissions must be text")]
    public void A_fault_is_found(string text, string fault, string words)
    {
        var at = Text.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0);
        Assert.Contains(Check(Text[..at] + fault + Text[(at + text.Length)..]), f => f.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_phase_does_its_part()
    {
        Assert.Equal(["CreateFolder", "S3Download", "ExecuteBinary", "ExecuteBinary image apply", "Reboot"], Steps("build"));
        Assert.Equal(["ExecuteBinary image validate", "ExecuteBinary image sbom", "S3Upload", "DeleteFolder"], Steps("validate"));
        Assert.Equal(["CreateFolder", "S3Download", "ExecuteBinary image validate"], Steps("test"));
    }

    // What the component and Packer's template run is the same.
    [Fact]
    public void Its_commands_are_those_of_the_template()
    {
        var template = File.ReadAllText(Path.Combine(Repository.Root, "image/eksnode.pkr.hcl"))
            .Replace("${local.document}", "${local.folder}/image.yaml", StringComparison.Ordinal)
            .Replace("${local.folder}", "/var/tmp/eksnode-image", StringComparison.Ordinal);
        var commands = Phases().SelectMany(p => Maps(p["steps"])).Select(Arguments).Where(a => a.StartsWith("image ", StringComparison.Ordinal)).Distinct().ToList();
        Assert.Equal(3, commands.Count);
        Assert.All(commands, c => Assert.Contains("sudo eksnode " + c + "\"", template, StringComparison.Ordinal));
    }

    private static List<string> Steps(string phase) =>
        [.. Maps(Phases().Single(p => Word(p, "name") == phase)["steps"]).Select(s => Word(s, "action") + (Arguments(s) is ['i', 'm', 'a', 'g', 'e', ..] image ? " " + string.Join(' ', image.Split(' ')[..2]) : ""))];

    private static string Arguments(TreeMap step) => step["inputs"] is TreeMap inputs && inputs["arguments"] is TreeList list ? string.Join(' ', list.Items.Select(i => ((TreeScalar)i).Text)) : "";

    private static IEnumerable<TreeMap> Phases() => Maps(Read(Text)["phases"]);

    private static TreeMap Read(string text)
    {
        var bag = new DiagnosticBag();
        var documents = YamlReader.Read(text, "component", 0, bag);
        Assert.Empty(bag.Items);
        return Assert.IsType<TreeMap>(Assert.Single(documents));
    }

    private static List<string> Check(string text)
    {
        var found = new List<string>();
        var document = Read(text);
        Unknown(document, "the document", ["constants", "description", "name", "parameters", "phases", "schemaVersion"], found);
        if ((document["schemaVersion"] as TreeScalar)?.Written is not (null or "1.0") || Word(document, "schemaVersion") is not ("1.0" or "1"))
        {
            found.Add($"schemaVersion is {Word(document, "schemaVersion")}");
        }

        var parameters = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in Maps(document["parameters"]))
        {
            var (name, settings) = (Assert.Single(parameter.Entries).Key, (TreeMap)Assert.Single(parameter.Entries).Value);
            if (!ParameterName().IsMatch(name) || !parameters.Add(name))
            {
                found.Add($"the parameter {name} has a name that none may have");
            }

            Unknown(settings, name, ["default", "description", "type"], found);
            if (Word(settings, "type") != "string")
            {
                found.Add($"{name}: the type is not string");
            }
        }

        var phases = new HashSet<string>(StringComparer.Ordinal);
        foreach (var phase in Maps(document["phases"]))
        {
            var name = Word(phase, "name");
            Unknown(phase, name, ["name", "steps"], found);
            if (!phases.Add(name))
            {
                found.Add($"two phases are called {name}");
            }

            // Image Builder runs no others.
            if (name is not ("build" or "validate" or "test"))
            {
                found.Add($"there is no phase {name}");
            }

            var steps = new HashSet<string>(StringComparer.Ordinal);
            foreach (var step in Maps(phase["steps"]))
            {
                if (!steps.Add(Word(step, "name")))
                {
                    found.Add($"{name}: two steps are called {Word(step, "name")}");
                }

                CheckStep(step, $"{name}.{Word(step, "name")}", parameters, found);
            }
        }

        return found;
    }

    private static void CheckStep(TreeMap step, string at, HashSet<string> parameters, List<string> found)
    {
        Unknown(step, at, ["action", "inputs", "loop", "maxAttempts", "name", "onFailure", "timeoutSeconds"], found);
        foreach (var key in (string[])["maxAttempts", "timeoutSeconds"])
        {
            if (step[key] is TreeScalar { Kind: not ScalarKind.Integer })
            {
                found.Add($"{at}: {key} is no number");
            }
        }

        if (step["onFailure"] is not null && Word(step, "onFailure") is not ("Abort" or "Continue" or "Ignore"))
        {
            found.Add($"{at}: onFailure is {Word(step, "onFailure")}");
        }

        var action = Word(step, "action");
        if (!Actions.TryGetValue(action, out var rules))
        {
            found.Add($"{at}: there is no action {action}");
            return;
        }

        if (step["inputs"] is TreeList != rules.IsList)
        {
            found.Add($"{at}: the inputs of {action} are {(rules.IsList ? "a list" : "no list")}");
        }

        foreach (var inputs in step["inputs"] is TreeMap map ? [map] : Maps(step["inputs"]))
        {
            found.AddRange(rules.Needed.Where(n => inputs[n] is null).Select(n => $"{at}: {action} needs {n}"));
            found.AddRange(inputs.Entries.Where(e => !rules.Known.Contains(e.Key)).Select(e => $"{at}: {action} takes no {e.Key}"));
            if (inputs["permissions"] is TreeScalar { Kind: not ScalarKind.String })
            {
                found.Add($"{at}: permissions must be text");
            }

            foreach (var entry in inputs.Entries)
            {
                foreach (Match reference in Reference().Matches((entry.Value as TreeScalar)?.Text ?? ""))
                {
                    if (!parameters.Contains(reference.Groups[1].Value))
                    {
                        found.Add($"{at}: there is no parameter {reference.Groups[1].Value}");
                    }
                }
            }
        }
    }

    private static void Unknown(TreeMap map, string at, string[] known, List<string> found) =>
        found.AddRange(map.Entries.Where(e => !known.Contains(e.Key)).Select(e => $"{at}: there is no key {e.Key}"));

    private static IEnumerable<TreeMap> Maps(TreeNode? node) => (node as TreeList)?.Items.Cast<TreeMap>() ?? [];

    private static string Word(TreeMap map, string key) => (map[key] as TreeScalar) is { } scalar ? scalar.Written ?? scalar.Text : "";

    [GeneratedRegex("^[A-Za-z0-9_-]{3,128}$")]
    private static partial Regex ParameterName();

    [GeneratedRegex(@"\{\{ *([^ }]+) *\}\}")]
    private static partial Regex Reference();
}
