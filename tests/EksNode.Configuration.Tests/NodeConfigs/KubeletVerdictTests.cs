using System.Text.Json;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>
/// Drop-ins, most with one fault, and what the kubelet of that minor said when it was started with them, up to its check of the
/// container runtime. Our errors must be its refusals; what it refuses later (a manager that does not start) is a warning.
/// </summary>
public sealed class KubeletVerdictTests
{
    public static TheoryData<string> Minors => [.. Enumerable.Range(30, 7).Select(minor => $"1.{minor}")];

    // Settings that every kubelet accepts, whatever else a document has.
    private static readonly string[] Harmless = ["\"eventBurst\": 100", "\"registerNode\": true", "\"syncFrequency\": \"1m\"", "\"volumePluginDir\": \"/x\"", "\"clusterDomain\": \"a.b\""];

    /// <summary>Answers of two kubelets to other documents than those of the sample, each with its version and the day.</summary>
    [Fact]
    public void Errors_are_what_recorded_kubelets_refuse() => Judge("kubelet-verdicts-recorded.jsonl", _ => true, config => config, 1000);

    /// <summary>Single flags beside a generated configuration: of the refused ones 97 of 100 are errors at their place, of the accepted ones none.</summary>
    [Theory]
    [InlineData("1.33")]
    [InlineData("1.36")]
    public void Errors_of_flags_are_what_recorded_kubelets_refuse(string minor)
    {
        var (refused, missed, wrong) = (0, new List<string>(), new List<string>());
        foreach (var line in File.ReadLines(TestFiles.Folder("NodeConfigs", "kubelet-flag-verdicts-recorded.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            var flag = json.RootElement.GetProperty("flag").GetString()!;

            // The kubelet leaves out a gate that it does not know when a flag sets it, and says so in its log alone: an error all the same.
            if (json.RootElement.GetProperty("minor").GetString() != minor || flag == "--feature-gates=x=true")
            {
                continue;
            }

            var bag = new DiagnosticBag();
            var origin = new Origin(OriginKind.Configuration, "flags", 0, 7, 3);
            KubeletFlagRules.Check([new Sourced<string>($"'{flag}'", origin)], SemanticVersion.Find(minor + ".0"), bag, generated: Generated(minor));
            var isAccepted = json.RootElement.GetProperty("accepted").GetBoolean();
            refused += isAccepted ? 0 : 1;
            if (isAccepted == bag.HasErrors)
            {
                (isAccepted ? wrong : missed).Add($"{flag}: {string.Join("; ", bag.Items)}");
            }

            Assert.All(bag.Items, d => Assert.Equal((origin, "spec.kubelet.flags[0]"), (d.Origin, d.Path)));
        }

        Assert.True(refused > 150, $"Only {refused} are refused.");
        Assert.True(wrong.Count == 0, $"{wrong.Count} accepted flags are errors:\n{string.Join('\n', wrong)}");
        Assert.True(missed.Count <= refused * 0.03, $"{missed.Count} of {refused} refused flags are no errors:\n{string.Join('\n', missed)}");
    }

    /// <summary>A document of the sample with a harmless setting more has the verdict that it had.</summary>
    [Theory]
    [MemberData(nameof(Minors))]
    public void A_harmless_setting_changes_no_verdict(string minor) => Judge(
        "kubelet-verdicts.jsonl",
        row => row.GetProperty("minor").GetString() == minor,
        config =>
        {
            var field = Harmless.First(h => !config.Contains(h.Split(':')[0], StringComparison.OrdinalIgnoreCase));
            return config.Trim() is "{}" ? $"{{{field}}}" : $"{{{field}, {config.Trim()[1..]}";
        },
        100);

    /// <summary>What cannot be decoded into a field's type is refused by every kubelet that has the field.</summary>
    [Fact]
    public void A_wrong_type_is_an_error_in_every_minor_that_has_the_field()
    {
        var seen = 0;
        foreach (var line in File.ReadLines(TestFiles.Folder("NodeConfigs", "kubelet-verdicts.jsonl")).Where(l => l.Contains("cannot unmarshal", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(line);
            var first = int.Parse(json.RootElement.GetProperty("minor").GetString()![2..]);
            for (var minor = first; minor <= 36; minor++)
            {
                seen++;

                // A later kubelet does not find a name in the wrong case.
                Assert.True(
                    Check(json.RootElement.GetProperty("config").GetRawText(), $"1.{minor}") is var bag && (bag.HasErrors || bag.Items.Any(d => d.Code == "EKN0401")),
                    $"1.{minor} {line}");
            }
        }

        Assert.True(seen > 500, $"Only {seen} documents were judged.");
    }

    [Theory]
    [MemberData(nameof(Minors))]
    public void Errors_are_what_the_kubelet_refuses(string minor) =>
        Judge("kubelet-verdicts.jsonl", row => row.GetProperty("minor").GetString() == minor, config => config, 100);

    [Fact]
    public void Every_name_that_no_kubelet_has_is_a_warning()
    {
        var names = File.ReadLines(Path.Combine(TestFiles.Root, "data", "kubelet-configuration-fields.tsv")).Skip(1)
            .Select(row => row.Split('\t')[0]).ToHashSet(StringComparer.Ordinal);
        var wrong = 0;
        foreach (var line in File.ReadLines(TestFiles.Folder("NodeConfigs", "kubelet-verdicts.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            var config = json.RootElement.GetProperty("config");
            var bag = new DiagnosticBag();
            var tree = Assert.IsType<TreeMap>(JsonReader.Read(config.GetRawText(), "verdict", 0, bag));
            KubeletConfigRules.Check(tree, SemanticVersion.Find(json.RootElement.GetProperty("minor").GetString() + ".0"), bag);
            foreach (var field in config.EnumerateObject().Where(f => !names.Contains(f.Name) && f.Name is not ("kind" or "apiVersion")))
            {
                wrong++;
                Assert.True(
                    bag.Items.Any(d => d.Code == DiagnosticCatalogue.UnknownKubeletField.Code && d.Path == $"spec.kubelet.config.{field.Name}" && d.Help.Length > 0),
                    $"{field.Name} of {line}");
            }
        }

        Assert.True(wrong > 100, $"The sample has only {wrong} wrong names.");
    }

    private static void Judge(string file, Func<JsonElement, bool> wanted, Func<string, string> mutate, int fewest)
    {
        var wrong = new List<string>();
        var checkedCount = 0;
        foreach (var line in File.ReadLines(TestFiles.Folder("NodeConfigs", file)))
        {
            using var json = JsonDocument.Parse(line);
            if (!wanted(json.RootElement))
            {
                continue;
            }

            checkedCount++;
            var bag = Check(mutate(json.RootElement.GetProperty("config").GetRawText()), json.RootElement.GetProperty("minor").GetString()!);
            if (bag.HasErrors == json.RootElement.GetProperty("accepted").GetBoolean())
            {
                wrong.Add($"{line}\n    {string.Join("\n    ", bag.Items.Select(d => d.ToString()))}");
            }
        }

        Assert.True(checkedCount > fewest, $"There are only {checkedCount} drop-ins.");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {checkedCount}:\n{string.Join('\n', wrong)}");
    }

    private static DiagnosticBag Check(string config, string minor)
    {
        var bag = new DiagnosticBag();
        var tree = Assert.IsType<TreeMap>(JsonReader.Read(config, "verdict", 0, bag));
        KubeletConfigRules.Check(tree, SemanticVersion.Find(minor + ".0"), bag, generated: Generated(minor));
        return bag;
    }

    // The fields of the generated configuration that were beside the drop-ins and that conflicts are judged with.
    private static TreeMap Generated(string minor)
    {
        var graceful = int.Parse(minor[2..]) >= 34;
        var text = $$"""
            {"shutdownGracePeriod": "{{(graceful ? "2m30s" : "0s")}}", "shutdownGracePeriodCriticalPods": "{{(graceful ? "30s" : "0s")}}",
             "serializeImagePulls": false, "cgroupsPerQOS": true, "serverTLSBootstrap": true, "cgroupRoot": "/",
             "featureGates": {"RotateKubeletServerCertificate": true}, "systemReservedCgroup": "/system", "kubeReservedCgroup": "/runtime"}
            """;
        return Assert.IsType<TreeMap>(JsonReader.Read(text, "generated", 0, new DiagnosticBag()));
    }
}
