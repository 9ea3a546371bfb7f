using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>The plan of an image for people: what it is, then each kind of resource with its reason.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
internal sealed class ImagePlanText(Style style, Redactor redactor)
{
    // What is longer has its reason right behind it.
    private const int WidestColumn = 40;

    /// <summary>Writes the plan.</summary>
    public void Write(TextWriter writer, ImagePlan image)
    {
        var decisions = image.Decisions;
        writer.WriteLine(style.Bold(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Kubernetes {decisions.Kubernetes.Value}, {ImageWords.Architectures.WordOf(decisions.Architecture.Value)}, {ImageWords.Variants.WordOf(decisions.Variant.Value)}, profile {decisions.Profile.Value}{(decisions.Profile.Value == "none" ? "" : " (recorded only)")}{(decisions.Fips.Value ? ", FIPS" : "")}")));
        writer.WriteLine(style.Dim($"on {decisions.Distribution.Value} {decisions.Release?.Value}{(decisions.Kernel is { } kernel ? $", kernel {kernel.Value}" : "")}"));
        writer.WriteLine();
        foreach (var group in image.Plan.Resources.GroupBy(ComponentWords.Kind, StringComparer.Ordinal))
        {
            writer.WriteLine(style.Bold(group.Key));
            var width = 0;
            foreach (var resource in group)
            {
                var length = ComponentWords.Of(resource).Length;
                width = length <= WidestColumn && length > width ? length : width;
            }

            foreach (var resource in group)
            {
                if (image.Baked.Contains(resource.Id) && resource.Baking is { } baking)
                {
                    writer.WriteLine($"  {redactor.Redact(ComponentWords.Of(resource)).PadRight(width)}  {style.Dim("baked: " + baking.Gain)}");
                    writer.WriteLine(style.Dim($"    but {baking.Cost}"));
                }
                else
                {
                    WriteResource(writer, resource, width);
                }
            }
        }

        writer.WriteLine();
        if (!image.Bakeable.IsEmpty)
        {
            writer.WriteLine(style.Dim($"Written at boot, and `spec.bake` could have it in the image: {string.Join(", ", image.Bakeable)}"));
        }

        writer.WriteLine($"{image.Plan.Resources.Length} resources; `--lock-file FILE` writes the versions down.");
    }

    private void WriteResource(TextWriter writer, Resource resource, int width)
    {
        // A file of several settings has a line for each; of a secret that the redactor knows it shows nothing.
        var what = redactor.Redact(ComponentWords.Of(resource));
        var settings = resource is FileResource && resource.Reasons.Any(r => SettingOf(r) is not null);
        var why = settings || resource.Reasons.IsEmpty ? "" : Why(resource.Reasons[0]);
        writer.WriteLine(why.Length == 0 ? $"  {what}" : $"  {what.PadRight(width)}  {style.Dim(why)}");
        foreach (var reason in settings ? resource.Reasons : [])
        {
            writer.WriteLine(style.Dim($"    {SettingOf(reason) ?? reason.Setting} = {redactor.Redact(reason.Value).ReplaceLineEndings(" ")}  {Why(reason)}".TrimEnd()));
        }

        if (resource is BinaryResource binary)
        {
            writer.WriteLine(style.Dim($"    {redactor.Redact(binary.Url)}"));
            writer.WriteLine(style.Dim($"    sha256 {binary.Sha256 ?? "not known"}"));
            if (binary.Signature.Length > 0)
            {
                writer.WriteLine(style.Dim($"    signed ({binary.Signature}) by {binary.Signer}"));
            }
        }
    }

    private static string Why(Reason reason) => (reason.Origin.Kind == OriginKind.Default ? reason.Origin.Note : reason.Origin.ToString()) ?? "";

    // The name of a setting of the kernel, or of a node's configuration; null: the reason names no such setting.
    private static string? SettingOf(Reason reason)
    {
        const string Sysctl = "kernel.sysctls.";
        const string Node = "node.";
        return reason.Setting.StartsWith(Sysctl, StringComparison.Ordinal) ? reason.Setting[Sysctl.Length..]
            : reason.Setting.StartsWith(Node, StringComparison.Ordinal) ? reason.Setting[Node.Length..]
            : null;
    }
}
