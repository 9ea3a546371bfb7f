using System.Collections.Immutable;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Imaging;
using EksNode.Host.Imaging.Checks;
using EksNode.Host.Processes;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>
/// One validation of an image: with the plan of a document, or, without one, with the lock and the manifest that the build left in it, which name no files' contents and no
/// units. It changes nothing.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">The root.</param>
/// <param name="io">The process.</param>
internal sealed class ImageValidateRun(CommandRun run, NodePipeline pipeline, CommandIo io)
{
    // A kilobyte for each of some hundred packages.
    private const int LockLimit = 16 << 20;

    /// <summary>Looks at everything.</summary>
    /// <param name="options">Which document; without one the lock and the manifest say what the image should have.</param>
    /// <param name="lockFile">The lock; null: the image's own.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null after an error that leaves nothing to compare with.</returns>
    public async Task<ImageValidation?> RunAsync(ImageOptions options, string? lockFile, CancellationToken cancellation)
    {
        var image = options.IsGiven(run.Parsed) ? (await options.PlanAsync(io, run, cancellation))?.Plan : null;
        var locked = run.Diagnostics.HasErrors ? null : await LockAsync(lockFile, cancellation);
        var manifest = run.Diagnostics.HasErrors ? null : ImageManifest.Read(pipeline.Root, run.Diagnostics);
        if (run.Diagnostics.HasErrors)
        {
            return null;
        }

        if (image is null && locked is null)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.NothingToValidate,
                $"There is nothing to compare {run.Request.Root} with: {LockedImage.Path} is not there.",
                "Give the ImageConfig with `-c`, or its lock with `--lock-file`.");
            return null;
        }

        var resources = image?.Plan.Resources ?? locked!.Resources;
        using var runtime = VersionsCommand.RuntimeOf(run, pipeline.Root, io);
        var context = new CheckContext
        {
            Root = pipeline.Root,
            Programs = new ProgramRunner(),
            Diagnostics = run.Diagnostics,
            Resources = resources,
            Lock = locked,
            Manifest = manifest,
            Runtime = runtime,
        };
        var findings = new List<CheckFinding>();
        if (image is not null)
        {
            findings.Add(OfLock(image, locked));
        }

        findings.AddRange(await ImageCheck.RunAllAsync(context, cancellation));
        List<string> compared = [];
        AddTo(compared, "document", image is not null);
        AddTo(compared, "lock", locked is not null);
        AddTo(compared, "manifest", manifest is not null);
        return new ImageValidation { ComparedWith = compared, Findings = findings, Controls = ControlsOf(resources, findings) };
    }

    private static void AddTo(List<string> names, string name, bool isThere)
    {
        if (isThere)
        {
            names.Add(name);
        }
    }

    private async Task<LockedImage?> LockAsync(string? lockFile, CancellationToken cancellation)
    {
        if (lockFile is null)
        {
            return pipeline.Root.ReadFile(LockedImage.Path, LockLimit) is { } own ? LockedImage.Read(own, LockedImage.Path, run.Diagnostics) : null;
        }

        var read = await new BoundedInput(io).ReadFileAsync(lockFile, cancellation);
        if (read.Bytes is null)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.SourceUnreadable,
                $"The lock `{lockFile}` cannot be read: {read.Problem}.",
                "Check the path, which counts from the working directory, and its permissions.");
            return null;
        }

        return LockedImage.Read(read.Bytes, lockFile, run.Diagnostics);
    }

    private static CheckFinding OfLock(ImagePlan image, LockedImage? locked)
    {
        const string Check = "lock";
        if (locked is null)
        {
            return new CheckFinding(Check, LockedImage.Path, CheckStatus.Missing) { Expected = "the lock of the image" };
        }

        var differences = LockReader.Differences(locked.Document, image);
        return differences.Count == 0
            ? new CheckFinding(Check, LockedImage.Path, CheckStatus.AsPlanned)
            : new CheckFinding(Check, LockedImage.Path, CheckStatus.Different)
            {
                Expected = "what the document and this eksnode pin",
                Found = "the lock of another document, or of another eksnode: " + LockReader.First(differences),
            };
    }

    /// <summary>The controls that resources carry, by id, each with those of its resources that are not as planned or that no check looked at, and those that nothing is there for.</summary>
    internal static List<ControlResult> ControlsOf(ImmutableArray<Resource> resources, List<CheckFinding> findings)
    {
        var failing = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var absent = new HashSet<string>(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            seen.Add(finding.Resource);
            if (finding.Status == CheckStatus.NotApplicable)
            {
                absent.Add(finding.Resource);
            }

            if (finding.IsDifference || finding.Status == CheckStatus.Unreadable)
            {
                failing.Add(finding.Resource);
            }
        }

        var controls = new SortedDictionary<string, ControlResult>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            foreach (var id in resource.Controls)
            {
                if (!controls.TryGetValue(id, out var control))
                {
                    controls[id] = control = new ControlResult(id);
                }

                // What no check looked at is not known to be as planned.
                control.Resources++;
                if (failing.Contains(resource.Id) || !seen.Contains(resource.Id))
                {
                    control.Failing.Add(resource.Id);
                }
                else if (absent.Contains(resource.Id))
                {
                    control.NotApplicable.Add(resource.Id);
                }
            }
        }

        return [.. controls.Values];
    }
}
