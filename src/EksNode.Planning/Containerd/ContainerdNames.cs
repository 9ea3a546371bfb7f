using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Containerd;

/// <summary>
/// Checks a user's settings one by one against the tables of containerd's keys: names and types. Everything found is written as
/// asked: containerd ignores an unknown name and refuses a wrong type, or does not, if it is newer than the tables.
/// </summary>
internal static class ContainerdNames
{
    /// <summary>Reports names that neither schema knows and values of the wrong type.</summary>
    /// <param name="user">The user's settings, as written.</param>
    /// <param name="installed">The schema of the installed containerd.</param>
    /// <param name="containerd">The installed containerd.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Check(TreeMap user, ContainerdSchema installed, SemanticVersion containerd, DiagnosticBag diagnostics)
    {
        var other = installed == ContainerdSchema.Two ? ContainerdSchema.Three : ContainerdSchema.Two;
        foreach (var leaf in TreeLeaves.Of(user.Without("version")))
        {
            var answer = ContainerdKeys.Ask(installed, leaf.Path);
            if (answer.Finding == ContainerdKeyFinding.Unknown)
            {
                var elsewhere = ContainerdKeys.Ask(other, leaf.Path);
                answer = elsewhere.Finding != ContainerdKeyFinding.Unknown || elsewhere.Depth > answer.Depth ? elsewhere
                    : elsewhere.Depth == answer.Depth ? answer with { Siblings = answer.Siblings.Union(elsewhere.Siblings) }
                    : answer;
            }

            switch (answer.Finding)
            {
                case ContainerdKeyFinding.Unknown:
                    Unknown(leaf, answer, containerd, diagnostics);
                    break;
                case ContainerdKeyFinding.NotATable:
                    WrongType(leaf, answer, containerd, diagnostics);
                    break;
                case ContainerdKeyFinding.Known when !Fits(leaf.Value, answer.Type!.Value, installed):
                    WrongType(leaf, answer, containerd, diagnostics);
                    break;
            }
        }
    }

    private static void Unknown(TreeLeaf leaf, ContainerdKeyAnswer answer, SemanticVersion containerd, DiagnosticBag diagnostics)
    {
        var path = leaf.Path[..(answer.Depth + 1)];
        var key = path[^1];
        var isPlugin = path is ["plugins", _];
        var near = isPlugin
            ? answer.Siblings.Order(StringComparer.Ordinal).FirstOrDefault(s => s.EndsWith("." + key, StringComparison.Ordinal)) ?? Suggestions.Nearest(key, answer.Siblings)
            : Suggestions.Nearest(key, answer.Siblings);

        // A plugin that is not in the tables may be built in; one near to a name of the table is a slip.
        var sure = !ContainerdSchemas.IsNewerThanTable(containerd) && (!isPlugin || near is not null);
        diagnostics.Report(
            DiagnosticCatalogue.ContainerdSettingUnknown,
            isPlugin
                ? $"containerd {containerd} is not known to have a plugin `{TomlPath.Format([key])}`; it would ignore the settings of one that it lacks."
                : $"containerd {containerd} is not known to have the setting `{TomlPath.Format(path)}`; it ignores what it does not know.",
            near is not null ? $"Did you mean `{near}`?" : "Check the name against the documentation of this containerd.",
            leaf.Entries[answer.Depth].KeyOrigin,
            ContainerdConfiguration.SettingPrefix + TomlPath.Format(path),
            sure ? null : Severity.Info);
    }

    private static void WrongType(TreeLeaf leaf, ContainerdKeyAnswer answer, SemanticVersion containerd, DiagnosticBag diagnostics)
    {
        var path = leaf.Path[..(answer.Depth + 1)];
        var value = leaf.Entries[answer.Depth].Value;
        var expected = Expected(answer.Type!.Value);
        var found = value is TreeScalar { Kind: ScalarKind.String } && answer.Type is ContainerdKeyType.Duration or ContainerdKeyType.DurationText
            ? "another text"
            : value is TreeList && answer.Type is ContainerdKeyType.TextList ? "a list with something else" : value.Describe();
        diagnostics.Report(
            DiagnosticCatalogue.ContainerdTypeWrong,
            $"`{TomlPath.Format(path)}` must be {expected}, but it is {found}; containerd {containerd} will probably refuse to start.",
            answer.Type switch
            {
                ContainerdKeyType.Bool => "Write `true` or `false` without quotes.",
                ContainerdKeyType.Integer => "Write a whole number without quotes.",
                ContainerdKeyType.Text => "Write it in quotes.",
                ContainerdKeyType.TextList => "Write `[\"one\", \"two\"]`.",
                _ => $"Write {expected}.",
            },
            value.Origin,
            ContainerdConfiguration.SettingPrefix + TomlPath.Format(path));
    }

    private static bool Fits(TreeNode value, ContainerdKeyType type, ContainerdSchema installed) => type switch
    {
        ContainerdKeyType.Table or ContainerdKeyType.AnyMap => value is TreeMap,
        ContainerdKeyType.TextList => value is TreeList list && list.Items.All(i => i is TreeScalar { Kind: ScalarKind.String }),
        ContainerdKeyType.TableList => value is TreeList tables && tables.Items.All(i => i is TreeMap),
        _ => value is TreeScalar scalar && Fits(scalar, type, installed),
    };

    // containerd 2 (go-toml v2) takes an integer for a float; containerd 1 does not.
    private static bool Fits(TreeScalar value, ContainerdKeyType type, ContainerdSchema installed) => (type, value.Kind) switch
    {
        (ContainerdKeyType.Text, ScalarKind.String) => true,
        (ContainerdKeyType.Integer, ScalarKind.Integer) => true,
        (ContainerdKeyType.Bool, ScalarKind.Bool) => true,
        (ContainerdKeyType.Float, ScalarKind.Float) => true,
        (ContainerdKeyType.Float, ScalarKind.Integer) => installed != ContainerdSchema.Two,
        (ContainerdKeyType.Duration, ScalarKind.Integer) => true,
        (ContainerdKeyType.Duration, ScalarKind.String) => GoDuration.Parse(value.Text).IsValid,
        (ContainerdKeyType.DurationText, ScalarKind.String) => value.Text.Length == 0 || GoDuration.Parse(value.Text).IsValid,
        _ => false,
    };

    private static string Expected(ContainerdKeyType type) => type switch
    {
        ContainerdKeyType.Text => "a string",
        ContainerdKeyType.Integer => "an integer",
        ContainerdKeyType.Float => "a number with a fraction, such as 0.5",
        ContainerdKeyType.Bool => "a boolean",
        ContainerdKeyType.TextList => "a list of strings",
        ContainerdKeyType.TableList => "a list of tables",
        ContainerdKeyType.Duration or ContainerdKeyType.DurationText => "a duration as text, such as \"30s\"",
        _ => "a table",
    };
}
