using System.Collections.Immutable;
using EksNode.Host.Imaging;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>Which units start at boot.</summary>
internal static class SetImageUnits
{
    /// <summary>Runs the step.</summary>
    public static Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation) =>
        new ImageUnits(context.Programs).ApplyAsync([.. context.Image.Plan.Resources.OfType<UnitStateResource>()], context.Run.Diagnostics, cancellation);
}
