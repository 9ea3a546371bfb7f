using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Engine;
using EksNode.Planning.Migration;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>One value that differs between two versions of a document.</summary>
/// <param name="path">The path of the value: <c>kubeReserved.memory</c>; of an item of a list that came or went, that of the list with <c>[]</c>.</param>
/// <param name="before">The value that was there, redacted; null: none.</param>
/// <param name="after">The value that comes, redacted; null: none.</param>
/// <param name="origin">What decided the value that comes; null: nobody knows.</param>
internal sealed class DocumentChange(string path, string? before, string? after, Origin? origin)
{
    /// <summary>The path of the value.</summary>
    public string Path { get; } = path;

    /// <summary>The value that was there, redacted.</summary>
    public string? Before { get; } = before;

    /// <summary>The value that comes, redacted.</summary>
    public string? After { get; } = after;

    /// <summary>What decided the value that comes.</summary>
    public Origin? Origin { get; } = origin;
}

/// <summary>What differs inside a JSON, YAML or TOML file: value by value, lists item by item.</summary>
internal sealed class DocumentDiff
{
    private const string Arguments = "NODEADM_KUBELET_ARGS";

    private readonly Redactor redactor;
    private readonly List<DocumentChange> changes = new List<DocumentChange>();

    private DocumentDiff(Redactor redactor) => this.redactor = redactor;

    // The arguments of a program, flag by flag; null: what is there holds none, or only their order differs.
    private static ImmutableArray<DocumentChange>? OfArguments(FileResource file, ObjectVersion before, Redactor redactor)
    {
        var text = Encoding.UTF8.GetString(before.Content.AsSpan());
        var planned = Encoding.UTF8.GetString(file.Content.AsSpan());
        var was = new List<Sourced<string>>();
        foreach (var word in QuotedWords.Split(SystemdWords.Value(text, Arguments) ?? ""))
        {
            was.Add(new Sourced<string>(word, Origin.Default("")));
        }

        var arguments = file.Arguments.ToList();
        var gone = was.Where(a => !arguments.Exists(b => a.Value == b.Value)).ToList();
        var come = arguments.Where(a => !was.Exists(b => a.Value == b.Value)).ToList();
        if (was.Count == 0 || (gone.Count == 0 && come.Count == 0) || !SameVariables(text, planned))
        {
            return null;
        }

        var changes = new List<DocumentChange>();
        foreach (var argument in gone)
        {
            var (name, value) = Parts(argument.Value);
            var at = gone.Count(a => Parts(a.Value).Name == name) == 1 && come.Count(a => Parts(a.Value).Name == name) == 1 ? come.FindIndex(a => Parts(a.Value).Name == name) : -1;
            var by = at < 0 ? null : come[at];
            if (by is not null)
            {
                come.RemoveAt(at);
            }

            changes.Add(new DocumentChange(name, Text(name, value), by is null ? null : Text(name, Parts(by.Value).Value), by?.Origin));
        }

        foreach (var argument in come)
        {
            var (name, value) = Parts(argument.Value);
            changes.Add(new DocumentChange(name, null, Text(name, value), argument.Origin));
        }

        return changes.ToImmutable();

        string Text(string name, string value) => redactor.Redact(Reasons.Of(name, name.TrimStart('-'), value, Origin.Default("")).Value);

        static (string Name, string Value) Parts(string argument) =>
            argument.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? (argument[..equals], argument[(equals + 1)..]) : (argument, "");

        static bool SameVariables(string left, string right)
        {
            var (first, second) = (new StringBuilder(), new StringBuilder());
            foreach (var (text, into) in ((string, StringBuilder)[])[(left, first), (right, second)])
            {
                foreach (var (variable, value) in SystemdWords.Variables(text))
                {
                    into.Append(variable).Append('=').Append(variable == Arguments ? "" : value).Append('\n');
                }
            }

            return first.Equals(second);
        }
    }

