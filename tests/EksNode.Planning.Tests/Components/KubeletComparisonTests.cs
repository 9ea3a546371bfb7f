using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Kubelet;

namespace EksNode.Planning.Tests.Components;

/// <summary>What a running kubelet tells is compared leaf by leaf with what is planned for it.</summary>
public sealed class KubeletComparisonTests
{
    private static EffectiveKubelet Planned => EffectiveKubelet.Of(new KubeletInputs
    {
        Minor = 33,
        File = Map("""{"kind":"KubeletConfiguration","maxPods":29,"evictionHard":{"memory.available":"100Mi"},"clusterDNS":["172.20.0.10"],"serverTLSBootstrap":true}"""),
    });

    [Fact]
    public void What_runs_as_planned_has_no_difference() => Assert.Empty(KubeletComparison.Compare(Planned, Running(), 33));

    [Theory]
    [InlineData("\"maxPods\":29", "\"maxPods\":30", "maxPods", "29", "30")]
    [InlineData("\"maxPods\":29,", "", "maxPods", "29", "nothing")]
    [InlineData("\"memory.available\":\"100Mi\"", "\"memory.available\":\"200Mi\"", "evictionHard.memory.available", "\"100Mi\"", "\"200Mi\"")]
    [InlineData("\"memory.available\":\"100Mi\"", "\"memory.available\":\"100Mi\",\"pid.available\":\"5%\"", "evictionHard.pid.available", "nothing", "\"5%\"")]
    [InlineData("[\"172.20.0.10\"]", "[\"10.100.0.10\"]", "clusterDNS", "[\"172.20.0.10\"]", "[\"10.100.0.10\"]")]
    public void Each_difference_is_named(string text, string other, string path, string planned, string running)
    {
        var before = JsonWriter.Write(Running(), indent: 0);
        Assert.Contains(text, before, StringComparison.Ordinal);
        var difference = Assert.Single(KubeletComparison.Compare(Planned, Map(before.Replace(text, other, StringComparison.Ordinal)), 33));
        Assert.Equal(
            (path, planned, running),
            (difference.Path, KubeletDifference.TextOf(difference.Planned?.Value), KubeletDifference.TextOf(difference.Running)));
    }

    [Fact]
    public void A_field_that_no_table_knows_is_no_difference() =>
        Assert.Empty(KubeletComparison.Compare(Planned, Map(JsonWriter.Write(Running(), indent: 0).Replace("{\"", "{\"fieldOfTomorrow\":1,\"", StringComparison.Ordinal)), 33)
            .Where(d => d.Path == "fieldOfTomorrow"));

    // The planned leaves as /configz nests them.
    private static TreeMap Running()
    {
        var root = new System.Text.Json.Nodes.JsonObject();
        foreach (var setting in Planned.Settings)
        {
            var node = root;
            var keys = setting.Path.StartsWith("eviction", StringComparison.Ordinal) && setting.Path.Contains('.', StringComparison.Ordinal)
                ? setting.Path.Split('.', 2)
                : setting.Path.Split('.');
            foreach (var key in keys[..^1])
            {
                if (node[key] is not System.Text.Json.Nodes.JsonObject below)
                {
                    node[key] = below = [];
                }

                node = below;
            }

            node[keys[^1]] = System.Text.Json.Nodes.JsonNode.Parse(JsonWriter.Write(setting.Value, indent: 0));
        }

        return Map(root.ToJsonString());
    }

    private static TreeMap Map(string text) => (TreeMap)JsonReader.Read(text, "test", 0, new DiagnosticBag())!;
}
