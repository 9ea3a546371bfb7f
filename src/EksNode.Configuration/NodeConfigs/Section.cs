using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// One map of typed settings while it is read. Each method names a key that the map may have; null, and what is empty and so
/// overrides nothing in a merge, counts as not set. <see cref="Finish"/> reports the keys that nobody asked for.
/// </summary>
/// <param name="map">The map; null when the document lacks it.</param>
/// <param name="path">Its path.</param>
/// <param name="diagnostics">Where to report.</param>
/// <param name="ownGroup">Whether the document is of eksnode's own API group, which has more settings.</param>
internal sealed class Section(TreeMap? map, string path, DiagnosticBag diagnostics, bool ownGroup)
{
    /// <summary>Told every setting that a reader asks for: a test holds the table of settings against it.</summary>
    [ThreadStatic]
    internal static Action<string>? Asked;

    private readonly List<string> keys = [];

    /// <summary>Whether the document is an ImageConfig; else it is a NodeConfig, whose keys are also looked for where they belong.</summary>
    public bool IsImageConfig { get; init; }

    /// <summary>The map itself; null when the document lacks it.</summary>
    public TreeMap? Map => map;

    /// <summary>Whether the document is of eksnode's own API group, which has more settings.</summary>
    public bool OwnGroup => ownGroup;

    /// <summary>The section's path.</summary>
    public string Path => path;

    /// <summary>Where to report.</summary>
    public DiagnosticBag Diagnostics => diagnostics;

    /// <summary>The path of a key of the section.</summary>
    public string PathOf(string key) => SettingPath.Child(path, key);

    /// <summary>A section of the section.</summary>
    public Section Child(string key) => new(Document(key), PathOf(key), diagnostics, ownGroup) { IsImageConfig = IsImageConfig };

    /// <summary>A section that only eksnode's own API group has: in a document of the other group it is reported and empty.</summary>
    public Section OwnChild(string key) => Own(key) ? Child(key) : new(null, PathOf(key), diagnostics, ownGroup);

    /// <summary>Whether a setting that only eksnode has may be read; in a document of the other group it is reported and has no effect.</summary>
    public bool Own(string key)
    {
        // What the other group does not have is no suggestion in its documents, either: it is not asked for.
        if (ownGroup || map?[key] is null || Value(key) is not { } value)
        {
            return ownGroup;
        }

        diagnostics.Report(
            DiagnosticCatalogue.SettingOfOwnGroup,
            $"`{PathOf(key)}` is a setting of `eksnode.io/v1alpha1`: in a document of `node.eks.aws` it is ignored.",
            "Move it to a document with `apiVersion: eksnode.io/v1alpha1`; documents of both merge.",
            map.Find(key)?.KeyOrigin ?? value.Origin,
            PathOf(key));
        return false;
    }

    /// <summary>The maps of a list, each as a section: <c>hooks.preStart[0]</c>. What is no map is reported and left out.</summary>
    /// <param name="key">The key of the list.</param>
    /// <param name="help">How to write an item.</param>
    public IEnumerable<Section> Sections(string key, string help)
    {
        var items = List(key)?.Items ?? [];
        for (var i = 0; i < items.Length; i++)
        {
            var item = SettingPath.Item(PathOf(key), i);
            if (items[i] is TreeMap child)
            {
                yield return new Section(child, item, diagnostics, ownGroup) { IsImageConfig = IsImageConfig };
            }
            else
            {
                SettingTypes.ReportWrong(items[i], item, "a map", help, diagnostics);
            }
        }
    }

    /// <summary>A map whose keys are not ours.</summary>
    public TreeMap? Document(string key)
    {
        switch (Value(key))
        {
            case null:
                return null;
            case TreeMap document:
                return document;
            case var other:
                SettingTypes.ReportWrong(other, PathOf(key), "a map", MapHelp(other), diagnostics);
                return null;
        }
    }

    /// <summary>A list.</summary>
    public TreeList? List(string key)
    {
        switch (Value(key))
        {
            case null:
                return null;
            case TreeList list:
                return list;
            case var other:
                SettingTypes.ReportWrong(other, PathOf(key), "a list", "Write each item on a line of its own: `- item`.", diagnostics);
                return null;
        }
    }

