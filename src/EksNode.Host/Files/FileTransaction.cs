using EksNode.Configuration.Text;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>When a change of a <see cref="FileTransaction"/> becomes visible.</summary>
public enum WriteStage
{
    /// <summary>Before everything else, and lasting before anything else is seen: copies and records of what is about to change.</summary>
    Record,

    /// <summary>The changes themselves, in the order in which they were added.</summary>
    Effect,

    /// <summary>After the changes last: the record that they were made.</summary>
    Conclude,
}

/// <summary>A user and a group by number.</summary>
/// <param name="User">The user.</param>
/// <param name="Group">The group.</param>
public readonly record struct FileOwner(int User, int Group)
{
    /// <summary>root and its group.</summary>
    public static FileOwner Root => default;
}

/// <summary>
/// Changes to many files that become visible together: the one place that writes files.
/// <list type="number">
/// <item><see cref="Stage"/>: each new content goes to a temporary file beside its target (in the nearest directory above that
/// is there, when the target's is still to be made), with mode, owner and the SELinux label of the file that it replaces. All
/// of them are flushed together. A full or read-only disk shows here, and nothing is left of the attempt.</item>
/// <item><see cref="Commit(WriteStage)"/>: for each <see cref="WriteStage"/> in order, missing directories are made, then everything is
/// renamed or removed in the order in which it was added, then each directory that changed is flushed once. Settings of the kernel are set
/// last: the kernel may refuse one, which stops nothing and is told in <see cref="Refused"/>.</item>
/// </list>
/// Modes are exact whatever the umask. A link at a target is replaced, never followed. Nothing is flushed on tmpfs. An instance
/// is for one use and one thread.
/// </summary>
/// <param name="root">Where the files are.</param>
public sealed partial class FileTransaction(HostRoot root)
{
    private readonly List<Operation> operations = [];
    private readonly Dictionary<string, int> directoryModes = new(StringComparer.Ordinal);
    private readonly List<(string Path, FileStatus? Status)> expectations = [];
    private readonly List<Diagnostic> refused = [];
    private bool staged;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => operations.Count == 0;

    /// <summary>The settings that the kernel refused: errors, and warnings of those that may be refused.</summary>
    public IReadOnlyList<Diagnostic> Refused => refused;

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="mode">The permission bits.</param>
    /// <param name="owner">The owner, root's unless told otherwise; set only when running as root.</param>
    /// <param name="stage">When it becomes visible.</param>
    public void Write(
        string path, ReadOnlyMemory<byte> content, int mode, FileOwner owner = default, WriteStage stage = WriteStage.Effect) =>
        Add(new Operation(OperationKind.Write, stage, path) { Content = content, Mode = mode, Owner = owner });

    /// <summary>Copies a file of any size, as it is when staged.</summary>
    /// <param name="from">The file; a link there is not followed.</param>
    /// <param name="path">The path of the copy.</param>
    /// <param name="mode">The permission bits of the copy.</param>
    /// <param name="owner">The owner of the copy, root unless told otherwise; set only when running as root.</param>
    /// <param name="stage">When it becomes visible.</param>
    public void Copy(string from, string path, int mode, FileOwner owner = default, WriteStage stage = WriteStage.Effect) =>
        Add(new Operation(OperationKind.Copy, stage, path) { Text = from, Mode = mode, Owner = owner });

    /// <summary>Makes a symbolic link, in place of whatever file or link is there.</summary>
    /// <param name="path">The absolute path of the link.</param>
    /// <param name="target">What it says.</param>
    /// <param name="stage">When it becomes visible.</param>
    public void Link(string path, string target, WriteStage stage = WriteStage.Effect) =>
        Add(new Operation(OperationKind.Link, stage, path) { Text = target });

    /// <summary>Removes a file or link; one that is not there is no failure.</summary>
    public void Remove(string path) => Add(new Operation(OperationKind.Remove, WriteStage.Effect, path));

    /// <summary>Sets mode and owner of a file and leaves its content.</summary>
    public void Permit(string path, int mode, FileOwner owner = default) =>
        Add(new Operation(OperationKind.Permit, WriteStage.Effect, path) { Mode = mode, Owner = owner });

    /// <summary>
    /// Sets a setting of the running kernel: writes into a file below <c>/proc/sys</c> that is there, in one go, after everything else.
    /// </summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="value">The value.</param>
    /// <param name="isUndo">Whether the value is that of before eksnode: some settings have no way back, and a refusal is a warning.</param>
    public void Set(string path, string value, bool isUndo) =>
        Add(new Operation(OperationKind.Set, WriteStage.Effect, path) { Text = value, IsUndo = isUndo });

    /// <summary>Makes a directory and its parents; one that is there stays as it is.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="mode">The permission bits; parents get 0755 unless they are asked for too.</param>
    /// <param name="stage">When it is made.</param>
    public void MakeDirectory(string path, int mode, WriteStage stage = WriteStage.Effect)
    {
        directoryModes[path] = mode;
        Add(new Operation(OperationKind.MakeDirectory, stage, path));
    }

