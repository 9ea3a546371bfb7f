using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Engine;

/// <summary>What eksnode remembers of one path: a file or a link.</summary>
public sealed record FileRecord
{
    /// <summary>
    /// What eksnode last wrote, or found equal to its plan. <see cref="Applier"/> sets it when a run is complete;
    /// <see cref="Differ"/> and <see cref="Verifier"/> read it to tell our own from changed by hand. Null until the first run
    /// that writes the path is complete.
    /// </summary>
    public ObjectIdentity? Written { get; init; }

    /// <summary>
    /// What a run is about to write (<see cref="ObjectIdentity.Missing"/>: about to remove). <see cref="Applier"/> sets it
    /// before the first change and clears it at the end; <see cref="Differ"/> finds it only after a kill, and takes a file that
    /// holds it as our own. Null between runs.
    /// </summary>
    public ObjectIdentity? Intended { get; init; }

    /// <summary>
    /// What was there before eksnode first touched the path. <see cref="Differ"/> sets it once and puts it back when the path is
    /// planned no more; the bytes of a file are in <see cref="StatePlace.OriginalsPath"/>, named by their SHA-256.
    /// </summary>
    public required ObjectIdentity Original { get; init; }

    /// <summary>
    /// The units that use the path. <see cref="Differ"/> sets it from the plan, and reads it when the path is planned no more,
    /// so that they restart without it.
    /// </summary>
    public ImmutableArray<string> Restarts { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(FileRecord? other) =>
        other is not null && Written == other.Written && Intended == other.Intended && Original == other.Original
        && Restarts.SequenceEqual(other.Restarts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Written, Intended, Original, Restarts.Length);
}

/// <summary>What eksnode remembers of its block in a hosts file.</summary>
/// <param name="Path">The hosts file. Set and read by <see cref="Differ"/>.</param>
/// <param name="MadeFile">
/// Whether eksnode made the file, so that it goes when nothing else is left in it. Set with the first block, read when the
/// block is planned no more.
/// </param>
/// <param name="Restarts">The units that use it, as <see cref="FileRecord.Restarts"/>.</param>
public sealed record HostsRecord(string Path, bool MadeFile, ImmutableArray<string> Restarts)
{
    /// <summary>
    /// Whether eksnode ended the last line before its block, which had no end. Set with the first block, read when the last goes.
    /// </summary>
    public bool EndedLine { get; init; }

    /// <summary>What the link said that the file is in place of; null: there was none. Set and read as <see cref="EndedLine"/>.</summary>
    public string? Link { get; init; }
}

/// <summary>What eksnode remembers of a setting of the running kernel.</summary>
/// <param name="original">The value before eksnode first set it; put back when it is planned no more.</param>
/// <param name="written">The value that eksnode set, or found equal to its plan.</param>
public sealed class SysctlRecord(string original, string written)
{
    /// <summary>The value before eksnode first set it; put back when it is planned no more.</summary>
    public string Original => original;

    /// <summary>The value that eksnode set, or found equal to its plan.</summary>
    public string Written => written;
}

/// <summary>
/// What eksnode did to a host, kept in its <see cref="Place"/> (<c>/var/lib/eksnode/state.json</c>): the memory behind "who wins" (see
/// <see cref="WhoWins"/>), and all that is needed to undo it. It is a value; <see cref="AppliedStateFormat"/> reads and writes it.
/// </summary>
public sealed record AppliedState
{
    /// <summary>The version of the format that this eksnode writes, and the newest that it reads.</summary>
    public const int SchemaVersion = 3;

    /// <summary>The directory of all that eksnode keeps for itself, mode 0700.</summary>
    public const string DirectoryPath = "/var/lib/eksnode";

    /// <summary>The state of joins.</summary>
    public const string FilePath = DirectoryPath + "/state.json";

    /// <summary>The <see cref="StatePlace.OriginalsPath"/> of joins.</summary>
    public const string OriginalsPath = DirectoryPath + "/originals";

    /// <summary>The <see cref="StatePlace.ReplacedPath"/> of joins.</summary>
    public const string ReplacedPath = DirectoryPath + "/replaced";

    /// <summary>A host that eksnode never touched.</summary>
    public static AppliedState Empty { get; } = new();