    /// <summary>A boolean.</summary>
    public Sourced<bool>? Bool(string key)
    {
        switch (Value(key))
        {
            case null:
                return null;
            case TreeScalar { Kind: ScalarKind.Bool } scalar:
                return new Sourced<bool>(scalar.Text == "true", scalar.Origin);
            case var other:
                ReportNotBool(other, PathOf(key), diagnostics);
                return null;
        }
    }

    /// <summary>A string; the scalar, for what needs places inside it.</summary>
    public TreeScalar? Scalar(string key)
    {
        switch (Value(key))
        {
            case null or TreeScalar { Kind: ScalarKind.String, Text: "" }:
                return null;
            case TreeScalar { Kind: ScalarKind.String } scalar:
                return scalar;
            case var other:
                SettingTypes.ReportNotText(other, PathOf(key), secret: false, diagnostics);
                return null;
        }
    }

    /// <summary>A string that must be a value of a type.</summary>
    public Sourced<T>? Text<T>(string key, Func<string, ValueResult<T>> parse, DiagnosticDescriptor descriptor)
    {
        if (Scalar(key) is not { } scalar)
        {
            return null;
        }

        if (parse(scalar.Text).TryGet(out var value, out var problem))
        {
            return new Sourced<T>(value, scalar.Origin);
        }

        diagnostics.Report(descriptor, problem.Message, NotRendered(scalar.Text) ?? problem.Help, scalar.Origin, PathOf(key));
        return null;
    }

    // User data is often made of a template: what it leaves behind is no matter of how the value is written.
    internal static string? NotRendered(string text) =>
        text.Contains("${", StringComparison.Ordinal) || text.Contains("{{", StringComparison.Ordinal)
            ? "It looks like a variable of a template that was not filled in: render the template before it becomes user data."
            : null;

    /// <summary>How long something is waited for.</summary>
    /// <param name="key">The key.</param>
    /// <param name="help">What to write instead of one that is zero or less.</param>
    /// <param name="descriptor">What it is when it is wrong.</param>
    public Sourced<GoDuration>? Wait(string key, string help, DiagnosticDescriptor descriptor)
    {
        if (Value(key) is not TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } number)
        {
            return Text(key, text => GoDuration.ParseWait(text, help), descriptor);
        }

