using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;

namespace EksNode.Host.Packages;

/// <summary>
/// Tells a later run that a transaction of rpm was killed in its middle: a file that is there as long as one runs, with the packages that it installs. rpm itself
/// does not know: a package is in its database before its last scripts run, and an older version until all new ones are there.
/// </summary>
/// <param name="root">The root.</param>
internal sealed class PendingPackages(HostRoot root)
{
    private const int FolderMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600

    // A line of some 50 bytes for each of some hundred packages.
    private const int MostBytes = 1 << 20;

    private static readonly string FilePath = StatePlace.Image.Folder + "/packages.pending";

    /// <summary>The packages of a transaction that did not come to its end, as dnf takes them for exactly these; empty: there is none.</summary>
    public ImmutableArray<string> Read() =>
        root.ReadFile(FilePath, MostBytes) is { } bytes ? [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)] : [];

    /// <summary>A transaction begins.</summary>
    /// <param name="packages">What it installs.</param>
    public void Begin(List<string> packages)
    {
        FileTransaction transaction = new(root);
        transaction.MakeDirectory(AppliedState.DirectoryPath, FolderMode);
        transaction.MakeDirectory(StatePlace.Image.Folder, FolderMode);
        transaction.Write(FilePath, Encoding.UTF8.GetBytes(string.Join('\n', packages) + "\n"), FileMode);
        Commit(transaction);
    }

    /// <summary>It came to its end, or what it left was finished.</summary>
    public void End()
    {
        FileTransaction transaction = new(root);
        transaction.Remove(FilePath);
        Commit(transaction);
    }

    private static void Commit(FileTransaction transaction)
    {
        transaction.Stage();
        transaction.Commit();
    }
}
