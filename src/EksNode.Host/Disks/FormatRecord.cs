using System.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;

namespace EksNode.Host.Disks;

/// <summary>
/// Which devices a run is making a file system on: recorded before the first byte, cleared after the last. A device that is found
/// recorded was blank before, and what a killed run left on it may be overwritten.
/// </summary>
/// <param name="root">The machine.</param>
internal sealed class FormatRecord(HostRoot root)
{
    /// <summary>Where it is: one line for each device. It is there only while a file system is made, and after a kill.</summary>
    public const string FilePath = AppliedState.DirectoryPath + "/formatting";

    /// <summary>Whether a killed run was making a file system on the device.</summary>
    public bool Has(string identity) => Lines().Contains(identity);

    /// <summary>Records a device, lasting.</summary>
    public void Add(string identity) => Write([.. Lines().Where(l => l != identity), identity]);

    /// <summary>Forgets a device.</summary>
    public void Remove(string identity) => Write([.. Lines().Where(l => l != identity)]);

    private string[] Lines() =>
        root.ReadFile(FilePath) is { } bytes ? Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    private void Write(string[] lines)
    {
        var transaction = new FileTransaction(root);
        if (lines.Length == 0)
        {
            transaction.Remove(FilePath);
        }
        else
        {
            transaction.MakeDirectory(AppliedState.DirectoryPath, Modes.OwnerDirectory);
            transaction.Write(FilePath, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), Modes.OwnerFile);
        }

        transaction.Stage();
        transaction.Commit();
    }
}