    /// <summary>Removes a directory when nothing is in it; one that is not there is no failure.</summary>
    public void RemoveDirectoryIfEmpty(string path) => Add(new Operation(OperationKind.RemoveDirectory, WriteStage.Effect, path));

    /// <summary>
    /// Makes <see cref="Commit(WriteStage)"/> fail before its first change when the path is not any more what it was when somebody looked.
    /// </summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="status">What <see cref="HostRoot.Status"/> said, or null for nothing.</param>
    public void Expect(string path, FileStatus? status) => expectations.Add((path, status));

    /// <summary>Writes and flushes the temporary files. Nothing is visible yet.</summary>
    /// <exception cref="DiagnosticException">Something cannot be written; it names the path, and nothing is left behind.</exception>
    public void Stage()
    {
        if (unfinished is not null)
        {
            throw new InvalidOperationException("A file has not ended.");
        }

        staged = true;
        try
        {
            foreach (var operation in operations)
            {
                if (operation.Place is null)
                {
                    Prepare(operation);
                }
            }

            FlushContents();
        }
        catch (DiagnosticException)
        {
            Abandon();
            throw;
        }
    }

    /// <summary>Makes the changes of one stage visible. Call it once for each stage, in order, after <see cref="Stage"/>.</summary>
    /// <exception cref="DiagnosticException">Something cannot be changed; what is not in place yet is removed.</exception>
    public void Commit(WriteStage stage)
    {
        if (!staged)
        {
            throw new InvalidOperationException("Stage comes before Commit.");
        }

        try
        {
            if (stage == WriteStage.Record)
            {
                CheckExpectations();
            }

            var inStage = operations.Where(o => o.Stage == stage).ToList();
            foreach (var operation in inStage)
            {
                MakeMissing(operation);
            }

            foreach (var operation in inStage)
            {
                if (operation.Kind != OperationKind.Set)
                {
                    Perform(operation);
                }
            }

            FlushDirectories();
            foreach (var operation in inStage)
            {
                if (operation.Kind == OperationKind.Set)
                {
                    SetValue(operation, operation.Place!);
                }
            }
        }
        catch (DiagnosticException)
        {
            Abandon();
            throw;
        }

        if (stage == WriteStage.Conclude)
        {
            CloseAll();
        }
    }

    /// <summary>All three stages in order.</summary>
    public void Commit()
    {
        Commit(WriteStage.Record);
        Commit(WriteStage.Effect);
        Commit(WriteStage.Conclude);
    }

    private void Add(Operation operation)
    {
        if (staged)
        {
            throw new InvalidOperationException("The transaction is staged already.");
        }

        HostRoot.Checked(operation.Path);
        operations.Add(operation);
    }

    private void CheckExpectations()
    {
        foreach (var (path, expected) in expectations)
        {
            if (root.Status(path) != expected)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ChangedMeanwhile,
                    $"{path} changed while eksnode was about to replace it.",
                    "Run again; nothing was replaced.",
                    path: path);
            }
        }
    }

    private enum OperationKind
    {
        Write,
        Copy,
        Link,
        Remove,
        Permit,
        Set,
        MakeDirectory,
        RemoveDirectory,
    }

    private sealed class Operation(OperationKind kind, WriteStage stage, string path)
    {
        public OperationKind Kind { get; } = kind;

        public WriteStage Stage { get; } = stage;

        public string Path { get; } = path;

        public string Name { get; } = path[(path.LastIndexOf('/') + 1)..];

        public string Directory { get; } = path[..Math.Max(1, path.LastIndexOf('/'))];

        public ReadOnlyMemory<byte> Content { get; init; }

        public int Mode { get; init; }

        public FileOwner Owner { get; init; }

        /// <summary>The text of a link, the source of a copy, or the value of a setting.</summary>
        public string Text { get; init; } = "";

        /// <summary>Whether a setting gets the value of before eksnode.</summary>
        public bool IsUndo { get; init; }

        /// <summary>The directory that the change happens in; a directory to be made is a place itself.</summary>
        public Place? Place { get; set; }

        /// <summary>The temporary name, while there is one.</summary>
        public string? Temporary { get; set; }
    }

    // A directory that is written in. Until it is made, temporary files are in the nearest one above it, which has its file system.
    private sealed class Place(string path, FoundDirectory found)
    {
        public string Path { get; } = path;

        public IReadOnlyList<string> Missing { get; } = found.Missing;

        public SafeFileHandle Staging { get; } = found.Handle;

        public SafeFileHandle? Made { get; set; } = found.Missing.Count == 0 ? found.Handle : null;

        public bool Flushed { get; } = Flusher.Keeps(found.Handle);

        public bool Touched { get; set; }

        public byte[]? StagingLabel { get; set; }
    }
}
