using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>Files, links and folders, through the engine that joins use, with a state of their own: what an earlier build wrote and is planned no more goes.</summary>
internal static class WriteImageFiles
{
    private const int ProgramMode = 0x1ED; // 0755

    /// <summary>What must change. Whoever changed a file of the image by hand has it in the document, or loses it: an image is what its document says.</summary>
    public static async Task<Changes> CompareAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var resources = new List<Resource>();
        foreach (var resource in context.Image.Plan.Resources)
        {
            resources.Add(resource is OwnProgramResource own ? await OfExecutableAsync(own, context, cancellation) : resource);
        }

        var state = AppliedState.Load(context.Root, ApplyPolicy.Enforce, context.Run.Diagnostics, StatePlace.Image);
        var changes = Differ.Diff(new Plan(resources.ToImmutable()), context.Root, state, new DiffOptions(null, ApplyPolicy.Enforce, Phase: Phase.Image));
        context.Run.Learn(changes);
        context.Run.AddOfHost(changes.Diagnostics);
        return changes;
    }

    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var changes = await CompareAsync(context, cancellation);
        if (context.Run.Diagnostics.HasErrors)
        {
            return [];
        }

        Applier.Apply(context.Root, changes, context.Log, context.Io.Clock);
        foreach (var change in changes.All)
        {
            context.Written.Add(change.Path);
        }

        return Names(changes);
    }

    /// <summary>What changes, as words.</summary>
    public static ImmutableArray<string> Names(Changes changes) =>
        [.. changes.Actions.Select(c => c.Action == ChangeAction.Delete ? c.ResourceId + " removed" : c.ResourceId)];

    private static async Task<FileResource> OfExecutableAsync(OwnProgramResource own, ImageApplyContext context, CancellationToken cancellation)
    {
        var read = await new BoundedInput(context.Io).ReadFileAsync(context.Executable, cancellation);
        return new FileResource
        {
            Path = own.Path,
            Content = read.Bytes is { } bytes ? ImmutableCollectionsMarshal.AsImmutableArray(bytes) : throw new DiagnosticException(
                DiagnosticCatalogue.ImageBuildImpossible,
                $"The executable of this eksnode, {context.Executable}, cannot be read to be copied into the image: {read.Problem}.",
                $"Name an executable under `spec.files[\"{own.Path}\"].source`."),
            Mode = ProgramMode,
            Phase = own.Phase,
            DependsOn = own.DependsOn,
            Reasons = own.Reasons,
            Controls = own.Controls,
        };
    }
}
