using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>How far a join waits for the node.</summary>
public enum ReadinessWait
{
    /// <summary>Until the kubelet is started.</summary>
    None,

    /// <summary>Until the kubelet is healthy: the default.</summary>
    Kubelet,

    /// <summary>Until the Node is Ready.</summary>
    Ready,
}

/// <summary><c>spec.readiness</c>: what the flags <c>--wait</c> and <c>--timeout</c> of join say when they are not given.</summary>
public sealed class ReadinessSettings
{
    private static readonly WordList<ReadinessWait> Words = WordList.Of(
        ["None", "Kubelet", "Ready"], [ReadinessWait.None, ReadinessWait.Kubelet, ReadinessWait.Ready]);

    /// <summary>How far it waits.</summary>
    public Sourced<ReadinessWait>? Wait { get; init; }

    /// <summary>How long services may take in all, above zero; null: each its own deadline.</summary>
    public Sourced<GoDuration>? Timeout { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="section">The section.</param>
    internal static ReadinessSettings Read(Section section)
    {
        var settings = new ReadinessSettings
        {
            Wait = section.ChoiceInAnyCase("wait", Words),
            Timeout = section.Wait("timeout", "Write how long services may take in all, such as `15m`.", DiagnosticCatalogue.BadReadinessTimeout),
        };
        section.Finish();
        return settings;
    }

    /// <summary>The earlier settings with the later ones laid over them.</summary>
    /// <param name="earlier">The earlier ones.</param>
    /// <param name="later">The later ones.</param>
    internal static ReadinessSettings Merge(ReadinessSettings earlier, ReadinessSettings later) =>
        new() { Wait = later.Wait ?? earlier.Wait, Timeout = later.Timeout ?? earlier.Timeout };
}
