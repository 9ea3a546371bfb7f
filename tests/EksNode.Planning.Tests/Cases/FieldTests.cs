using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Schemas;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Tests.Cases;

/// <summary>Every setting of the table has a case, and its documented default is what the planner uses.</summary>
public sealed class FieldTests
{
    // Settings that no document of a user has.
    private static readonly Dictionary<string, string> WithoutCase = new(StringComparer.Ordinal)
    {
        ["status"] = "it stands in the cache of an EKS-optimized image alone and has no effect",
    };

    // Settings that decide how a join runs, not what it writes: no plan tells their values apart.
    private static readonly string[] OfTheRun =
    [
        .. HookSettings.Stages.SelectMany(s => (string[])[$"spec.hooks.{s}[].timeout", $"spec.hooks.{s}[].onFailure"]), "spec.readiness.wait",
    ];

    // Defaults of containerd itself: what is not set is not written, so that the file differs and the registry's mirror does not.
    private static readonly string[] OfContainerd =
        ["spec.registries.*.mirrors[].capabilities", "spec.registries.*.mirrors[].overridePath", "spec.registries.*.mirrors[].skipVerify"];

    // The newest minor that most cases are about; a default does not depend on it.
    private static readonly MatrixMember Member = new(34, 2);

    public static TheoryData<string> Constants => [.. NodeConfigField.All().Where(f => f.Constant is not null && !OfTheRun.Contains(f.Path) && !OfContainerd.Contains(f.Path)).Select(f => f.Path)];

    [Fact]
    public void Every_setting_is_in_a_case()
    {
        var documents = CaseInput.Names.SelectMany(n => CaseInput.Of(n).Documents()).ToList();
        var missing = NodeConfigField.All().Where(f => !documents.Any(d => NodeConfigPaths.Has(d, f))).Select(f => f.Path);
        Assert.Equal(WithoutCase.Keys, missing);
    }

    [Theory]
    [MemberData(nameof(Constants))]
    public void Setting_the_documented_default_changes_nothing_and_another_value_does(string path)
    {
        var field = NodeConfigField.All().Single(f => f.Path == path);
        var told = false;
        foreach (var name in CaseInput.Names)
        {
            // Of several documents a later one wins, and a preset stands below what is set: in both, to set the default is not to set nothing.
            var input = CaseInput.Of(name);
            if (input.Documents() is not [var given] || NodeConfigPaths.Without(given, field) is not { } document || (field.IsOwn && document["apiVersion"] is TreeScalar { Text: ApiGroups.NodeEksV1Alpha1 }) || document["spec"] is TreeMap { } spec && spec["preset"] is not null)
            {
                continue;
            }

            var changed = NodeConfigPaths.With(document, field, field.Constant!);
            var effects = Effects(input.With(document));
            if (NodeConfigPaths.Values(changed, field).Count() == NodeConfigPaths.Values(document, field).Count())
            {
                continue;
            }

            Assert.Equal(effects, Effects(input.With(changed)));
            told = told || Others(field).Any(o => !effects.SequenceEqual(Effects(input.With(NodeConfigPaths.With(document, field, o)))));
        }

        Assert.True(told, $"No case tells the default of {path} from another value.");
    }

    [Fact]
    public void The_documented_defaults_of_hooks_are_those_that_join_uses()
    {
        var text = $$$"""
            apiVersion: {{{ApiGroups.EksNodeV1Alpha1}}}
            kind: NodeConfig
            spec: {hooks: {preConfigure: [{command: [/a]}], preStart: [{command: [/a]}], postStart: [{command: [/a]}]}}
            """;
        var config = ConfigurationReader.Read([new SourceContent("test", Encoding.UTF8.GetBytes(text), IsUserData: false)], new DiagnosticBag()).Configuration;
        foreach (var stage in HookSettings.Stages)
        {
            var hook = config.Hooks.ByStage[stage][0].Value;
            Assert.Equal(Documented($"spec.hooks.{stage}[].timeout"), hook.Timeout.Value.ToString());
            Assert.Equal(Documented($"spec.hooks.{stage}[].onFailure"), hook.ContinuesOnFailure ? "Continue" : "Fail");
        }

        static string Documented(string path) => GoDuration.Parse(NodeConfigField.All().Single(f => f.Path == path).Default).TryGet(out var duration, out _)
            ? duration.ToString()
            : NodeConfigField.All().Single(f => f.Path == path).Default;
    }

    // Values that are not the default.
    private static IEnumerable<TreeNode> Others(NodeConfigField field)
    {
        var origin = Origin.Default("a test");
        return field.Constant switch
        {
            TreeScalar { Kind: ScalarKind.Bool } truth => [TreeScalar.Of(truth.Text != "true", origin)],
            TreeScalar { Kind: ScalarKind.Integer } => [TreeScalar.Of(1, origin)],
            TreeList list => [new TreeList(list.Items[..1], origin)],
            TreeScalar { Text: ['/', ..] } => [TreeScalar.Of("/mnt/elsewhere", origin)],
            TreeScalar word when field.Values.IsEmpty => [TreeScalar.Of(word.Text == "1h" ? "2h" : "1h", origin)],
            TreeScalar word => field.Values.Where(v => v != word.Text).Select(v => TreeScalar.Of(v, origin)),
            _ => [],
        };
    }

    private static List<KeyValuePair<string, string>> Effects(CaseInput input)
    {
        var diagnostics = new DiagnosticBag();
        var effects = Cases.Effects.Of(Planner.Plan(input.Configuration(diagnostics), input.Facts(Member), diagnostics), diagnostics);

        // The order of keys has no meaning.
        return [.. effects.Where(e => e.Key != Cases.Effects.Diagnostics).Select(e => e.Key.EndsWith(".json", StringComparison.Ordinal)
            ? KeyValuePair.Create(e.Key, JsonWriter.Write(JsonReader.Read(e.Value, e.Key, 0, diagnostics)!))
            : e)];
    }
}
