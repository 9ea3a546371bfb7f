using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Decisions;

/// <summary>Settings that are read and checked and that no component applies yet. None of them is passed over in silence.</summary>
internal static class UnappliedSettings
{
    /// <summary>Reports those that are set.</summary>
    public static void Report(NodeConfig config, DiagnosticBag diagnostics)
    {
        var instance = config.Instance;
        if (instance.LocalStorage.Strategy is { } strategy)
        {
            Report("spec.instance.localStorage", strategy.Origin, diagnostics);
        }

        if (!instance.Volumes.IsEmpty)
        {
            Report("spec.instance.storage.volumes", instance.Volumes[0].Origin, diagnostics);
        }
    }

    private static void Report(string setting, Origin origin, DiagnosticBag diagnostics) =>
        diagnostics.Report(
            DiagnosticCatalogue.SettingNotApplied,
            $"`{setting}` is not applied: this version of eksnode does not set up disks.",
            "Set up the disks before join runs, for example in the image, or leave the setting out.",
            origin,
            setting);
}
