using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Aws.Imds;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Aws;

/// <summary>Facts of the instance that are asked for because a template names them: tags, lifecycle, placement. All are asked at once.</summary>
internal sealed class NamedFacts
{
    private readonly List<(string Fact, Task<ImdsReading> Reading)> asked = [];

    /// <summary>Begins to ask.</summary>
    /// <param name="names">The names of the facts.</param>
    /// <param name="read">Asks IMDS.</param>
    public NamedFacts(ImmutableArray<string> names, Func<ImdsKey, Task<ImdsReading>> read)
    {
        foreach (var name in names)
        {
            asked.Add((name, read(KeyOf(name))));
        }
    }

    /// <summary>The facts with the answers. What the instance does not have stays out; what IMDS refused is a warning.</summary>
    /// <param name="facts">The facts so far.</param>
    /// <param name="sources">Takes where the facts came from.</param>
    /// <param name="bag">Where diagnostics go.</param>
    public async Task<InstanceFacts> AddToAsync(InstanceFacts facts, Dictionary<string, string> sources, DiagnosticBag bag)
    {
        foreach (var (fact, reading) in asked)
        {
            switch (await reading.ConfigureAwait(false))
            {
                case ImdsValue value when Encoding.UTF8.GetString(value.Bytes.Span).TrimEnd('\r', '\n') is { Length: > 0 } text:
                    facts = With(facts, fact, text);
                    sources[fact] = "IMDS";
                    break;
                case ImdsFailure failure:
                    bag.Add(failure.Diagnostic with { Severity = Severity.Warning });
                    break;
            }
        }

        return facts;
    }

    private static InstanceFacts With(InstanceFacts facts, string fact, string text) => fact switch
    {
        "instance.lifecycle" => facts with { Lifecycle = text },
        "instance.placementGroup" => facts with { PlacementGroup = text },
        "instance.partition" => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? facts with { Partition = number } : facts,
        _ => facts with { Tags = facts.Tags.SetItem(Template.TagOf(fact)!, text) },
    };

    // IMDS keys: EC2 user guide, "Access instance metadata" and "Use instance metadata tags".
    private static ImdsKey KeyOf(string fact) => fact switch
    {
        "instance.lifecycle" => new ImdsKey("latest/meta-data/instance-life-cycle"),
        "instance.placementGroup" => new ImdsKey("latest/meta-data/placement/group-name"),
        "instance.partition" => new ImdsKey("latest/meta-data/placement/partition-number"),
        _ => new ImdsKey("latest/meta-data/tags/instance/" + Escaped(Template.TagOf(fact)!)),
    };

    // What a tag may have is allowed in a path as it is, but for letters beyond ASCII.
    private static string Escaped(string tag)
    {
        var path = new StringBuilder();
        foreach (var rune in tag.EnumerateRunes())
        {
            path.Append(rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        }

        return path.ToString();
    }
}
