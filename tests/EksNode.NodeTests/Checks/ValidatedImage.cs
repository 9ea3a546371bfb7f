using System.Globalization;
using System.Text.Json.Nodes;
using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary><c>eksnode image validate</c> with the ImageConfig of the image, and the controls of its profile: each is satisfied, or it is said why not.</summary>
internal static class ValidatedImage
{
    private const string Folder = "/run/node-test/document";

    // Every kind of thing that the image of a node has; of a running machine also by its kernel and its containerd.
    private static readonly string[] Checks = ["lock", "file", "package", "program", "unit", "module", "kernelArgument", "image", "manifest"];

    /// <summary>What script/node-test-image was told of the root before its first boot.</summary>
    public static async Task<string> OfRootAsync(NodeTestOptions options, CancellationToken cancellation) =>
        await OfAsync(options, await File.ReadAllTextAsync(options.Validation, cancellation), cancellation);

    /// <summary>Asks the machine.</summary>
    public static async Task<string> OfMachineAsync(NodeTestOptions options, GuestShell shell, CancellationToken cancellation)
    {
        await shell.ReadAsync(
            $"mkdir -p {Folder} && {{ mountpoint -q {Folder} || mount -o ro /dev/disk/by-id/virtio-{VirtualMachine.DocumentSerial} {Folder}; }}", cancellation);
        var answer = await shell.AskAsync($"eksnode image validate -c {Folder}/image.yaml --output json", 180, cancellation);
        return answer.Status == 0
            ? await OfAsync(options, answer.Output, cancellation)
            : throw new NodeTestException($"`eksnode image validate` ended with {answer.Status}:\n{Problems(answer.Output)}");
    }

    /// <summary>Fails when not everything was looked at, or a control of the profile is neither satisfied nor explained.</summary>
    private static async Task<string> OfAsync(NodeTestOptions options, string text, CancellationToken cancellation)
    {
        var validation = JsonNode.Parse(text)!;
        var findings = validation["findings"]!.AsArray();
        foreach (var check in Checks)
        {
            var found = findings.Count(f => Text(f, "check") == check && Text(f, "status") == "asPlanned" && Text(f, "note") != "the next boot brings it");
            if (found == 0)
            {
                throw new NodeTestException($"`eksnode image validate` has found nothing as planned with the check {check}:\n{Problems(text)}");
            }
        }

        var plan = JsonNode.Parse(await File.ReadAllTextAsync(options.Controls, cancellation))!["controls"]!.AsArray();
        var judged = validation["controls"]!.AsArray().ToDictionary(control => Text(control, "id")!, StringComparer.Ordinal);
        var (satisfied, without, explained) = (0, new List<string>(), 0);
        foreach (var control in plan)
        {
            var id = Text(control, "id")!;
            if (Text(control, "status") != "applied")
            {
                explained += Text(control, "reason") is { Length: > 0 } ? 1 : throw new NodeTestException($"The plan does not say why {id} is {Text(control, "status")}.");
            }
            else if (judged.GetValueOrDefault(id) is not { } judgement || !judgement["asPlanned"]!.GetValue<bool>())
            {
                throw new NodeTestException($"{id} is in the plan and not satisfied: {judged.GetValueOrDefault(id)?.ToJsonString() ?? "nothing carries it"}");
            }
            else if (judgement["notApplicable"]!.AsArray().Count == judgement["resources"]!.GetValue<int>())
            {
                without.Add($"{id.Split(' ')[^1]} ({string.Join(", ", judgement["notApplicable"]!.AsArray())})");
            }
            else
            {
                satisfied++;
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"image as its document says, {findings.Count} checks; of {plan.Count} controls {satisfied} satisfied, {explained} not planned with their reasons, {without.Count} with nothing there: {string.Join(", ", without)}");
    }

    private static string Problems(string text)
    {
        try
        {
            var validation = JsonNode.Parse(text)!;
            return string.Join('\n', (validation["findings"] as JsonArray ?? []).Where(f => Text(f, "status") is not "asPlanned").Concat(validation["diagnostics"]!.AsArray()).Select(f => f!.ToJsonString()));
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }

    private static string? Text(JsonNode? node, string key) => node?[key]?.GetValue<string>();
}
