using System.Collections.Immutable;
using System.Globalization;
using EksNode.Host.Engine;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;

namespace EksNode.Imaging;

/// <summary>SELinux labels of what the build wrote, where the image has SELinux on.</summary>
internal static class LabelImage
{
    // Beside what steps name: what eksnode keeps for itself, what systemctl links, what clean-up leaves, and where words for the kernel are.
    private static readonly string[] Own =
    [
        AppliedState.DirectoryPath, BuildLog.FilePath, "/boot/loader/entries", "/etc/default/grub", "/etc/eksnode", "/etc/kernel/cmdline", "/etc/machine-id", "/etc/systemd/system",
    ];

    /// <summary>
    /// Runs the step, in a build without changes as well: an earlier one may have been killed before its labels. A label that is right already is left as it is, so it
    /// changes nothing that counts.
    /// </summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        context.Written.UnionWith(Own);
        if (!context.Programs.IsMachine && context.Outcomes.Exists(o => o is { Name: "packages", Changed.IsEmpty: false }))
        {
            // The package manager labels what it installs on a machine with SELinux alone, and this one may have none.
            context.Written.Add("/");
        }

        if (await new SelinuxLabels(context.Root, context.Programs).ApplyAsync(context.Written, cancellation) is { } count)
        {
            context.Log.Write(LogLevel.Info, "labelled what the build wrote", ("paths", count.ToString(CultureInfo.InvariantCulture)));
        }

        return [];
    }
}