    /// <summary>
    /// The instance that the last run was on, as its id. Set by <see cref="Differ"/>, which reads it to see whether the state
    /// came with an image: then it says what is ours, and nothing more.
    /// </summary>
    public string? InstanceId { get; init; }

    /// <summary>Files and links by path.</summary>
    public SortedMap<FileRecord> Files { get; init; } =
        SortedMap.Empty<FileRecord>();

    /// <summary>Blocks in hosts files by host name.</summary>
    public SortedMap<HostsRecord> Hosts { get; init; } =
        SortedMap.Empty<HostsRecord>();

    /// <summary>Settings of the running kernel by name. <see cref="Differ"/> sets them, and puts the original back when one is planned no more.</summary>
    public SortedMap<SysctlRecord> Sysctls { get; init; } =
        SortedMap.Empty<SysctlRecord>();

    /// <summary>
    /// Directories that eksnode made, with their mode. <see cref="Differ"/> sets them, and removes the empty ones when what
    /// they were made for is planned no more.
    /// </summary>
    public SortedMap<int> Directories { get; init; } =
        SortedMap.Empty<int>();

    /// <summary>
    /// Directories that a run is about to make. Found only after a kill, which may have come between making one and setting its
    /// mode: <see cref="Applier"/> sets it then.
    /// </summary>
    public ImmutableArray<string> Unsettled { get; init; } = [];

    /// <summary>
    /// The units that must still restart, by name. <see cref="Differ"/> adds those of what it finds to change, and forgets those of
    /// another instance: an image was made from it, and what starts here starts with the files as they are.
    /// <see cref="OwedRestarts.Pay"/> removes one.
    /// </summary>
    public SortedMap<OwedRestart> Owed { get; init; } =
        SortedMap.Empty<OwedRestart>();

    /// <summary>Where it is kept.</summary>
    public StatePlace Place { get; init; } = StatePlace.Join;

    /// <summary>The bytes of the file that this was read from, or null when there was none.</summary>
    internal ReadOnlyMemory<byte>? Source { get; init; }

    /// <summary>Whether <see cref="Source"/> could not be understood and this stands in for it.</summary>
    internal bool ReplacesUnreadable { get; init; }

    /// <summary>The state with directories that eksnode made for no resource of a plan: those that its lock and the state itself are in.</summary>
    /// <param name="directories">The paths.</param>
    public AppliedState WithMade(IEnumerable<string> directories) =>
        this with { Directories = Directories.With(directories.Select(d => new KeyValuePair<string, int>(d, DirectoryMaker.DefaultMode))) };

    /// <summary>Reads the state of a host; one that was never touched has the empty state.</summary>
    /// <param name="root">The root.</param>
    /// <param name="policy">
    /// What to do about a state that cannot be understood: with <see cref="ApplyPolicy.Preserve"/> it is an error; with
    /// <see cref="ApplyPolicy.Enforce"/> a warning, and every file counts as never written by eksnode, so that its bytes are kept.
    /// </param>
    /// <param name="diagnostics">Where that warning goes.</param>
    /// <param name="place">Where it is kept; that of joins unless told otherwise.</param>
    /// <exception cref="DiagnosticException">It cannot be read or understood. It is never taken for empty.</exception>
    public static AppliedState Load(HostRoot root, ApplyPolicy policy, DiagnosticBag diagnostics, StatePlace? place = null)
    {
        // A state has some 500 bytes a file; nothing that eksnode plans comes near this.
        const int limit = 16 << 20;
        place ??= StatePlace.Join;
        var bytes = root.ReadFile(place.FilePath, limit);
        if (bytes is null)
        {
            return Empty with { Place = place };
        }

        try
        {
            return AppliedStateFormat.Read(bytes, place) with { Source = bytes };
        }
        catch (DiagnosticException failure) when (policy == ApplyPolicy.Enforce)
        {
            diagnostics.Add(failure.Diagnostic with
            {
                Severity = Severity.Warning,
                Help = $"Every file counts as never written by eksnode and its bytes are kept; the old state goes to {place.ReplacedPath}.",
            });
            return Empty with { Place = place, Source = bytes, ReplacesUnreadable = true };
        }
    }
}
