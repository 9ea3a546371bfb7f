using EksNode.Host.Downloads;
using EksNode.Host.Files;
using EksNode.Host.Http;
using EksNode.Host.Imaging;
using EksNode.Host.Packages;
using EksNode.Host.Processes;

namespace EksNode.Imaging;

/// <summary>What a build of an image works with. Tests have their own.</summary>
internal sealed class ImageTools
{
    /// <summary>The machine's own.</summary>
    public static ImageTools OfMachine => new()
    {
        Packages = PackagesOf,
        Downloader = DownloaderOf,
        Store = static context => new ContainerStore(context.Root, context.Programs, new ProgramRunner(), context.Log, context.Io.Clock),
        Executable = Environment.ProcessPath ?? "/proc/self/exe",
    };

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

    private static IPackageManager PackagesOf(ImageApplyContext context)
    {
        var decisions = context.Image.Decisions;
        var target = new PackageTarget
        {
            Root = context.Root,
            Distribution = decisions.Distribution.Value,
            Release = decisions.Release?.Value,
            Architecture = decisions.Architecture.Value,
        };
        return PackageManagers.For(target, new ProgramRunner(), context.Log, context.Run.Diagnostics);
    }

    private static Downloader DownloaderOf(ImageApplyContext context)
    {
        var sender = new HttpSender(
            new HttpSenderOptions { Proxy = GoProxy.FromEnvironment(context.Io.Environment) is { IsConfigured: true } proxy ? proxy : null }, context.Io.Clock);
        return new Downloader(context.Request.Cache, sender, context.Io.Clock);
    }
}
