using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>
/// Files below mount targets are there twice: in the directory that is mounted over, where a boot finds them before its disks are
/// mounted, and on the disk. The state knows one version of a path; here is what eksnode wrote there before, so that an older version of
/// ours in the other place is not taken for somebody's change.
/// </summary>
public static class MovedFiles
{
    /// <summary>One line for each version: mode, owner, group, digest, path.</summary>
    public const string FilePath = AppliedState.DirectoryPath + "/moved-files";

    // A place lags behind the other by the configurations since the last boot; nobody changes it more often than this in between.
    private const int MostVersions = 8;

    /// <summary>The state in which what is below a mount target counts as ours when eksnode wrote it in either place.</summary>
    /// <param name="state">The state.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="root">The host.</param>
    public static AppliedState Adopt(AppliedState state, Plan plan, HostRoot root)
    {
        var versions = default(Lookup<string, ObjectIdentity>);
        var files = state.Files;
        foreach (var path in Moved(plan))
        {
            if (files.GetValueOrDefault(path) is not { } record)
            {
                continue;
            }

            versions ??= Read(root).ToLookup(v => v.Path, v => v.Version, StringComparer.Ordinal);
            var actual = ObservedObject.At(root, path).Identity;
            if (actual.Exists && !WhoWins.IsOurs(actual, record) && versions[path].Contains(actual))
            {
                files = files.SetItem(path, record with { Written = actual });
            }
        }

        return state with { Files = files };
    }

    /// <summary>The same for every path that was ever below a mount target, when nothing is planned any more.</summary>
    /// <param name="state">The state.</param>
    /// <param name="root">The host.</param>
    public static AppliedState AdoptAll(AppliedState state, HostRoot root)
    {
        var files = state.Files;
        foreach (var (path, version) in Read(root))
        {
            if (files.GetValueOrDefault(path) is { } record && version != record.Written && ObservedObject.At(root, path).Identity == version)
            {
                files = files.SetItem(path, record with { Written = version });
            }
        }

        return state with { Files = files };
    }

    /// <summary>Remembers what was written below mount targets.</summary>
    /// <param name="state">The state after an apply.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="root">The host.</param>
    public static void Remember(AppliedState state, Plan plan, HostRoot root)
    {
        var paths = Moved(plan).ToList();
        if (paths.Count == 0)
        {
            return;
        }

        var before = Read(root).ToList();
        var after = new List<(string Path, ObjectIdentity Version)>();
        foreach (var path in paths)
        {
            var versions = before.Where(v => v.Path == path).Select(v => v.Version).ToList();
            if (state.Files.GetValueOrDefault(path)?.Written is { Kind: FileKind.File } written && !versions.Contains(written))
            {
                versions.Add(written);
            }

            after.AddRange(versions.TakeLast(MostVersions).Select(v => (path, v)));
        }

        if (after.SequenceEqual(before))
        {
            return;
        }

        var transaction = new FileTransaction(root);
        transaction.MakeDirectory(AppliedState.DirectoryPath, Modes.OwnerDirectory);
        transaction.Write(FilePath, Encoding.UTF8.GetBytes(string.Concat(after.Select(v => Line(v.Path, v.Version)))), Modes.OwnerFile);
        transaction.Stage();
        transaction.Commit();
    }

    private static IEnumerable<string> Moved(Plan plan)
    {
        var targets = plan.Resources.OfType<MountResource>().Where(m => m.Directory is not null).Select(m => m.Path + "/").ToList();
        return plan.Resources.OfType<FileResource>().Select(f => f.Path).Where(p => targets.Exists(t => p.StartsWith(t, StringComparison.Ordinal)));
    }

    private static string Line(string path, ObjectIdentity version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version.ModeText} {version.User} {version.Group} {version.Sha256} {path}\n");

    // A line of another form is of another eksnode, or of nobody: it makes nothing ours.
    private static IEnumerable<(string Path, ObjectIdentity Version)> Read(HostRoot root)
    {
        foreach (var line in Encoding.UTF8.GetString(root.ReadFile(FilePath) ?? []).Split('\n'))
        {
            var parts = line.Split(' ', 5);
            if (parts.Length == 5 && ObjectIdentity.ParseMode(parts[0]) is { } mode
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var user)
                && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var group))
            {
                yield return (parts[4], ObjectIdentity.File(parts[3], mode, user, group));
            }
        }
    }
}
