using System.Collections.Immutable;
using System.Globalization;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;

namespace EksNode.Imaging;

/// <summary>Takes out of the image what belongs to this build alone. What it removes is no change of the image: every build leaves some.</summary>
internal static class CleanImage
{
    /// <summary>Runs the step.</summary>
    public static Task<ImmutableArray<string>> RunAsync(ImageApplyContext context)
    {
        var planned = context.Image.Plan.Resources.Where(r => r.OwnsPath).Select(r => r.Path).ToHashSet(StringComparer.Ordinal);
        var cleaned = new ImageCleanup(context.Root, context.Programs.IsMachine, planned).Run();
        foreach (var path in cleaned)
        {
            context.Log.Write(LogLevel.Debug, "cleaned", ("path", path));
        }

        context.Log.Write(LogLevel.Info, "took out what belongs to this build alone", ("paths", cleaned.Count.ToString(CultureInfo.InvariantCulture)));
        return Task.FromResult(ImmutableArray<string>.Empty);
    }
}
