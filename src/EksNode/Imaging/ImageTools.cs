using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Files;
using EksNode.Host.Http;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Packages;
using EksNode.Host.Processes;
using EksNode.Planning.Image;

namespace EksNode.Imaging;

/// <summary>Chooses the package manager of a root.</summary>
/// <param name="image">The plan of the image.</param>
/// <param name="root">The root.</param>
/// <param name="environment">Variables of its programs: those of the proxy.</param>
/// <param name="log">Where it tells what it does.</param>
/// <param name="diagnostics">Where it reports.</param>
internal delegate IPackageManager PackageManagerChoice(ImagePlan image, HostRoot root, ImmutableArray<string> environment, ILog log, DiagnosticBag diagnostics);

/// <summary>What a build of an image works with. Tests have their own.</summary>
internal sealed class ImageTools
{
    /// <summary>The machine's own.</summary>
    public static ImageTools OfMachine => new()
    {
        Packages = PackagesOf,
        Downloader = DownloaderOf,
        Store = StoreOf,
        Executable = Environment.ProcessPath ?? "/proc/self/exe",
    };

    /// <summary>Chooses the package manager of the root.</summary>
    public required PackageManagerChoice Packages { get; init; }

    /// <summary>Makes what fetches downloads.</summary>
    public required Func<ImageApplyContext, IDownloader> Downloader { get; init; }

    /// <summary>Makes what keeps container images.</summary>
    public required Func<ImageApplyContext, IContainerStore> Store { get; init; }

    /// <summary>The executable of eksnode.</summary>
    public required string Executable { get; init; }

    /// <summary>The root that is worked on; who watches the effects on it gives it a watcher.</summary>
    public Func<HostRoot, HostRoot> Watched { get; init; } = static root => root;

    private static IPackageManager PackagesOf(ImagePlan image, HostRoot root, ImmutableArray<string> environment, ILog log, DiagnosticBag diagnostics)
    {
        var decisions = image.Decisions;
        var target = new PackageTarget
        {
            Root = root,
            Distribution = decisions.Distribution.Value,
            Release = decisions.Release?.Value,
            Architecture = decisions.Architecture.Value,
            Environment = environment,
        };
        return PackageManagers.For(target, new ProgramRunner(), log, diagnostics);
    }

    private static ContainerStore StoreOf(ImageApplyContext context)
    {
        var programs = new RootPrograms(context.Root, new ProgramRunner(), context.Log) { Environment = context.Proxy };
        return new ContainerStore(context.Root, programs, new ProgramRunner(), context.Log, context.Io.Clock);
    }

    private static Downloader DownloaderOf(ImageApplyContext context)
    {
        var environment = context.Io.Environment;
        foreach (var variable in context.Proxy)
        {
            environment = environment.SetItem(variable[..variable.IndexOf('=', StringComparison.Ordinal)], variable[(variable.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }

        var options = new HttpSenderOptions
        {
            Proxy = GoProxy.FromEnvironment(environment) is { IsConfigured: true } proxy ? proxy : null,
            Trust = TrustStore.FromEnvironment(context.Io.Environment),
        };
        return new Downloader(context.Request.Cache, new HttpSender(options, context.Io.Clock), context.Io.Clock);
    }
}
