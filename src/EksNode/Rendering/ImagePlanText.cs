using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Image.Hardening;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>The plan of an image for people: what it is, then each kind of resource with its reason.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
internal sealed class ImagePlanText(Style style, Redactor redactor)
{
    // Reasons whose value is a line of a file.
    private const string Line = ImageHardening.LineSetting;

    private const int WidestStatus = 14;

    // What is longer has its reason right behind it.
    private const int WidestColumn = 40;

    /// <summary>Writes the plan.</summary>
    public void Write(TextWriter writer, ImagePlan image)
    {
        var decisions = image.Decisions;
        writer.WriteLine(style.Bold(string.Create(
            CultureInfo.InvariantCulture,
            $"Kubernetes {decisions.Kubernetes.Value}, {ImageWords.Architectures.WordOf(decisions.Architecture.Value)}, {ImageWords.Variants.WordOf(decisions.Variant.Value)}, profile {decisions.Profile.Value}{(decisions.Fips.Value ? ", FIPS" : "")}")));
        writer.WriteLine(style.Dim($"on {decisions.Distribution.Value} {decisions.Release?.Value}{(decisions.Kernel is { } kernel ? $", kernel {kernel.Value}" : "")}"));
        if (decisions.Driver is { } driver)
        {
            var cuda = CudaCompatibility.Newest(driver.Value);
            writer.WriteLine(style.Dim(string.Create(
                CultureInfo.InvariantCulture,
                $"NVIDIA driver {driver.Value.Text}{(cuda is null ? "" : $": containers may have CUDA {cuda}.x and older")}")));
        }

        foreach (var (device, volume) in image.Volumes)
        {
            writer.WriteLine(style.Dim($"volume {device}, {volume.Size} GiB, {volume.Type}{(volume.Encrypted ? "" : ", not encrypted")}"));
        }

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
        if (!image.Controls.IsEmpty)
        {
            writer.WriteLine($"{Counts(image.Controls)}; `--controls` lists them.");
        }

        if (!image.Bakeable.IsEmpty)
        {
            writer.WriteLine(style.Dim($"Written at boot, and `spec.bake` could have it in the image: {string.Join(", ", image.Bakeable)}"));
        }

        writer.WriteLine($"{image.Plan.Resources.Length} resources; `--lock-file FILE` writes the versions down.");
    }

    /// <summary>Writes what becomes of every control of the profile, and why.</summary>
    public void WriteControls(TextWriter writer, ImagePlan image)
    {
        var width = 0;
        foreach (var control in image.Controls)
        {
            width = Math.Max(width, control.Id.Length);
        }

        foreach (var control in image.Controls)
        {
            var reason = control.Reason.Length > 0 ? redactor.Redact(control.Reason) : string.Join(", ", control.Resources);
            writer.WriteLine($"{control.Id.PadRight(width)}  {ImageControl.Word(control.Status),-WidestStatus}  {control.Title}");
            writer.WriteLine(style.Dim($"{"".PadRight(width + WidestStatus + 4)}{reason}"));
        }

        writer.WriteLine(image.Controls.IsEmpty ? "The image has no profile, and FIPS mode is off: there are no controls." : Counts(image.Controls) + ".");
    }

    private static string Counts(ImmutableArray<ImageControl> controls)
    {
        var parts = new List<string>();
        for (var status = ControlStatus.Applied; status <= ControlStatus.Later; status++)
        {
            var count = 0;
            foreach (var control in controls)
            {
                count += control.Status == status ? 1 : 0;
            }

            if (count > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {ImageControl.Word(status)}"));
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{controls.Length} controls: {string.Join(", ", parts)}");
    }

    // The controls of a resource, each benchmark once: `CIS Amazon Linux 2023 1.0.0 3.3.1, 3.3.2`.
    private static string Controls(ImmutableArray<string> ids)
    {
        var text = new StringBuilder();
        var benchmark = "";
        foreach (var id in ids)
        {
            var last = id.LastIndexOf(' ');
            text.Append(text.Length == 0 ? "" : ", ").Append(id[..last] == benchmark ? id[(last + 1)..] : id);
            benchmark = id[..last];
        }

        return text.ToString();
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
            var value = redactor.Redact(reason.Value).ReplaceLineEndings(" ");
            writer.WriteLine(style.Dim($"    {(reason.Setting == Line ? value : $"{SettingOf(reason) ?? reason.Setting} = {value}")}  {Why(reason)}".TrimEnd()));
        }

        if (!resource.Controls.IsEmpty)
        {
            writer.WriteLine(style.Dim($"    controls {Controls(resource.Controls)}"));
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

    private static string Why(Reason reason) => (reason.Origin.Kind is OriginKind.Default or OriginKind.Profile ? reason.Origin.Note : reason.Origin.ToString()) ?? "";

    // The name of a setting of the kernel, or of a node's configuration; null: the reason names no such setting.
    private static string? SettingOf(Reason reason)
    {
        const string Sysctl = "kernel.sysctls.";
        const string Node = "node.";
        return reason.Setting == Line ? Line
            : reason.Setting.StartsWith(Sysctl, StringComparison.Ordinal) ? reason.Setting[Sysctl.Length..]
            : reason.Setting.StartsWith(Node, StringComparison.Ordinal) ? reason.Setting[Node.Length..]
            : null;
    }
}
