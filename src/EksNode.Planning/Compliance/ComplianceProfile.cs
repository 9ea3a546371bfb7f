using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Compliance;

/// <summary>
/// What the compliance profile of the image asks of the files that join writes: a layer over eksnode's defaults and below every
/// configuration. Without a profile, and without FIPS mode, it changes nothing.
/// </summary>
public sealed class ComplianceProfile
{
    private const char ListSeparator = '|';
    private const char FormulaMark = '=';

    private readonly ImmutableArray<(string Profile, ControlRow Row)> rules;

    private ComplianceProfile(ImmutableArray<(string Profile, ControlRow Row)> rules) => this.rules = rules;

    /// <summary>No profile.</summary>
    public static ComplianceProfile None { get; } = new([]);

    /// <summary>The names of all profiles, sorted.</summary>
    public static ImmutableArray<string> Names => [.. ComplianceTables.Default.Profiles.Keys];

    /// <summary>The profile of the image; a name that is none is a warning, and asks for nothing.</summary>
    /// <param name="facts">The facts: <c>image.profile</c> and <c>image.fips</c>.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static ComplianceProfile Of(NodeFacts facts, DiagnosticBag diagnostics)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(diagnostics);
        var fips = facts.Image.Fips ?? false;
        if (facts.Image.Profile is null && !fips)
        {
            return None;
        }

        var tables = ComplianceTables.Default;
        var rules = new List<(string Profile, ControlRow Row)>();
        if (facts.Image.Profile is { } name)
        {
            if (tables.Profiles.TryGetValue(name, out var benchmarks))
            {
                fips = fips && !benchmarks.Contains(ComplianceTables.Fips);
                rules.AddRange(benchmarks.SelectMany(b => tables.RowsOf(b)).Select(r => (name, r)));
            }
            else
            {
                ReportUnknown(name, facts, diagnostics);
            }
        }

        if (fips)
        {
            rules.AddRange(tables.RowsOf(ComplianceTables.Fips).Select(r => (ComplianceTables.Fips, r)));
        }

        return new ComplianceProfile(rules.ToImmutable());
    }

    /// <summary>The permission bits of a file: those of the default that no control forbids.</summary>
    /// <param name="file">The path.</param>
    /// <param name="mode">The default.</param>
    public int Mode(string file, int mode)
    {
        foreach (var row in Of(file, ControlRule.Mode))
        {
            mode &= Convert.ToInt32(row.Value, 8);
        }

        return mode;
    }

    /// <summary>
    /// The document of a file with the values of the profile: one that is there is replaced in its place, another one comes after the
    /// last key that sorts before it. The origin of each is the profile; its note says why and names the controls.
    /// </summary>
    /// <param name="file">The path.</param>
    /// <param name="document">The default.</param>
    /// <param name="formula">A value that follows from the node, and how, by the name of its formula.</param>
    public TreeMap Harden(string file, TreeMap document, Func<string, Sourced<long>> formula)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(formula);
        foreach (var rulesOfSetting in rules.Where(r => r.Row.File == file && r.Row.Rule == ControlRule.Set).GroupBy(r => r.Row.Setting, StringComparer.Ordinal))
        {
            var (profile, row) = rulesOfSetting.Last();
            var ids = string.Join(", ", rulesOfSetting.Select(r => r.Row.Id));
            document = Entries.Insert(document, row.Setting, Value(row, profile, ids, formula));
        }

        return document;
    }

    /// <summary>The controls that a file without document satisfies.</summary>
    /// <param name="file">The path.</param>
    public ImmutableArray<string> Controls(string file) => Controls(file, new TreeMap([], Origin.Default("no document")));

    /// <summary>The controls that a file satisfies by itself: drop-ins over it and flags may still undo them.</summary>
    /// <param name="file">The path.</param>
    /// <param name="document">Its document, with the profile's values.</param>
    public ImmutableArray<string> Controls(string file, TreeMap document)
    {
        var ids = new List<string>();
        foreach (var (_, row) in rules)
        {
            if (row.File == file && !ids.Contains(row.Id) && IsMet(row, document))
            {
                ids.Add(row.Id);
            }
        }

        return [.. ids];
    }

    private static void ReportUnknown(string name, NodeFacts facts, DiagnosticBag diagnostics) => diagnostics.Report(
        DiagnosticCatalogue.ProfileUnknown,
        $"The image has the compliance profile `{name}`, which this eksnode does not know, so that none of its values apply.",
        Suggestions.DidYouMean(name, Names, $"The profiles are {string.Join(", ", Names)}; FIPS mode is `fips: true` in the image manifest."),
        facts.OriginOf("image.profile"),
        "image.profile");

    private IEnumerable<ControlRow> Of(string file, ControlRule rule) =>
        rules.Where(r => r.Row.File == file && r.Row.Rule == rule).Select(r => r.Row);

    // A mode or an owner is one that join gives; a setting is looked for.
    private static bool IsMet(ControlRow row, TreeMap document) => row.Rule switch
    {
        ControlRule.Has => Find(document, row.Setting) is TreeScalar scalar && scalar.Text == row.Value,
        ControlRule.Set => Find(document, row.Setting) is not null,
        ControlRule.Unset => Find(document, row.Setting) is null,
        _ => true,
    };

    private static TreeNode? Find(TreeMap document, string setting)
    {
        TreeNode? node = document;
        foreach (var key in setting.Split('.'))
        {
            node = (node as TreeMap)?[key];
        }

        return node;
    }

    private static TreeNode Value(ControlRow row, string profile, string ids, Func<string, Sourced<long>> formula)
    {
        if (row.Value[0] == FormulaMark)
        {
            var (value, decided) = formula(row.Value[1..]);
            return TreeScalar.Of(value, Origin.Profile(profile, $"{ids}: {row.Why}, {decided.Note}"));
        }

        var origin = Origin.Profile(profile, $"{ids}: {row.Why}");
        if (row.Value.Contains(ListSeparator, StringComparison.Ordinal))
        {
            return new TreeList([.. row.Value.Split(ListSeparator).Select(v => TreeScalar.Of(v, origin))], origin);
        }

        return row.Value is "true" or "false" ? TreeScalar.Of(row.Value == "true", origin)
            : long.TryParse(row.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? TreeScalar.Of(number, origin)
            : TreeScalar.Of(row.Value, origin);
    }
}
