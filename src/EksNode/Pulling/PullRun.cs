using EksNode.Aws.Identity;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Containers;
using EksNode.Host.Logging;
using EksNode.Host.Services;
using EksNode.Rendering;

namespace EksNode.Pulling;

/// <summary>What is to be pulled.</summary>
internal sealed class PullRequest
{
    /// <summary>The images, as a pod names them.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>How long all of them may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Where the container runtime listens.</summary>
    public required string Socket { get; init; }

    /// <summary>Whether the kubelet's garbage collection must leave them alone.</summary>
    public bool Pin { get; init; }

    /// <summary>Further names: of the one image.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Regions: each image gets the name that it has there.</summary>
    public IReadOnlyList<string> AliasRegions { get; init; } = [];
}

/// <summary>Pulls images one after the other, shows how far it is, and pins and names what is there.</summary>
/// <param name="run">The run of the command.</param>
/// <param name="io">The process.</param>
/// <param name="request">What is to be pulled.</param>
internal sealed class PullRun(CommandRun run, CommandIo io, PullRequest request)
{
    /// <summary>Pulls, and answers what became of each image.</summary>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<PullOutcome>> RunAsync(CancellationToken cancellation)
    {
        using CriClient cri = new(request.Socket, io.Clock);
        using ContainerdClient containerd = new(request.Socket, io.Clock);
        var environment = IdentityRun.EnvironmentOf(run.Request.Root, io);
        ImagePuller puller = new(cri, (image, cancel) => RegistryPasswords.OfAsync(image, run, environment, io.Clock, cancel), run.Log, io.Clock);
        Deadline deadline = new(request.Timeout, io.Clock);
        PullProgress progress = new(io, run.Log);
        List<PullOutcome> outcomes = [];
        for (var i = 0; i < request.Images.Count; i++)
        {
            progress.Begin(i + 1, request.Images.Count, request.Images[i]);
            var pulling = puller.PullAsync(request.Images[i], deadline, cancellation);
            await progress.ShowAsync(pulling, containerd, cancellation);
            var outcome = await pulling;
            outcomes.Add(outcome);
            run.Log.Write(LogLevel.Info, "image " + outcome.State, ("image", outcome.Image), ("seconds", PullText.Seconds(outcome)));
            if (outcome.Problem is { } problem)
            {
                ReportNotPulled(outcome.Image, problem);
            }
            else
            {
                await NameAsync(outcome.Image, containerd, cancellation);
            }
        }

        return outcomes;
    }

    private void ReportNotPulled(string image, string problem) => run.Diagnostics.Report(
        DiagnosticCatalogue.ImageNotPulled,
        $"The image {image} cannot be pulled: {problem}.",
        EcrRegistry.Find(image) is null
            ? "Look whether the name is right and the registry can be reached from here, and without credentials, or through a mirror in `spec.registries`."
            : "Look whether the node's role may pull from ECR, and the VPC endpoints of ECR and S3, or a proxy, can be reached.");

    private async Task NameAsync(string image, ContainerdClient containerd, CancellationToken cancellation)
    {
        var name = ImageName.Whole(image);
        if (request.Pin && await containerd.PinAsync(name, cancellation) is { } problem)
        {
            Report($"The image {image} cannot be pinned: {problem}.");
        }

        foreach (var alias in AliasesOf(image))
        {
            if (await containerd.AliasAsync(name, ImageName.Whole(alias), request.Pin, cancellation) is { } refusal)
            {
                Report($"The image {image} cannot have the further name {alias}: {refusal}.");
            }
        }

        void Report(string message) => run.Diagnostics.Report(
            DiagnosticCatalogue.ImageNotNamed, message, $"The image itself is there. Look whether containerd listens on {request.Socket}, and run the command again.");
    }

    private IEnumerable<string> AliasesOf(string image)
    {
        foreach (var alias in request.Aliases)
        {
            yield return alias;
        }

        foreach (var region in request.AliasRegions)
        {
            // The command line has been checked: whatever is no name was refused before the first pull.
            if (EcrAlias.InRegion(image, region).TryGet(out var alias, out _) && alias != image)
            {
                yield return alias;
            }
        }
    }
}
