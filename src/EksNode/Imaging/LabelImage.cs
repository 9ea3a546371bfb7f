using System.Collections.Immutable;
using System.Globalization;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;

namespace EksNode.Imaging;

/// <summary>SELinux labels of what the build wrote, where the image has SELinux on.</summary>
internal static class LabelImage
{
    /// <summary>Runs the step. A label that is right already is left as it is, so it changes nothing that counts.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var labelled = context.HasChanged ? await new SelinuxLabels(context.Root, context.Programs).ApplyAsync(context.Written, cancellation) : null;
        if (labelled is { } count)
        {
            context.Log.Write(LogLevel.Info, "labelled what the build wrote", ("paths", count.ToString(CultureInfo.InvariantCulture)));
        }

        return [];
    }
}
