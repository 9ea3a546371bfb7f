using System.Collections.Immutable;
using EksNode.Host.Imaging;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>Words on the command line of the kernel.</summary>
internal static class SetKernelArguments
{
    /// <summary>Runs the step.</summary>
    public static Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation) =>
        new KernelCommandLine(context.Root, context.Programs).ApplyAsync(
            [.. context.Image.Plan.Resources.OfType<KernelArgumentResource>().Select(a => a.Argument)], cancellation);
}
