using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Processes;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>What an image is checked with.</summary>
public sealed class CheckContext
{
    /// <summary>The image.</summary>
    public required HostRoot Root { get; init; }

    /// <summary>Runs programs.</summary>
    public required ProgramRunner Programs { get; init; }

    /// <summary>Where to report.</summary>
    public required DiagnosticBag Diagnostics { get; init; }

    /// <summary>What the image should have.</summary>
    public required ImmutableArray<Resource> Resources { get; init; }

    /// <summary>The lock; null: there is none.</summary>
    public LockedImage? Lock { get; init; }

    /// <summary>The image manifest; null: there is none.</summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The container runtime; null: none runs here.</summary>
    public CriClient? Runtime { get; init; }

    /// <summary>Whether it is the running machine's own root.</summary>
    public bool IsMachine => Path.GetFullPath(Root.Path) == "/";
}
