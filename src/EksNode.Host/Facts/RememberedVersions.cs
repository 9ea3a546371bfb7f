using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Facts;

/// <summary>
/// What programs answered when they were asked for their version, with the path, size and time of their file, so that an unchanged
/// program is asked once: <c>/var/lib/eksnode/versions.json</c>. It is a cache: what cannot be read is asked again.
/// </summary>
internal sealed class RememberedVersions
{
    /// <summary>Where they are kept, below the root.</summary>
    public const string Path = "/var/lib/eksnode/versions.json";

    private const int SchemaVersion = 1;
    private const int FileMode = 0x180; // 0600
    private const int FolderMode = 0x1C0; // 0700

    private static readonly Origin Here = Origin.Default("a version that a program told");

    private readonly SortedDictionary<string, Answer> answers = new(StringComparer.Ordinal);
    private bool changed;

    private sealed record Answer(string Version, long Size, long Modified);

    /// <summary>Reads what is kept.</summary>
    public static RememberedVersions Read(HostRoot root, DiagnosticBag diagnostics)
    {
        var remembered = new RememberedVersions();
        var found = new DiagnosticBag();
        try
        {
            if (root.ReadFile(Path) is { } bytes
                && JsonReader.Read(Encoding.UTF8.GetString(bytes), Path, part: 0, found) is { } document)
            {
                remembered.Take(document, found);
            }
        }
        catch (DiagnosticException exception)
        {
            found.Add(exception.Diagnostic);
        }

        if (found.Items is [var first, ..])
        {
            Report(diagnostics, $"{Path} cannot be read: {first.Message}");
            remembered.answers.Clear();
        }

        return remembered;
    }

    /// <summary>The version that a program told, when its file is still the same.</summary>
    public string? Find(string path, FileStatus status) =>
        answers.TryGetValue(path, out var answer) && answer.Size == status.Size && answer.Modified == status.Modified ? answer.Version : null;

    /// <summary>Keeps what a program told.</summary>
    public void Add(string path, FileStatus status, string version)
    {
        answers[path] = new Answer(version, status.Size, status.Modified);
        changed = true;
    }

    /// <summary>Writes what is new. That it cannot be written is no failure: the program is asked again next time.</summary>
    public void Write(HostRoot root, DiagnosticBag diagnostics)
    {
        if (!changed)
        {
            return;
        }

        var programs = answers.Select(a => Entry(a.Key, new TreeMap(
            [
                Entry("version", TreeScalar.Of(a.Value.Version, Here)),
                Entry("size", TreeScalar.Of(a.Value.Size, Here)),
                Entry("modified", TreeScalar.Of(a.Value.Modified, Here)),
            ],
            Here)));
        var document = new TreeMap(
            [Entry("schemaVersion", TreeScalar.Of(SchemaVersion, Here)), Entry("programs", new TreeMap(programs, Here))], Here);
        var transaction = new FileTransaction(root);
        transaction.MakeDirectory("/var/lib/eksnode", FolderMode);
        transaction.Write(Path, Encoding.UTF8.GetBytes(JsonWriter.Write(document, indent: 2, sortKeys: false) + "\n"), FileMode);
        try
        {
            transaction.Stage();
            foreach (var stage in Enum.GetValues<WriteStage>())
            {
                transaction.Commit(stage);
            }
        }
        catch (DiagnosticException exception)
        {
            Report(diagnostics, exception.Diagnostic.Message);
        }
    }

    private static TreeEntry Entry(string key, TreeNode value) => new(key, Here, value);

    private static void Report(DiagnosticBag diagnostics, string message) => diagnostics.Report(
        DiagnosticCatalogue.VersionsNotRemembered, message, "The programs are asked for their version again at the next boot.", path: Path);

    private void Take(TreeNode document, DiagnosticBag diagnostics)
    {
        if (document is not TreeMap map)
        {
            diagnostics.Report(DiagnosticCatalogue.VersionsNotRemembered, $"it is {document.Describe()}.", "", document.Origin);
            return;
        }

        var reader = new TreeMapReader(map, "", DiagnosticCatalogue.VersionsNotRemembered, diagnostics);
        if (reader.Integer("schemaVersion", SchemaVersion, SchemaVersion) is null || reader.RawMap("programs") is not { } programs)
        {
            return;
        }

        var entries = reader.Map("programs")!;
        foreach (var entry in programs.Entries)
        {
            if (entries.Map(entry.Key) is { } program
                && program.Text("version", v => ComponentVersion.Find(v) == v, "a version") is { } version
                && program.Integer("size", 0, long.MaxValue) is { } size
                && program.Integer("modified", 0, long.MaxValue) is { } modified)
            {
                answers[entry.Key] = new Answer(version, size, modified);
            }
        }
    }
}
