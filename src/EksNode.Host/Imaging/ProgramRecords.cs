using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;

namespace EksNode.Host.Imaging;

/// <summary>What builds of an image installed from downloads: so that the next one finds it in place, and removes what is planned no more.</summary>
/// <param name="root">The root of the image.</param>
public sealed class ProgramRecords(HostRoot root)
{
    /// <summary>The key of programs, here and in the resolved part of a lock.</summary>
    public const string Key = "programs";

    private const int MostBytes = 16 << 20;

    private static readonly Origin Made = Origin.Default("what was installed");

    private readonly SortedDictionary<string, InstalledBinary> all = new(StringComparer.Ordinal);

    /// <summary>Where they are kept, in the image.</summary>
    public static string FilePath => StatePlace.Image.Folder + "/programs.json";

    /// <summary>What was installed, by the name of the component.</summary>
    public IReadOnlyDictionary<string, InstalledBinary> All => all;

    /// <summary>Reads them. What cannot be understood is a warning: its programs are installed again.</summary>
    /// <param name="diagnostics">Where to report.</param>
    public void Load(DiagnosticBag diagnostics)
    {
        if (root.ReadFile(FilePath, MostBytes) is not { } bytes)
        {
            return;
        }

        var found = new DiagnosticBag();
        if (JsonReader.Read(Encoding.UTF8.GetString(bytes), FilePath, part: 0, found) is TreeMap map)
        {
            foreach (var binary in new TreeMapReader(map, "", DiagnosticCatalogue.StateUnreadable, found).Maps(Key) ?? [])
            {
                Add(binary);
            }
        }

        if (found.HasErrors)
        {
            all.Clear();
            diagnostics.Add(found.Items.First(d => d.Severity == Severity.Error) with { Severity = Severity.Warning, Help = "Nothing needs to be done: the programs are installed again." });
        }
    }

    /// <summary>
    /// Remembers what was installed. Files of an earlier version that this one has not are removed, where they are still what was installed: a package may have
    /// put its own in their place.
    /// </summary>
    /// <param name="binary">What was installed.</param>
    /// <param name="cancellation">Ends it before anything is changed: the files are read whole.</param>
    /// <exception cref="DiagnosticException">It cannot be written.</exception>
    public void Remember(InstalledBinary binary, CancellationToken cancellation)
    {
        var transaction = new FileTransaction(root);
        foreach (var file in all.TryGetValue(binary.Name, out var before) ? before.Files : [])
        {
            if (!binary.Files.Any(f => f.Path == file.Path) && BinaryInstaller.IsInPlace(root, file, cancellation))
            {
                transaction.Remove(file.Path);
            }
        }

        all[binary.Name] = binary;
        Write(transaction);
    }

    /// <summary>Whether a file of a download is still what was installed.</summary>
    /// <param name="name">The name of the component.</param>
    /// <param name="cancellation">Ends it: the files are read whole.</param>
    public bool IsInPlace(string name, CancellationToken cancellation) => all[name].Files.Any(f => BinaryInstaller.IsInPlace(root, f, cancellation));

    /// <summary>Removes what was installed from a download, where it is still that, and forgets it.</summary>
    /// <param name="name">The name of the component.</param>
    /// <param name="cancellation">Ends it before anything is changed: the files are read whole.</param>
    /// <exception cref="DiagnosticException">It cannot be removed.</exception>
    public void Remove(string name, CancellationToken cancellation)
    {
        var transaction = new FileTransaction(root);
        foreach (var file in all[name].Files)
        {
            if (BinaryInstaller.IsInPlace(root, file, cancellation))
            {
                transaction.Remove(file.Path);
            }
        }

        all.Remove(name);
        Write(transaction);
    }

    /// <summary>What the lock of the image says of them: for each download its files, with the checksums that a validation looks for.</summary>
    public TreeList ForLock()
    {
        var items = new List<TreeNode>(all.Count);
        foreach (var binary in all.Values)
        {
            var files = new List<TreeNode>(binary.Files.Length);
            foreach (var file in binary.Files)
            {
                files.Add(new TreeMap([Entry("path", file.Path), Entry("size", file.Size), Entry("sha256", file.Sha256)], Made));
            }

            items.Add(Download(binary, files));
        }

        return new TreeList(items.ToImmutable(), Made);
    }

    private static TreeMap Download(InstalledBinary binary, List<TreeNode> files) => new(
        [
            Entry("name", binary.Name),
            Entry("url", binary.Url),
            Entry("sha256", binary.Sha256),
            new TreeEntry("files", Made, new TreeList(files.ToImmutable(), Made)),
        ],
        Made);

    private void Write(FileTransaction transaction)
    {
        var items = new List<TreeNode>(all.Count);
        foreach (var binary in all.Values)
        {
            var files = new List<TreeNode>(binary.Files.Length);
            foreach (var file in binary.Files)
            {
                files.Add(new TreeMap(
                    [Entry("member", file.Member), Entry("path", file.Path), Entry("size", file.Size), Entry("sha256", file.Sha256), Entry("modified", file.Modified)], Made));
            }

            items.Add(Download(binary, files));
        }

        var text = JsonWriter.Write(new TreeMap([new TreeEntry(Key, Made, new TreeList(items.ToImmutable(), Made))], Made), indent: 2, sortKeys: false);
        transaction.MakeDirectory(AppliedState.DirectoryPath, Modes.OwnerDirectory, WriteStage.Record);
        transaction.MakeDirectory(StatePlace.Image.Folder, Modes.OwnerDirectory, WriteStage.Record);
        transaction.Write(FilePath, Encoding.UTF8.GetBytes(text + "\n"), Modes.OwnerFile, stage: WriteStage.Conclude);
        transaction.Stage();
        transaction.Commit();
    }

    private void Add(TreeMapReader binary)
    {
        var files = new List<InstalledProgram>();
        foreach (var file in binary.Maps("files") ?? [])
        {
            files.Add(new InstalledProgram
            {
                Member = Text(file, "member"),
                Path = Text(file, "path"),
                Size = file.Integer("size", 0, long.MaxValue) ?? 0,
                Sha256 = Text(file, "sha256"),
                Modified = file.Integer("modified", 0, long.MaxValue) ?? 0,
            });
        }

        var name = Text(binary, "name");
        all[name] = new InstalledBinary { Name = name, Url = Text(binary, "url"), Sha256 = Text(binary, "sha256"), Files = files.ToImmutable() };
    }

    private static string Text(TreeMapReader map, string key)
    {
        map.Missing(key);
        return map.Text(key) ?? "";
    }

    private static TreeEntry Entry(string key, string value) => new(key, Made, TreeScalar.Of(value, Made));

    private static TreeEntry Entry(string key, long value) => new(key, Made, TreeScalar.Of(value, Made));
}
