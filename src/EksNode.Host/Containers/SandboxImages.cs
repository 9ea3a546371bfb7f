using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Planning.Decisions;

namespace EksNode.Host.Containers;

/// <summary>A password for a registry.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Password">The password.</param>
public sealed record RegistryPassword(string User, Secret Password);

/// <summary>Where images come from.</summary>
public sealed record SandboxImageOptions
{
    /// <summary>containerd's command line.</summary>
    public string Ctr { get; init; } = "/usr/bin/ctr";

    /// <summary>containerd's socket.</summary>
    public string Socket { get; init; } = CriClient.ContainerdSocket;

    /// <summary>The pause image that the node image carries, exported.</summary>
    public string Archive { get; init; } = Planning.Plans.NodePaths.PauseImageArchive;

    /// <summary>Whether images are unpacked by the SOCI snapshotter: it must have unpacked the pause image, too.</summary>
    public bool FastImagePull { get; init; }

    /// <summary>How long an import may take: a cold volume reads containerd's programs and the archive slowly.</summary>
    public TimeSpan ImportDeadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a pull may take.</summary>
    public TimeSpan PullDeadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an image that was imported may take to show: containerd's CRI plugin learns of it by an event.</summary>
    public TimeSpan ShowDeadline { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// Makes sure that the sandbox image is there before the kubelet starts: without it no pod can start, and containerd has no
/// credentials to pull it from a private registry by itself.
/// </summary>
/// <param name="cri">containerd, which is healthy.</param>
/// <param name="programs">Runs <c>ctr</c>.</param>
/// <param name="log">Where progress is written.</param>
/// <param name="clock">The clock of waits.</param>
/// <param name="options">Where images come from.</param>
public sealed class SandboxImages(CriClient cri, ProgramRunner programs, ILog log, TimeProvider clock, SandboxImageOptions options)
{
    private static readonly TimeSpan ShowPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Imports or pulls the image when it is missing.</summary>
    /// <param name="image">The image that containerd's configuration names.</param>
    /// <param name="passwordOf">Gives a password for the image's registry; null: it is of no registry that eksnode knows, and containerd pulls it.</param>
    /// <param name="diagnostics">Takes warnings.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The image is not there and cannot be had.</exception>
    public async Task EnsureAsync(
        string image,
        Func<string, CancellationToken, Task<RegistryPassword?>> passwordOf,
        DiagnosticBag diagnostics,
        CancellationToken cancellation)
    {
        // A baked image was unpacked for the ordinary snapshotter: the SOCI snapshotter needs its own, whether the image is there or not.
        var archived = File.Exists(options.Archive);
        if (options.FastImagePull && image == SandboxImage.Local)
        {
            if (archived)
            {
                await ImportAsync(image, cancellation).ConfigureAwait(false);
                return;
            }

            diagnostics.Report(
                DiagnosticCatalogue.PauseArchiveMissing,
                $"{options.Archive} is not there, so that the SOCI snapshotter may lack the pause image.",
                $"Bake {options.Archive}, or name a sandbox image of a registry in spec.containerd.config.",
                path: options.Archive);
        }

        if (await IsThereAsync(image, cancellation).ConfigureAwait(false))
        {
            return;
        }

        if (image == SandboxImage.Local)
        {
            if (!archived)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.SandboxImageMissing,
                    $"containerd does not have the sandbox image {image}, and {options.Archive}, from which it could be imported, is not there.",
                    "Bake the pause image, or name one of a registry in spec.containerd.config; no pod can start without it.",
                    path: options.Archive);
            }

            log.Write(LogLevel.Info, "the pause image is missing and is imported again", ("archive", options.Archive));
            await ImportAsync(image, cancellation).ConfigureAwait(false);
            return;
        }

        await PullAsync(image, passwordOf, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> IsThereAsync(string image, CancellationToken cancellation)
    {
        var answer = await cri.ImageStatusAsync(image, CriClient.DefaultDeadline, cancellation).ConfigureAwait(false);
        return answer.Value is { } images
            ? !images.Images.IsEmpty
            : throw new DiagnosticException(
                DiagnosticCatalogue.SandboxImageMissing,
                $"containerd does not tell whether it has the sandbox image {image}: {answer.Detail}.",
                "See `journalctl -u containerd.service`.");
    }

    // bootstrap of an EKS-optimized image: the same program with the same arguments.
    private async Task ImportAsync(string image, CancellationToken cancellation)
    {
        string[] address = options.Socket == CriClient.ContainerdSocket ? [] : ["--address", options.Socket];
        string[] soci = options.FastImagePull ? ["--snapshotter", "soci", "--discard-unpacked-layers=false", "--local"] : [];
        ProgramCall call = new(options.Ctr, [.. address, "--namespace", "k8s.io", "images", "import", .. soci, options.Archive], options.ImportDeadline);
        var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.ImageImportFailed,
                $"`{call}` {result.Describe()}.",
                $"Look whether {options.Archive} is an archive of {image}, and see `journalctl -u containerd.service`.",
                path: options.Archive);
        }

        var began = clock.GetTimestamp();
        while (!await IsThereAsync(image, cancellation).ConfigureAwait(false))
        {
            if (clock.GetElapsedTime(began) > options.ShowDeadline)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.SandboxImageMissing,
                    $"{options.Archive} was imported, but containerd still does not have {image} after {options.ShowDeadline.TotalSeconds:0} s.",
                    $"Export the image under that name: `ctr -n k8s.io images export {options.Archive} {image}`.",
                    path: options.Archive);
            }

            await Task.Delay(ShowPause, clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task PullAsync(string image, Func<string, CancellationToken, Task<RegistryPassword?>> passwordOf, CancellationToken cancellation)
    {
        if (await passwordOf(image, cancellation).ConfigureAwait(false) is not { } password)
        {
            log.Write(LogLevel.Info, "the sandbox image is not there yet; containerd pulls it with the first pod", ("image", image));
            return;
        }

        var answer = await cri.PullImageAsync(image, password, options.PullDeadline, cancellation).ConfigureAwait(false);
        if (answer.Fault is { } fault)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.SandboxImageNotPulled,
                $"The sandbox image {image} cannot be pulled: {answer.Detail.TrimEnd('.')}.",
                fault == GrpcFault.Timeout
                    ? "Look whether the registry can be reached: from a private subnet it needs the VPC endpoints of ECR and S3."
                    : "Look whether the node's role may pull from ECR and the registry can be reached, or name another image in spec.containerd.config.");
        }
    }
}