        diagnostics.Report(
            DiagnosticCatalogue.UnquotedText,
            $"`{PathOf(key)}` must be a duration, but it is {SettingTypes.Describe(number, PathOf(key))}.",
            $"Write it with its unit: `{number.Text}s`.",
            number.Origin,
            PathOf(key));
        return null;
    }

    /// <summary>One of several words.</summary>
    public Sourced<T>? Choice<T>(string key, WordList<T> choices) =>
        Scalar(key) is { } scalar && ReadChoice(scalar, PathOf(key), choices) is { } value ? new Sourced<T>(value.Value, scalar.Origin) : null;

    /// <summary>One of several words, in any case: another case than the API's is a warning.</summary>
    public Sourced<T>? ChoiceInAnyCase<T>(string key, WordList<T> choices)
    {
        if (Scalar(key) is not { } scalar)
        {
            return null;
        }

        if (choices.TryGet(scalar.Text, out _)
            || choices.Words.FirstOrDefault(word => word.Equals(scalar.Text, StringComparison.OrdinalIgnoreCase)) is not { } meant
            || !choices.TryGet(meant, out var value))
        {
            return ReadChoice(scalar, PathOf(key), choices);
        }

        ReportOtherCase(scalar, key, meant);
        return new Sourced<T>(value, scalar.Origin);
    }

    /// <summary>The one word that a setting of numbers may have, in any case; null when it has no word or another one.</summary>
    public Sourced<string>? Word(string key, string word)
    {
        if (Value(key) is not TreeScalar { Kind: ScalarKind.String } scalar || !scalar.Text.Equals(word, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (scalar.Text != word)
        {
            ReportOtherCase(scalar, key, word);
        }

        return new Sourced<string>(word, scalar.Origin);
    }

    private void ReportOtherCase(TreeScalar scalar, string key, string meant) => diagnostics.Report(
        DiagnosticCatalogue.ChoiceInOtherCase,
        $"`{PathOf(key)}` is {Quoted.Text(scalar.Text)} and is read as `{meant}`.",
        $"Write `{meant}`, as the API does.",
        scalar.Origin,
        PathOf(key));

    /// <summary>A list of strings that must be values of a type; bad ones are left out, an empty list counts as not set.</summary>
    public Sourced<ImmutableArray<T>>? Texts<T>(string key, Func<string, ValueResult<T>> parse, DiagnosticDescriptor descriptor) =>
        Items(key, (scalar, itemPath) =>
        {
            if (parse(scalar.Text).TryGet(out var value, out var problem))
            {
                return new Sourced<T>(value, scalar.Origin);
            }

            diagnostics.Report(descriptor, problem.Message, problem.Help, scalar.Origin, itemPath);
            return null;
        });

    /// <summary>A list of words out of several; bad ones are left out, an empty list counts as not set.</summary>
    public Sourced<ImmutableArray<T>>? Choices<T>(string key, WordList<T> choices) =>
        Items(key, (scalar, itemPath) => ReadChoice(scalar, itemPath, choices));

    /// <summary>The value of a key, or null when it is absent or null.</summary>
    public TreeNode? Value(string key)
    {
        Asked?.Invoke(PathOf(key));
        if (!keys.Contains(key))
        {
            keys.Add(key);
        }

        return map?[key] is { } value and not TreeScalar { Kind: ScalarKind.Null } ? value : null;
    }

    /// <summary>Whether a key is absent, null or empty, so that nothing is said about what is wrong with its value.</summary>
    public bool Lacks(string key) => map?[key] is null or TreeScalar { Kind: ScalarKind.Null } or TreeScalar { Kind: ScalarKind.String, Text: "" };

    /// <summary>Reports the keys that are no settings.</summary>
    public void Finish()
    {
        foreach (var entry in map?.Entries ?? [])
        {
            if (!keys.Contains(entry.Key) && !entry.IsNotText)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.UnknownKey,
                    $"{(path.Length == 0 ? (IsImageConfig ? "An ImageConfig" : "A NodeConfig") : $"`{path}`")} has no setting {Quoted.Text(entry.Key)}: it is ignored.",
                    IsImageConfig
                        ? Suggestions.DidYouMean(entry.Key, keys, $"The settings here are {string.Join(", ", keys.Select(k => $"`{k}`"))}.")
                        : MisplacedKeys.Help(path, entry.Key, keys, ownGroup),
                    entry.KeyOrigin,
                    PathOf(entry.Key));
            }
        }
    }

    /// <summary>Something else where a boolean belongs.</summary>
    public static void ReportNotBool(TreeNode node, string path, DiagnosticBag diagnostics) =>
        SettingTypes.ReportWrong(
            node,
            path,
            "`true` or `false`",
            node is TreeScalar { Kind: ScalarKind.String, Text: "true" or "false" or "yes" or "no" or "on" or "off" } ? "Write `true` or `false` without quotes." : "Write `true` or `false`.",
            diagnostics);

    // YAML takes `key:value` for one word.
    private static string MapHelp(TreeNode node)
    {
        var colon = node is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text.IndexOf(':', StringComparison.Ordinal) : -1;
        return colon > 0 && ((TreeScalar)node).Text is var text && text.AsSpan(0, colon).IndexOf(' ') < 0 && colon + 1 < text.Length && text[colon + 1] != ' '
            ? $"Write a space after the colon: `{text[..colon]}: …`."
            : "Write its settings below it, indented.";
    }

    private Sourced<ImmutableArray<T>>? Items<T>(string key, Func<TreeScalar, string, Sourced<T>?> read)
    {
        if (List(key) is not { } list)
        {
            return null;
        }

        var values = new List<T>();
        for (var i = 0; i < list.Items.Length; i++)
        {
            var itemPath = SettingPath.Item(PathOf(key), i);
            if (list.Items[i] is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                SettingTypes.ReportNotText(list.Items[i], itemPath, secret: false, diagnostics);
            }
            else if (read(scalar, itemPath) is { } value)
            {
                values.Add(value.Value);
            }
        }

        return values.Count == 0 ? null : new Sourced<ImmutableArray<T>>(values.ToImmutable(), list.Origin);
    }

    private Sourced<T>? ReadChoice<T>(TreeScalar scalar, string itemPath, WordList<T> choices)
    {
        if (choices.TryGet(scalar.Text, out var value))
        {
            return new Sourced<T>(value, scalar.Origin);
        }

        diagnostics.Report(
            DiagnosticCatalogue.BadChoice,
            $"`{itemPath}` must be {Quoted.Choices(choices.Words)}, but it is {Quoted.Text(scalar.Text)}.",
            Suggestions.DidYouMean(scalar.Text, choices.Words, "Write one of these."),
            scalar.Origin,
            itemPath);
        return null;
    }
}
