using System.Globalization;
using System.Text.Json;
using EksNode.Configuration.ImageConfigs;
using EksNode.Host.Facts;
using EksNode.Host.Imaging;
using EksNode.Imaging;

namespace EksNode.Rendering;

/// <summary>What a build of an image did, for people and for tools.</summary>
internal static class ImageApplyText
{
    // Some hundred packages say nothing that their number does not.
    private const int MostNames = 12;

    /// <summary>Writes it for people.</summary>
    public static void Write(TextWriter writer, ImageApplyContext context, Style style)
    {
        var decisions = context.Image.Decisions;
        var root = context.Programs.IsMachine ? "this machine" : context.Root.Path;
        writer.WriteLine(style.Bold(Headline(context, root)));
        writer.WriteLine(style.Dim($"Kubernetes {decisions.Kubernetes.Value}, {ImageWords.Architectures.WordOf(decisions.Architecture.Value)}, {ImageWords.Variants.WordOf(decisions.Variant.Value)}, profile {decisions.Profile.Value}"));
        var width = context.Outcomes.Count == 0 ? 0 : context.Outcomes.Max(o => o.Name.Length);
        foreach (var outcome in context.Outcomes)
        {
            var changed = outcome.Changed.IsEmpty ? style.Dim("nothing changed") : string.Create(CultureInfo.InvariantCulture, $"{outcome.Changed.Length} changed");
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {outcome.Name.PadRight(width)}  {outcome.Duration.TotalSeconds,8:0.0} s  {changed}"));
            foreach (var name in outcome.Changed.Take(MostNames))
            {
                writer.WriteLine(style.Dim("    " + context.Run.Redactor.Redact(name)));
            }

            if (outcome.Changed.Length > MostNames)
            {
                writer.WriteLine(style.Dim(string.Create(CultureInfo.InvariantCulture, $"    and {outcome.Changed.Length - MostNames} more; `--output json` has all")));
            }
        }

        if (!context.Request.DryRun)
        {
            writer.WriteLine(style.Dim($"{HostPath.Below(context.Root.Path, ImageManifest.Path)}, {HostPath.Below(context.Root.Path, LockedImage.Path)} and {HostPath.Below(context.Root.Path, BuildLog.FilePath)} say what is in it."));
        }
    }

    /// <summary>Writes <c>"changed", "dryRun", "steps": [{"name","changed":[…],"durationMs"}]</c> into an open object.</summary>
    public static void Write(Utf8JsonWriter json, ImageApplyContext context)
    {
        json.WriteBoolean("changed", context.HasChanged);
        json.WriteBoolean("dryRun", context.Request.DryRun);
        json.WriteString("manifest", ImageManifest.Path);
        json.WriteString("lock", LockedImage.Path);
        json.WriteStartArray("steps");
        foreach (var outcome in context.Outcomes)
        {
            json.WriteStartObject();
            json.WriteString("name", outcome.Name);
            json.WriteStartArray("changed");
            foreach (var name in outcome.Changed)
            {
                json.WriteStringValue(context.Run.Redactor.Redact(name));
            }

            json.WriteEndArray();
            json.WriteNumber("durationMs", Math.Round(outcome.Duration.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Headline(ImageApplyContext context, string root) => (context.Request.DryRun, context.HasChanged) switch
    {
        (true, true) => $"What would change in {root}; units, kernel arguments and container images are compared when they are applied",
        (true, false) => $"Packages, programs and files of {root} are as planned",
        (false, true) => $"The image in {root} is built",
        (false, false) => $"Nothing changed: the image in {root} is as planned",
    };
}
