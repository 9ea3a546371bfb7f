using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>What the effects compare with, and where they put what they find. Of one run of <see cref="Differ"/>.</summary>
internal sealed class DiffContext
{
    private readonly Dictionary<string, bool> existing = new(StringComparer.Ordinal);
    private readonly HashSet<string> ofState = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> plannedModes = new(StringComparer.Ordinal);

    public DiffContext(HostRoot root, AppliedState state, DiffOptions options, IEnumerable<Resource> resources)
    {
        Root = root;
        State = state;
        Policy = options.Policy;
        StalePolicy = options.Phase == Phase.Image ? ApplyPolicy.Preserve : options.Policy;
        SameInstance = state.InstanceId == options.InstanceId;
        Resets = options.Resets;
        IntentFiles = state.Files.ToBuilder();
        FinalFiles = state.Files.ToBuilder();
        FinalHosts = state.Hosts.ToBuilder();
        IntentSysctls = state.Sysctls.ToBuilder();
        FinalSysctls = state.Sysctls.ToBuilder();
        IntentHosts = state.Hosts.ToBuilder();
        Directories = state.Directories.ToBuilder();
        for (var path = state.Place.Folder; path.Length > 1; path = ParentOf(path))
        {
            ofState.Add(path);
        }

        foreach (var directory in resources.OfType<DirectoryResource>())
        {
            plannedModes[directory.Path] = directory.Mode;
        }
    }

    public HostRoot Root { get; }

    public AppliedState State { get; }

    public ApplyPolicy Policy { get; }

    /// <summary>
    /// Who wins at a path that is planned no more. In an image somebody else may have it now, a package or a download, which came before the files: only what
    /// is still as it was written goes.
    /// </summary>
    public ApplyPolicy StalePolicy { get; }

    /// <summary>Whether the state is of this instance, and not of the one that an image was made from.</summary>
    public bool SameInstance { get; }

    /// <summary>Whether everything is undone: see <see cref="DiffOptions.Resets"/>.</summary>
    public bool Resets { get; }

    public DiagnosticBag Diagnostics { get; } = new();

    /// <summary>The records before the first change.</summary>
    public SortedMap<FileRecord>.Builder IntentFiles { get; }

    /// <summary>The records after the last change.</summary>
    public SortedMap<FileRecord>.Builder FinalFiles { get; }

    public SortedMap<HostsRecord>.Builder IntentHosts { get; }

    public SortedMap<HostsRecord>.Builder FinalHosts { get; }

    public SortedMap<SysctlRecord>.Builder IntentSysctls { get; }

    public SortedMap<SysctlRecord>.Builder FinalSysctls { get; }

    /// <summary>Whether a module of the kernel is still to be loaded, with which settings may come.</summary>
    public bool AwaitsModules { get; init; }

    /// <summary>Directories that eksnode made or is about to make.</summary>
    public SortedMap<int>.Builder Directories { get; }

    /// <summary>Those that it is about to make.</summary>
    public HashSet<string> Unmade { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths that are gone after this run, so that the directories that they leave empty can go too.</summary>
    public HashSet<string> Gone { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts files as they will be, for several blocks in one.</summary>
    public Dictionary<string, HostsFile> HostsFiles { get; } = new(StringComparer.Ordinal);

    /// <summary>The directory of a path.</summary>
    public static string ParentOf(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];

    /// <summary>Whether a directory is one of those that the state itself is in: they are never undone.</summary>
    public bool IsOfState(string directory) => ofState.Contains(directory);

    /// <summary>Notes the directories that must be made for a path.</summary>
    public void NeedDirectoriesFor(string path)
    {
        for (var directory = ParentOf(path); directory.Length > 1 && !Exists(directory); directory = ParentOf(directory))
        {
            NeedDirectory(directory);
        }
    }

    /// <summary>Notes that a directory must be made.</summary>
    public void NeedDirectory(string directory)
    {
        if (!ofState.Contains(directory))
        {
            Unmade.Add(directory);
            Directories[directory] = plannedModes.GetValueOrDefault(directory, DirectoryMaker.DefaultMode);
        }
    }

    /// <summary>The identity of a file that this process would write.</summary>
    public ObjectIdentity FileIdentity(ReadOnlySpan<byte> content, int mode) =>
        ObjectIdentity.File(Sha256.Of(content), mode, Root.User, Root.RunsAsRoot ? 0 : Root.Group);

    /// <summary>Looks at a path, or reports that something that eksnode never replaces is there.</summary>
    public ObservedObject? Observe(string path)
    {
        var observed = ObservedObject.At(Root, path);
        if (observed.Identity.Kind is FileKind.Missing or FileKind.File or FileKind.Symlink)
        {
            return observed;
        }

        Diagnostics.Report(
            DiagnosticCatalogue.WrongKind,
            $"{path} must be a file, and a {(observed.Identity.Kind == FileKind.Directory ? "directory" : "device, pipe or socket")} is there.",
            "Move it away, then run again.",
            path: path);
        return null;
    }

    private bool Exists(string directory)
    {
        if (!existing.TryGetValue(directory, out var exists))
        {
            exists = Root.Status(directory, followLink: true) is not null;
            existing.Add(directory, exists);
        }

        return exists;
    }
}

/// <summary>Where versions of files are kept.</summary>
internal static class Keeping
{
    /// <summary>Where the bytes of an original are.</summary>
    public static string OriginalPath(StatePlace place, string sha256) => $"{place.OriginalsPath}/{sha256}";

    /// <summary>
    /// Where a version that is replaced is kept: the path, so that people find it, and part of its digest, so that another
    /// version does not overwrite it and the same one is kept once.
    /// </summary>
    public static string ReplacedPath(StatePlace place, string path, ObjectIdentity version)
    {
        const int mostName = 180;
        const int digits = 12;
        var name = path.Trim('/').Replace('/', '-');
        var digest = version.Sha256 ?? Sha256.Of(System.Text.Encoding.UTF8.GetBytes(version.Target ?? ""));
        return string.Create(
            CultureInfo.InvariantCulture, $"{place.ReplacedPath}/{(name.Length > mostName ? name[^mostName..] : name)}.{digest[..digits]}");
    }
}
