using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Image.Hardening;

/// <summary>What the document says of the same thing as a row.</summary>
/// <param name="setting">The setting: <c>spec.units["rpcbind.socket"]</c>.</param>
/// <param name="origin">Where it stands.</param>
/// <param name="agrees">Whether it says the same.</param>
internal sealed class OwnSetting(string setting, Origin origin, bool agrees)
{
    /// <summary>The setting.</summary>
    public string Setting => setting;

    /// <summary>Where it stands.</summary>
    public Origin Origin => origin;

    /// <summary>Whether it says the same.</summary>
    public bool Agrees => agrees;
}

/// <summary>Looks for the document's own settings: they win over a profile.</summary>
internal static class OwnSettings
{
    /// <summary>What the document says of the subject of a row; null: nothing.</summary>
    public static OwnSetting? Find(HardeningRow row, ImageConfig config) => row.Kind switch
    {
        HardeningKind.Sysctl => Sysctl(row, config.NodeSettings?.Kernel, "spec.node.kernel.sysctls") ?? Sysctl(row, config.Kernel, "spec.kernel.sysctls"),
        HardeningKind.Module => Module(row, config.NodeSettings?.Kernel, "spec.node.kernel.modules") ?? Module(row, config.Kernel, "spec.kernel.modules"),
        HardeningKind.Package or HardeningKind.Absent => Package(row, config),
        HardeningKind.Unit => config.Units.GetValueOrDefault(row.Subject) is { } unit
            ? new OwnSetting(SettingPath.Child("spec.units", row.Subject), unit.Origin, ImageWords.UnitStates.WordOf(unit.Value) == row.Value)
            : null,
        HardeningKind.Argument => Argument(row, config),
        HardeningKind.NoArgument => config.KernelArguments is { } words && words.Value.Contains(row.Subject) ? new OwnSetting("spec.kernel.arguments", words.Origin, agrees: false) : null,
        HardeningKind.Permissions => config.Files.GetValueOrDefault(row.Subject) is { } file
            ? new OwnSetting(FilePath(row.Subject), file.Origin, ((file.Mode?.Value ?? Plans.FileModes.Public) & ~HardeningKind.ModeOf(row)) == 0)
            : null,
        HardeningKind.File or HardeningKind.Line or HardeningKind.Audit or HardeningKind.Baked => File(row.Subject, config),
        _ => null,
    };

    /// <summary>The document's own file at a path; null: there is none.</summary>
    public static OwnSetting? File(string path, ImageConfig config) =>
        config.Files.GetValueOrDefault(path) is { } file ? new OwnSetting(FilePath(path), file.Origin, agrees: false) : null;

    private static string FilePath(string path) => SettingPath.Child("spec.files", path);

    // One that says the same stands beside the profile's own.
    private static OwnSetting? Sysctl(HardeningRow row, KernelSettings? kernel, string setting) =>
        kernel?.Sysctls.GetValueOrDefault(row.Subject) is { } own && own.Value != row.Value
            ? new OwnSetting(SettingPath.Child(setting, row.Subject), own.Origin, agrees: false)
            : null;

    private static OwnSetting? Module(HardeningRow row, KernelSettings? kernel, string setting)
    {
        // The kernel takes - and _ in the name of a module for the same.
        if (kernel?.Modules is { } modules)
        {
            foreach (var name in modules.Value)
            {
                if (name.Replace('-', '_') == row.Subject.Replace('-', '_'))
                {
                    return new OwnSetting(setting, modules.Origin, agrees: false);
                }
            }
        }

        return null;
    }

    private static OwnSetting? Package(HardeningRow row, ImageConfig config) => config.Packages.GetValueOrDefault(row.Subject) is { } package
        ? new OwnSetting(SettingPath.Child("spec.packages", row.Subject), package.Origin, (package.Version is null) == (row.Kind == HardeningKind.Absent))
        : null;

    private static OwnSetting? Argument(HardeningRow row, ImageConfig config)
    {
        var name = row.Subject[..(row.Subject.IndexOf('=', StringComparison.Ordinal) + 1)];
        OwnSetting? found = null;
        foreach (var word in config.KernelArguments?.Value ?? ImmutableArray<string>.Empty)
        {
            if (word.StartsWith(name, StringComparison.Ordinal))
            {
                // Of two words with one name the kernel takes the last.
                found = new OwnSetting("spec.kernel.arguments", config.KernelArguments!.Origin, word == row.Subject);
            }
        }

        return found;
    }
}
