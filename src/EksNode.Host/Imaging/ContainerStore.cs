using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Disks.Copying;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Packages;
using EksNode.Host.Processes;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging;

/// <summary>Keeps container images in the image of a node.</summary>
public interface IContainerStore
{
    /// <summary>Brings all images into the store.</summary>
    /// <param name="images">The images.</param>
    /// <param name="changed">Told the name of each image that was not there, or not tagged and pinned.</param>
    /// <param name="cancellation">Ends it; what is in the store stays.</param>
    /// <returns>What of the plan is in the store now, by name.</returns>
    /// <exception cref="DiagnosticException">containerd does not run in the image, or an image cannot be had.</exception>
    Task<ImmutableArray<StoredImage>> FillAsync(ImmutableArray<ContainerImageResource> images, Action<string> changed, CancellationToken cancellation);
}

/// <summary>
/// Container images in the store of the containerd of an image, unpacked and pinned. The image's own containerd does it, with the image as its root and a
/// socket of this build's: no other one knows the form of its store. Archives in the image are imported, what none of them has is pulled.
/// </summary>
/// <param name="root">The root of the image.</param>
/// <param name="programs">Runs <c>ctr</c>; containerd gets its variables, too: which of the two pulls depends on their version.</param>
/// <param name="runner">Runs containerd.</param>
/// <param name="log">Where progress is written.</param>
/// <param name="clock">The clock of waits.</param>
public sealed class ContainerStore(HostRoot root, RootPrograms programs, ProgramRunner runner, ILog log, TimeProvider clock) : IContainerStore
{
    /// <summary>Archives of container images that are imported when an image is built, beside the pause image's.</summary>
    public const string ArchiveFolder = "/etc/eksnode/images";

    private const string RunFolder = "/run/eksnode/images";
    private const string Socket = RunFolder + "/containerd.sock";
    private const string ConfigFile = RunFolder + "/config.toml";

    // The kubelet's garbage collection leaves such an image alone (containerd, internal/cri/labels).
    private const string PinnedLabel = "io.cri-containerd.pinned=pinned";

    // The root of a folder is no mount of its own, and btrfs' plugin, which looks for one, would take the whole store down with it.
    private static readonly byte[] Config = "version = 2\ndisabled_plugins = [\"io.containerd.snapshotter.v1.btrfs\"]\n"u8.ToArray();

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(200);

    // Large images over a slow line; a build has nobody who waits at a terminal for less.
    private static readonly TimeSpan RunDeadline = TimeSpan.FromHours(2);

