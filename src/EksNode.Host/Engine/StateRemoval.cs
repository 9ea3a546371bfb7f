using System.Collections.Immutable;
using EksNode.Host.Boot;
using EksNode.Host.Disks;
using EksNode.Host.Facts;
using EksNode.Host.Files;

namespace EksNode.Host.Engine;

/// <summary>
/// Takes away what eksnode keeps for itself, when everything that it applied is undone: the last step of a reset. What people may still want
/// stays: versions of files that were changed by hand, and the bytes from before eksnode of a file that is kept.
/// </summary>
public static class StateRemoval
{
    /// <summary>The directories that the lock and the state are in, deepest first.</summary>
    internal static ImmutableArray<string> Parents { get; } = ["/run", "/var/lib", "/var"];

    /// <summary>Whether there is anything to take away: also after a reset that was killed in the middle of it.</summary>
    /// <param name="root">The host.</param>
    public static bool IsNeeded(HostRoot root) =>
        root.Status(AppliedState.FilePath) is not null
        || (root.List(AppliedState.DirectoryPath) is { } names && !names.All(n => $"{AppliedState.DirectoryPath}/{n}" is var path && (path == AppliedState.ReplacedPath || path == StatePlace.Image.Folder)));

    /// <summary>Takes it away, the state last.</summary>
    /// <param name="root">The host. The caller holds the <see cref="HostLock"/>, whose file goes too.</param>
    /// <param name="state">The state after everything is undone: what is in it was changed by hand and stays.</param>
    /// <param name="missing">Which directories were made for the lock: see <see cref="HostLock.Missing"/>.</param>
    /// <returns>What is left of eksnode's own, by path.</returns>
    /// <exception cref="Configuration.Text.DiagnosticException">Something cannot be removed; the next reset goes on.</exception>
    public static IReadOnlyList<string> Run(HostRoot root, AppliedState state, ImmutableArray<string> missing)
    {
        var keepsState = false;
        foreach (var record in state.Files.Values)
        {
            keepsState |= record.Original.Exists;
        }

        TemporaryFiles.Sweep(root, AppliedState.DirectoryPath);
        var transaction = new FileTransaction(root);
        transaction.Remove(NodeadmMarker.FilePath);
        transaction.RemoveDirectoryIfEmpty(DiffContext.ParentOf(NodeadmMarker.FilePath));
        foreach (var name in root.List(HostLock.DirectoryPath) ?? [])
        {
            if ($"{HostLock.DirectoryPath}/{name}" is var path && path != HostLock.FilePath)
            {
                RemoveOwn(root, path, transaction);
            }
        }

        transaction.Remove(RememberedVersions.Path);
        transaction.Remove(MovedFiles.FilePath);
        if (!keepsState)
        {
            foreach (var name in root.List(AppliedState.OriginalsPath) ?? [])
            {
                transaction.Remove(Keeping.OriginalPath(state.Place, name));
            }

            transaction.RemoveDirectoryIfEmpty(AppliedState.OriginalsPath);
            transaction.RemoveDirectoryIfEmpty(AppliedState.ReplacedPath);
            transaction.Remove(AppliedState.FilePath);
            transaction.RemoveDirectoryIfEmpty(AppliedState.DirectoryPath);
        }

        // Whoever waits for the lock sees that its file is gone, and makes another.
        transaction.Remove(HostLock.FilePath);
        transaction.RemoveDirectoryIfEmpty(HostLock.DirectoryPath);
        foreach (var path in Parents)
        {
            if (missing.Contains(path) || state.Directories.ContainsKey(path))
            {
                transaction.RemoveDirectoryIfEmpty(path);
            }
        }

        transaction.Stage();
        transaction.Commit();
        var left = new List<string>();
        foreach (var name in root.List(AppliedState.DirectoryPath) ?? [])
        {
            if ($"{AppliedState.DirectoryPath}/{name}" is var path && path != StatePlace.Image.Folder)
            {
                left.Add(path);
            }
        }

        return left;
    }

    // Pipes of hooks, and the folders that volumes were mounted at. One that something is still mounted at stays, with all that is in it.
    private static void RemoveOwn(HostRoot root, string path, FileTransaction transaction)
    {
        if (root.Status(path) is not { Kind: FileKind.Directory })
        {
            transaction.Remove(path);
            return;
        }

        foreach (var name in root.List(path) ?? [])
        {
            if (root.Status($"{path}/{name}") is { Kind: FileKind.Directory })
            {
                transaction.RemoveDirectoryIfEmpty($"{path}/{name}");
            }
            else
            {
                transaction.Remove($"{path}/{name}");
            }
        }

        transaction.RemoveDirectoryIfEmpty(path);
    }
}