    /// <summary>The values that differ; null when one of the versions is no such document, so that its lines are compared.</summary>
    public static ImmutableArray<DocumentChange>? Of(Change change, Redactor redactor)
    {
        if (change is { Before: { IsText: true } environment, After: not null, Resource: FileResource { Arguments.IsEmpty: false } file })
        {
            return OfArguments(file, environment, redactor);
        }

        if (change.Before is not { IsText: true } before || change.After is not { IsText: true } after
            || Read(change.Path, Encoding.UTF8.GetString(before.Content.AsSpan())) is not { } old
            || Read(change.Path, Encoding.UTF8.GetString(after.Content.AsSpan())) is not { } own)
        {
            return null;
        }

        // The planned document says what decided each value, unless what is written is not it.
        var planned = (change.Resource as FileResource)?.Document;
        var diff = new DocumentDiff(redactor);
        diff.Compare("", "", old, own, planned ?? own, planned is null ? null : Origin.Default(""));
        return diff.changes.ToImmutable();
    }

    private static TreeMap? Read(string path, string text)
    {
        var bag = new DiagnosticBag();
        TreeNode? node = null;
        if (text.AsSpan().TrimStart() is ['{', ..])
        {
            node = JsonReader.Read(text, path, 0, bag);
        }
        else if (path.EndsWith(".toml", StringComparison.Ordinal))
        {
            node = TomlReader.Read(text, path, bag);
        }
        else if (path.EndsWith("kubeconfig", StringComparison.Ordinal) || path.EndsWith(".yaml", StringComparison.Ordinal))
        {
            node = YamlReader.Read(text, path, 0, bag) is [var only] ? only : null;
        }

        return bag.HasErrors ? null : node as TreeMap;
    }

    private void Compare(string path, string name, TreeNode? before, TreeNode? after, TreeNode? planned, Origin? known)
    {
        switch (before, after)
        {
            case (TreeMap a, TreeMap b):
                foreach (var entry in a.Entries)
                {
                    Compare(Child(path, entry.Key), entry.Key, entry.Value, b[entry.Key], (planned as TreeMap)?[entry.Key], known);
                }

                foreach (var entry in b.Entries)
                {
                    if (a.Find(entry.Key) is null)
                    {
                        Compare(Child(path, entry.Key), entry.Key, null, entry.Value, (planned as TreeMap)?[entry.Key], known);
                    }
                }

                break;
            case (null, TreeMap { Entries.IsEmpty: false } b):
                Compare(path, name, new TreeMap([], b.Origin), b, planned, known);
                break;
            case (TreeMap { Entries.IsEmpty: false } a, null):
                Compare(path, name, a, new TreeMap([], a.Origin), planned, known);
                break;
            case (TreeList a, TreeList b):
                Items(path, name, a, b, planned, known);
                break;
            default:
                var (was, becomes) = (before is null ? null : Exact(before), after is null ? null : Exact(after));
                if (was != becomes)
                {
                    changes.Add(new DocumentChange(path, Shown(name, before), Shown(name, after), after is null || known is null ? null : planned?.Origin));
                }

                break;
        }
    }

    // What went and what came; the same items in another order are one change.
    private void Items(string path, string name, TreeList before, TreeList after, TreeNode? planned, Origin? known)
    {
        if (Exact(before) == Exact(after))
        {
            return;
        }

        var count = changes.Count;
        var origin = known is null ? null : planned?.Origin;
        AddMissing(before, after, item => new DocumentChange(path + "[]", Shown(name, item), null, null));
        AddMissing(after, before, item => new DocumentChange(path + "[]", null, Shown(name, item), origin));
        if (changes.Count == count)
        {
            changes.Add(new DocumentChange(path, Shown(name, before), Shown(name, after), origin));
        }
    }

    private void AddMissing(TreeList of, TreeList from, Func<TreeNode, DocumentChange> change)
    {
        var left = new List<string>();
        foreach (var item in from.Items)
        {
            left.Add(Exact(item));
        }

        foreach (var item in of.Items)
        {
            if (!left.Remove(Exact(item)))
            {
                changes.Add(change(item));
            }
        }
    }

    private string? Shown(string name, TreeNode? node) =>
        node is null ? null : redactor.Redact(Reasons.Of(name, name, Reasons.Text(node), node.Origin).Value);

    private static string Exact(TreeNode node) => JsonWriter.Write(node, 0, sortKeys: true);

    private static string Child(string path, string key) => path.Length == 0 ? key : path + "." + key;
}
