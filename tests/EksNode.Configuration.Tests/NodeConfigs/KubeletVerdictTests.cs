using System.Text.Json;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>
/// 1 300 drop-ins, most with one fault, and what the kubelet of that minor said when it was started with them, up to its check
/// of the container runtime. Our errors must be its refusals.
/// </summary>
public sealed class KubeletVerdictTests
{
    // What a kubelet refuses only after that check (managers of CPU, memory, eviction, logs, reserved resources, and the
    // server's address), so that the recorded verdict is "accepted" while no pod would ever run.
    private static readonly string[] RefusedLater =
    [
        "containerLogMaxFiles", "containerLogMaxSize", "cpuManagerPolicy", "memoryManagerPolicy", "evictionHard", "evictionSoft", "kubeReserved",
        "systemReserved", "healthzBindAddress", "configMapAndSecretChangeDetectionStrategy",
    ];

    public static TheoryData<string> Minors => [.. Enumerable.Range(30, 7).Select(minor => $"1.{minor}")];

    [Theory]
    [MemberData(nameof(Minors))]
    public void Errors_are_what_the_kubelet_refuses(string minor)
    {
        var wrong = new List<string>();
        var checkedCount = 0;
        foreach (var line in File.ReadLines(TestFiles.Folder("NodeConfigs", "kubelet-verdicts.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("minor").GetString() != minor)
            {
                continue;
            }

            checkedCount++;
            var accepted = json.RootElement.GetProperty("accepted").GetBoolean();
            var bag = new DiagnosticBag();
            var config = Assert.IsType<TreeMap>(JsonReader.Read(json.RootElement.GetProperty("config").GetRawText(), "verdict", 0, bag));
            KubeletConfigRules.Check(config, SemanticVersion.Find(minor + ".0"), bag, generated: Generated(minor));
            var errors = bag.Items.Where(d => d.Severity == Severity.Error).ToList();
            var sure = errors.Where(e => !RefusedLater.Any(f => (e.Path ?? "").Contains(f, StringComparison.Ordinal))).ToList();

            // Up to 1.31 a field in the wrong case is read; we warn of the name, whatever its value.
            var misspelt = int.Parse(minor[2..]) <= 31 && bag.Items.Any(d => d.Help.StartsWith("Keys are case sensitive", StringComparison.Ordinal));
            if (accepted ? sure.Count > 0 : errors.Count == 0 && !misspelt)
            {
                wrong.Add($"{line}\n    {string.Join("\n    ", bag.Items.Select(d => d.ToString()))}");
            }
        }

        Assert.True(checkedCount > 100, "The sample has too few drop-ins for this minor.");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {checkedCount}:\n{string.Join('\n', wrong)}");
    }

    // The fields of the generated configuration that were beside the drop-ins and that conflicts are judged with.
    private static TreeMap Generated(string minor)
    {
        var graceful = int.Parse(minor[2..]) >= 34;
        var text = $$"""
            {"shutdownGracePeriod": "{{(graceful ? "2m30s" : "0s")}}", "shutdownGracePeriodCriticalPods": "{{(graceful ? "30s" : "0s")}}",
             "serializeImagePulls": false, "cgroupsPerQOS": true, "systemReservedCgroup": "/system", "kubeReservedCgroup": "/runtime"}
            """;
        return Assert.IsType<TreeMap>(JsonReader.Read(text, "generated", 0, new DiagnosticBag()));
    }
}
