using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>The plan of an image for people: what it is, then each kind of resource with its reason.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
internal sealed class ImagePlanText(Style style, Redactor redactor)
{
    /// <summary>Writes the plan.</summary>
    public void Write(TextWriter writer, ImagePlan image)
    {
        var decisions = image.Decisions;
        writer.WriteLine(style.Bold(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Kubernetes {decisions.Kubernetes.Value}, {ComponentWords.Architecture(decisions.Architecture.Value)}, {ImageLock.Variant(decisions.Variant.Value)}, profile {decisions.Profile.Value}{(decisions.Fips.Value ? ", FIPS" : "")}")));
        writer.WriteLine(style.Dim($"on {decisions.Distribution.Value} {decisions.Release?.Value}{(decisions.Kernel is { } kernel ? $", kernel {kernel.Value}" : "")}"));
        writer.WriteLine();
        var group = "";
        foreach (var resource in image.Plan.Resources)
        {
            var kind = ComponentWords.Kind(resource);
            if (kind != group)
            {
                writer.WriteLine(style.Bold(kind));
                group = kind;
            }

            WriteResource(writer, resource);
        }

        writer.WriteLine();
        writer.WriteLine($"{image.Plan.Resources.Length} resources; `--lock-file FILE` writes the versions down.");
    }

    private void WriteResource(TextWriter writer, Resource resource)
    {
        var reason = resource.Reasons.IsEmpty ? null : resource.Reasons[0].Origin;
        var why = reason is null ? "" : reason.Kind == OriginKind.Default ? reason.Note : reason.ToString();
        var more = resource.Reasons.Length > 1 && resource is FileResource ? $" ({resource.Reasons.Length} settings)" : "";
        var what = redactor.Redact(ComponentWords.Of(resource));
        writer.WriteLine($"  {what}{more}{(string.IsNullOrEmpty(why) ? "" : style.Dim($"  {why}"))}");
        if (resource is BinaryResource binary)
        {
            writer.WriteLine(style.Dim($"    {redactor.Redact(binary.Url)}"));
            writer.WriteLine(style.Dim($"    sha256 {binary.Sha256 ?? "not known"}{(binary.Signature.Length == 0 ? "" : $", signed ({binary.Signature}) by {binary.Signer}")}"));
        }
    }
}
