using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Image;

/// <summary>Reads the lock of an image, and holds it against a plan.</summary>
public static class LockReader
{
    private const int MostDifferences = 3;

    /// <summary>The lock; null after an error.</summary>
    /// <param name="text">Its JSON.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static TreeMap? Read(string text, string source, DiagnosticBag diagnostics)
    {
        var read = JsonReader.Read(text, source, part: 0, diagnostics);
        if (read is TreeMap map && map["schemaVersion"] is TreeScalar version && version.Text == ImageLock.SchemaVersion.ToString(CultureInfo.InvariantCulture) && map[ImageLock.Pinned] is TreeMap
            && map[ImageLock.Resolved] is TreeMap or TreeScalar { Kind: ScalarKind.Null })
        {
            return map;
        }

        if (read is not null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.LockInvalid,
                string.Create(CultureInfo.InvariantCulture, $"`{source}` is not the lock of an image: it needs `schemaVersion` {ImageLock.SchemaVersion}, `{ImageLock.Pinned}` and `{ImageLock.Resolved}`."),
                "Write one with `eksnode image plan --lock-file`.",
                read.Origin);
        }

        return null;
    }

    /// <summary>Whether a lock is of the planned image; otherwise the first differences are reported.</summary>
    /// <param name="given">The lock.</param>
    /// <param name="image">The plan.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static bool IsOf(TreeMap given, ImagePlan image, DiagnosticBag diagnostics)
    {
        var differences = Differences(given, image);
        if (differences.Count == 0)
        {
            return true;
        }

        diagnostics.Report(
            DiagnosticCatalogue.LockMismatch,
            $"`{given.Origin.Source}` is the lock of another image: {First(differences)}.",
            "Write the lock again with `eksnode image plan --lock-file`, or build with the document and the eksnode that it was written with.",
            given.Origin,
            differences[0][..differences[0].IndexOf(' ', StringComparison.Ordinal)]);
        return false;
    }

    /// <summary>In what the pinned part of a lock is not that of the planned image, each begun by its path; empty: it is.</summary>
    /// <param name="given">The lock.</param>
    /// <param name="image">The plan.</param>
    public static IReadOnlyList<string> Differences(TreeMap given, ImagePlan image)
    {
        var differences = new List<string>();
        Compare(ImageLock.Pinned, given[ImageLock.Pinned], ImageLock.Document(image)[ImageLock.Pinned], differences);
        return differences;
    }

    /// <summary>The first of some differences in words, and how many there are besides.</summary>
    /// <param name="differences">At least one.</param>
    public static string First(IReadOnlyList<string> differences)
    {
        var more = differences.Count > MostDifferences ? string.Create(CultureInfo.InvariantCulture, $", and {differences.Count - MostDifferences} more") : "";
        return string.Join("; ", differences.Take(MostDifferences)) + more;
    }

    private static void Compare(string path, TreeNode? given, TreeNode? planned, List<string> differences)
    {
        switch (given, planned)
        {
            case (TreeMap a, TreeMap b):
                foreach (var entry in a.Entries)
                {
                    Compare($"{path}.{entry.Key}", entry.Value, b[entry.Key], differences);
                }

                foreach (var entry in b.Entries)
                {
                    if (a[entry.Key] is null)
                    {
                        Compare($"{path}.{entry.Key}", null, entry.Value, differences);
                    }
                }

                break;
            case (TreeList a, TreeList b):
                for (var i = 0; i < Math.Max(a.Items.Length, b.Items.Length); i++)
                {
                    Compare(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), ItemOf(a, i), ItemOf(b, i), differences);
                }

                break;
            case (TreeScalar a, TreeScalar b) when a.Text == b.Text && IsNull(a) == IsNull(b):
                break;
            default:
                differences.Add($"{path} is {Words(given)} in the lock and {Words(planned)} in the plan");
                break;
        }
    }

    private static TreeNode? ItemOf(TreeList list, int index) => index < list.Items.Length ? list.Items[index] : null;

    private static bool IsNull(TreeScalar scalar) => scalar.Kind == ScalarKind.Null;

    private static string Words(TreeNode? node) => node switch
    {
        null => "missing",
        TreeScalar scalar => $"`{scalar.Text}`",
        _ => node.Describe(),
    };
}
