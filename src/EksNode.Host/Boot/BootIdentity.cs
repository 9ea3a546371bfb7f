using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Boot;

/// <summary>What tells one boot of one machine from another, without asking anybody.</summary>
public static class BootIdentity
{
    /// <summary>The kernel's id of this boot (random(4)); null where there is none.</summary>
    /// <param name="root">The root of the node.</param>
    public static string? BootId(HostRoot root) => Text(root, "/proc/sys/kernel/random/boot_id");

    /// <summary>
    /// The id of the EC2 instance from the firmware's tables, which Nitro instances have there; null on other machines.
    /// </summary>
    /// <param name="root">The root of the node.</param>
    public static string? InstanceId(HostRoot root) =>
        Text(root, "/sys/devices/virtual/dmi/id/board_asset_tag") is { } tag && tag.StartsWith("i-", StringComparison.Ordinal) ? tag : null;

    private static string? Text(HostRoot root, string path)
    {
        try
        {
            return root.ReadFile(path) is { } bytes && Encoding.UTF8.GetString(bytes).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (DiagnosticException)
        {
            // Not readable for this user is not known.
            return null;
        }
    }
}
