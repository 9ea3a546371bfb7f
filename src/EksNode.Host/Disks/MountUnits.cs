using System.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>
/// The units of mounts, in <c>/run/systemd/system</c>: written on every boot from the disks that are there, gone with the next one, so
/// that no stale unit can stall a boot.
/// </summary>
/// <param name="root">The machine.</param>
/// <param name="folder">Where units are written.</param>
internal sealed class MountUnits(HostRoot root, string folder = MountUnits.Folder)
{
    /// <summary>Units of this boot.</summary>
    public const string Folder = "/run/systemd/system";

    /// <summary>The first line of everything that is written here.</summary>
    internal const string Header = "# Written by eksnode on every boot, from the disks that are there.\n";

    // After what an image or a user orders in their own drop-ins, which a boot may lack.
    internal const string DropIn = "50-eksnode-storage.conf";

    /// <summary>Writes what differs.</summary>
    /// <param name="mounts">The mounts with what each is mounted from.</param>
    /// <returns>Whether the service manager has to read units again.</returns>
    public bool Write(IReadOnlyList<(MountResource Mount, string What, string Type)> mounts)
    {
        var transaction = new FileTransaction(root);
        foreach (var (mount, what, type) in mounts)
        {
            Add(transaction, $"{folder}/{UnitName.Mount(mount.Path)}", Text(mount, what, type));
        }

        foreach (var service in mounts.SelectMany(m => m.Mount.Services).Distinct(StringComparer.Ordinal))
        {
            Add(transaction, $"{folder}/{service}.d/{DropIn}", DropInText(mounts.Where(m => m.Mount.Services.Contains(service)).Select(m => m.Mount.Path)));
        }

        if (transaction.IsEmpty)
        {
            return false;
        }

        transaction.Stage();
        transaction.Commit();
        return true;
    }

    /// <summary>The text of a mount unit.</summary>
    public static string Text(MountResource mount, string what, string type) =>
        Header
        + "[Unit]\n"
        + $"Description={(mount.Directory is null ? "File system" : "Directory")} for {Specifiers(mount.Path)}\n"
        + "\n[Mount]\n"
        + $"What={Specifiers(what)}\n"
        + $"Where={Specifiers(mount.Path)}\n"
        + $"Type={type}\n"
        + $"Options={mount.Options}\n";

    /// <summary>The text of a service's drop-in: it starts after the mounts, and not without them.</summary>
    public static string DropInText(IEnumerable<string> paths) =>
        Header + "[Unit]\n"
        + string.Concat(paths.Order(StringComparer.Ordinal).Select(p => $"RequiresMountsFor={Quoted(p)}\n"));

    private void Add(FileTransaction transaction, string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!(root.ReadFile(path) ?? []).AsSpan().SequenceEqual(bytes))
        {
            transaction.Write(path, bytes, Engine.Modes.File);
        }
    }

    private static string Specifiers(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    // A list of paths: spaces and quotes of a path are escaped (systemd.syntax(7)).
    private static string Quoted(string path) =>
        "\"" + Specifiers(path).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