    private ImmutableArray<string> Archives()
    {
        var archives = new List<string>();
        if (root.Status(NodePaths.PauseImageArchive, followLink: true) is { Kind: FileKind.File })
        {
            archives.Add(NodePaths.PauseImageArchive);
        }

        foreach (var name in root.List(ArchiveFolder) ?? [])
        {
            if (name.EndsWith(".tar", StringComparison.Ordinal))
            {
                archives.Add($"{ArchiveFolder}/{name}");
            }
        }

        return archives.ToImmutable();
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<StoredImage>> FillAsync(
        ImmutableArray<ContainerImageResource> images, Action<string> changed, CancellationToken cancellation)
    {
        if (programs.Find("containerd") is not { } containerd || programs.Find("ctr") is not { } ctr)
        {
            throw Failed("The image has no containerd and ctr to keep container images with.", "Install containerd: see `spec.components.containerd`.");
        }

        // Registries have names, and a root that was never started has no name servers.
        using var loan = programs.IsMachine ? null : RootLoan.LendResolver(root);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = Start(containerd, end.Token);
        try
        {
            await WaitAsync(ctr, running, cancellation).ConfigureAwait(false);
            foreach (var archive in await MissingAsync(ctr, images, cancellation).ConfigureAwait(false) ? Archives() : [])
            {
                log.Write(LogLevel.Info, "importing container images", ("archive", archive));
                var imported = await CtrAsync(ctr, ["images", "import", archive], cancellation).ConfigureAwait(false);
                if (!imported.Succeeded)
                {
                    throw Failed($"The archive {archive} cannot be imported into the image: ctr {imported.Describe()}.", "Look whether it is an OCI archive, or one that `docker save` wrote.");
                }
            }

            return await SettleAsync(ctr, images, changed, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await EndedAsync(running).ConfigureAwait(false);
            RemoveRunFolder();
        }
    }

    private Task<ProgramResult> Start(string containerd, CancellationToken cancellation)
    {
        var unshare = programs.IsMachine ? null
            : RootPrograms.FindOnMachine("unshare") ?? throw Failed("This machine has no unshare, with which containerd runs in the image.", "Install util-linux.");
        var transaction = new FileTransaction(root);
        transaction.Write(ConfigFile, Config, 0x180);
        transaction.Stage();
        transaction.Commit();
        ImmutableArray<string> arguments =
            ["--config", ConfigFile, "--root", "/var/lib/containerd", "--state", RunFolder + "/state", "--address", Socket, "--log-level", "error"];

        // Its mounts go with it, and so does all that it started.
        var call = unshare is null ? new ProgramCall(containerd, arguments, RunDeadline)
            : new ProgramCall(unshare, ["--mount", "--pid", "--fork", "--kill-child", "--root=" + programs.Folder, "--mount-proc", "--", containerd, .. arguments], RunDeadline);
        return runner.RunAsync(call with { Environment = programs.Environment }, cancellation);
    }

    private async Task WaitAsync(string ctr, Task<ProgramResult> running, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (!(await CtrAsync(ctr, ["version"], cancellation).ConfigureAwait(false)).Succeeded)
        {
            if (running.IsCompleted)
            {
                var result = await running.ConfigureAwait(false);
                throw Failed($"The image's containerd does not run in it: it {result.Describe()}.", "Look whether the image is complete; building container images into one needs root.");
            }

            if (clock.GetElapsedTime(began) > StartDeadline)
            {
                throw Failed(
                    string.Create(CultureInfo.InvariantCulture, $"The image's containerd does not answer after {StartDeadline.TotalSeconds} s."),
                    programs.IsMachine ? "Stop the containerd that runs: `systemctl stop containerd`." : "Run with `--log-level debug`.");
            }

            await Task.Delay(StartPause, clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<bool> MissingAsync(string ctr, ImmutableArray<ContainerImageResource> images, CancellationToken cancellation)
    {
        var there = await ListAsync(ctr, cancellation).ConfigureAwait(false);
        return images.Any(i => NameIn(there, i) is null);
    }

    // Pulls what no archive had, and gives each its names and the pin.
    private async Task<ImmutableArray<StoredImage>> SettleAsync(
        string ctr, ImmutableArray<ContainerImageResource> images, Action<string> changed, CancellationToken cancellation)
    {
        var stored = new List<StoredImage>();
        foreach (var image in images)
        {
            var there = await ListAsync(ctr, cancellation).ConfigureAwait(false);
            var before = NameIn(there, image);
            if (before is null)
            {
                log.Write(LogLevel.Info, "pulling a container image", ("image", image.Name));
                Check(await CtrAsync(ctr, ["images", "pull", image.Name], cancellation).ConfigureAwait(false), image.Name, "be pulled");
                there = await ListAsync(ctr, cancellation).ConfigureAwait(false);
            }

            var name = NameIn(there, image) ?? throw Failed($"The container image {image.Name} was pulled and is not in the store.", "Run with `--log-level debug`.");
            var isChanged = before is null;
            foreach (var tag in image.Tags.Prepend(name))
            {
                if (!there.TryGetValue(tag, out var known))
                {
                    Check(await CtrAsync(ctr, ["images", "tag", name, tag], cancellation).ConfigureAwait(false), image.Name, $"be tagged {tag}");
                    known = new StoredImage(tag, there[name].Digest, false);
                    isChanged = true;
                }

                if (!known.IsPinned)
                {
                    Check(await CtrAsync(ctr, ["images", "label", tag, PinnedLabel], cancellation).ConfigureAwait(false), image.Name, "be pinned");
                    isChanged = true;
                }

                stored.Add(new StoredImage(tag, known.Digest, true));
            }

            if (isChanged)
            {
                changed(image.Name);
            }
        }

        return [.. stored.DistinctBy(i => i.Name, StringComparer.Ordinal).OrderBy(i => i.Name, StringComparer.Ordinal)];
    }

    // The name under which an image is in the store; one that only has a tag of the plan is what the node looks for.
    private static string? NameIn(SortedDictionary<string, StoredImage> there, ContainerImageResource image)
    {
        foreach (var name in image.Tags.Prepend(image.Name))
        {
            if (there.ContainsKey(name))
            {
                return name;
            }
        }

        return null;
    }

    // REF TYPE DIGEST SIZE PLATFORMS LABELS, one line each below the headings.
    private async Task<SortedDictionary<string, StoredImage>> ListAsync(string ctr, CancellationToken cancellation)
    {
        var listed = await CtrAsync(ctr, ["images", "list"], cancellation).ConfigureAwait(false);
        if (!listed.Succeeded)
        {
            throw Failed($"The image's containerd does not tell its container images: ctr {listed.Describe()}.", "Run with `--log-level debug`.");
        }

        var images = new SortedDictionary<string, StoredImage>(StringComparer.Ordinal);
        foreach (var line in listed.Output.Split('\n').Skip(1))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, _, var digest, ..])
            {
                images[name] = new StoredImage(name, digest, line.Contains(PinnedLabel, StringComparison.Ordinal));
            }
        }

        return images;
    }

    private Task<ProgramResult> CtrAsync(string ctr, ImmutableArray<string> arguments, CancellationToken cancellation) =>
        programs.InsideAsync(ctr, ["--address", Socket, "--namespace", "k8s.io", .. arguments], cancellation, RunDeadline);

    private static void Check(ProgramResult result, string image, string what)
    {
        if (!result.Succeeded)
        {
            throw Failed(
                $"The container image {image} cannot {what}: ctr {result.Describe()}.",
                $"Look whether its registry can be reached, or put an archive of it into {ArchiveFolder} of the image with `spec.files`.");
        }
    }

    private static async Task EndedAsync(Task<ProgramResult> running)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It was told to end.
        }
    }

    private void RemoveRunFolder()
    {
        using var parent = root.OpenOrNull("/run/eksnode", Libc.ReadOnly | Libc.DirectoryOnly, follow: false, "clean");
        if (parent is not null)
        {
            TreeRemoval.Remove(parent, Encoding.UTF8.GetBytes("images\0"), RunFolder, root.Steps);
        }
    }

    private static DiagnosticException Failed(string message, string help) => new(DiagnosticCatalogue.ContainerImageMissing, message, help);
}
