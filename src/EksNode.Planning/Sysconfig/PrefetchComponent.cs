using System.Collections.Immutable;
using System.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary>
/// <c>spec.images.prefetch</c>: a unit that pulls the images. Join starts it when the node has started, and does not wait for it; images that are
/// there already cost nothing.
/// </summary>
public sealed class PrefetchComponent : IComponent
{
    /// <summary>The unit.</summary>
    public const string Unit = NodePaths.PrefetchService + ".service";

    /// <summary>Its file.</summary>
    public const string Path = "/etc/systemd/system/" + Unit;

    /// <inheritdoc/>
    public string Name => "prefetch";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        if (context.Config.Prefetch is not { } images)
        {
            yield break;
        }

        // The name of an image has nothing in it that systemd expands or quotes.
        var text = new StringBuilder("[Unit]\nDescription=Pull container images ahead of their pods\nAfter=containerd.service kubelet.service\n\n[Service]\nType=exec\nExecStart=")
            .Append(NodePaths.Eksnode).Append(" pull --timeout 1h");
        var reasons = ImmutableArray.CreateBuilder<Reason>();
        foreach (var image in images.Value)
        {
            text.Append(" \\\n  ").Append(image);
            reasons.Add(new Reason("images.prefetch", image, images.Origin));
        }

        yield return new FileResource
        {
            Path = Path,
            Content = [.. Encoding.UTF8.GetBytes(text.Append('\n').ToString())],
            Restarts = [Unit],
            Baking = Baking.OfDropIn,
            Reasons = reasons.ToImmutable(),
        };
    }
}
