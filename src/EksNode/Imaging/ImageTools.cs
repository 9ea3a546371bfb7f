using EksNode.Host.Downloads;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Host.Packages;

namespace EksNode.Imaging;

/// <summary>What a build of an image works with. Tests have their own.</summary>
internal sealed class ImageTools
{
    /// <summary>The machine's own.</summary>
    public static ImageTools OfMachine => throw new NotSupportedException();

    /// <summary>Chooses the package manager of the root.</summary>
    public required Func<ImageApplyContext, IPackageManager> Packages { get; init; }

    /// <summary>Makes what fetches downloads.</summary>
    public required Func<ImageApplyContext, IDownloader> Downloader { get; init; }

    /// <summary>Makes what keeps container images.</summary>
    public required Func<ImageApplyContext, IContainerStore> Store { get; init; }

    /// <summary>The executable of eksnode.</summary>
    public required string Executable { get; init; }

    /// <summary>The root that is worked on; who watches the effects on it gives it a watcher.</summary>
    public Func<HostRoot, HostRoot> Watched { get; init; } = static root => root;
}
