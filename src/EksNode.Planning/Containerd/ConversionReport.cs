using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Containerd;

/// <summary>Says what became of settings of another schema.</summary>
internal static class ConversionReport
{
    /// <summary>Reports the steps of a conversion; false when one of them is an error.</summary>
    public static bool Write(ContainerdConversion conversion, ContainerdSchema schema, SemanticVersion containerd, DiagnosticBag diagnostics)
    {
        var other = schema == ContainerdSchema.Two ? ContainerdSchema.Three : ContainerdSchema.Two;
        var moved = conversion.Steps.Where(s => s.Outcome == ConversionOutcome.Moved).ToList();
        if (moved.Count > 0)
        {
            var first = moved[0];
            diagnostics.Report(
                DiagnosticCatalogue.ContainerdSettingsConverted,
                $"The containerd configuration has {(moved.Count == 1 ? "1 setting" : $"{moved.Count} settings")} of schema {(int)other}, and containerd {containerd} reads "
                    + $"schema {(int)schema}: `{TomlPath.Format(first.Leaf.Path)}` was written as `{TomlPath.Format(first.Place ?? [])}`{(moved.Count == 1 ? "." : ", and so on.")}",
                $"Nothing has to be done; settings of schema {(int)schema} are taken as they are.",
                first.Leaf.Entries[^1].KeyOrigin,
                Path(first));
        }

        var planned = true;
        foreach (var step in conversion.Steps)
        {
            var origin = step.Leaf.Entries[^1].KeyOrigin;
            switch (step.Outcome)
            {
                case ConversionOutcome.NoPlace when schema == ContainerdSchema.Two:
                    planned = false;
                    diagnostics.Report(
                        DiagnosticCatalogue.ContainerdSettingTooNew,
                        $"containerd {containerd} has no setting for `{TomlPath.Format(step.Leaf.Path)}` of schema 3.",
                        "Take the setting out, or use an image with containerd 2.",
                        origin,
                        Path(step));
                    break;
                case ConversionOutcome.NoPlace:
                    diagnostics.Report(
                        DiagnosticCatalogue.ContainerdSettingNotConverted,
                        $"containerd {containerd} no longer has the setting `{TomlPath.Format(step.Leaf.Path)}` of schema 2; it is left out.",
                        step.Help ?? "Take the setting out.",
                        origin,
                        Path(step));
                    break;
                case ConversionOutcome.Taken:
                    diagnostics.Report(
                        DiagnosticCatalogue.ContainerdSettingTwice,
                        $"`{TomlPath.Format(step.Leaf.Path)}` of schema {(int)other} is `{TomlPath.Format(step.Place ?? [])}` of schema {(int)schema}, which is set too; the latter counts.",
                        $"Keep `{TomlPath.Format(step.Place ?? [])}` alone.",
                        origin,
                        Path(step));
                    break;
            }
        }

        return planned;
    }

    private static string Path(ConversionStep step) => ContainerdConfiguration.SettingPrefix + TomlPath.Format(step.Leaf.Path);
}
