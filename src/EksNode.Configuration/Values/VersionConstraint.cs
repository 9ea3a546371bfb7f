using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Values;

/// <summary>
/// Which versions of a component may be taken: <c>2.2.4</c> that one, <c>2.2</c> or <c>2.2.*</c> any of that minor, <c>*</c> any, and comparisons that all
/// must hold, <c>&gt;=2.1 &lt;2.3</c>. Of several that fit the newest is taken.
/// </summary>
public sealed class VersionConstraint
{
    private readonly Term[] terms;

    private VersionConstraint(string text, Term[] terms)
    {
        Text = text;
        this.terms = terms;
    }

    /// <summary>Any version.</summary>
    public static VersionConstraint Any { get; } = new("*", []);

    /// <summary>The constraint as it was written, its parts separated by one space.</summary>
    public string Text { get; }

    /// <summary>The one version that fits, when the constraint names it.</summary>
    public SemanticVersion? Exact => terms is [{ Comparison: "=", Parts: 3 } term] ? term.Version : null;

    /// <summary>Reads a constraint.</summary>
    public static ValueResult<VersionConstraint> Parse(string text)
    {
        var terms = new List<Term>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var comparison = Comparison(word);
            if (Read(word[comparison.Length..], wildcard: comparison.Length == 0) is not { } read)
            {
                return new ValueProblem(
                    $"{Quoted.Text(text)} is no version.",
                    "Write one version (`2.2.4`), a minor (`2.2` or `2.2.*`), `*`, or comparisons (`>=2.1 <2.3`).");
            }

            if (read.Parts > 0)
            {
                terms.Add(read with { Comparison = comparison.Length == 0 ? "=" : comparison });
            }
        }

        var constraint = new VersionConstraint(string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)), [.. terms]);
        return constraint.Text.Length == 0 ? new ValueProblem("The version is empty.", "Write one version (`2.2.4`), a minor (`2.2`) or `*`.")
            : constraint.IsPossible() ? constraint
            : new ValueProblem($"No version fits {Quoted.Text(text)}.", "All comparisons must hold at once: write a lower bound that is below the upper one (`>=2.1 <2.3`).");
    }

    // What fits begins at 0.0.0, or at the first version that one of the terms lets in.
    private bool IsPossible()
    {
        var isPossible = Matches(default);
        foreach (var (_, v, parts) in terms)
        {
            isPossible |= Matches(v) || Matches(parts switch
            {
                1 => new SemanticVersion(v.Major + 1, 0, 0),
                2 => new SemanticVersion(v.Major, v.Minor + 1, 0),
                _ => new SemanticVersion(v.Major, v.Minor, v.Patch + 1),
            });
        }

        return isPossible;
    }

    /// <summary>Whether a version fits.</summary>
    public bool Matches(SemanticVersion version)
    {
        foreach (var term in terms)
        {
            if (!term.Holds(version))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same as a package manager's pattern of versions, where it is one: <c>2.2.*</c>; null for comparisons.</summary>
    public string? Pattern
    {
        get
        {
            if (terms is [])
            {
                return "*";
            }

            if (terms is not [{ Comparison: "=" } term])
            {
                return null;
            }

            var pattern = new StringBuilder(term.Version.Major.ToString(CultureInfo.InvariantCulture));
            if (term.Parts > 1)
            {
                pattern.Append(CultureInfo.InvariantCulture, $".{term.Version.Minor}");
            }

            return term.Parts > 2 ? term.Version.ToString() : pattern.Append(".*").ToString();
        }
    }

    /// <summary><see cref="Text"/>.</summary>
    public override string ToString() => Text;

    private static string Comparison(string word) =>
        word.StartsWith(">=", StringComparison.Ordinal) || word.StartsWith("<=", StringComparison.Ordinal) ? word[..2]
            : word[0] is '>' or '<' or '=' ? word[..1]
            : "";

    // One to three numbers, the last of which may be `*`; `*` alone has none.
    private static Term? Read(string word, bool wildcard)
    {
        var parts = word.StartsWith('v') ? word[1..].Split('.') : word.Split('.');
        Span<int> numbers = [0, 0, 0];
        var count = 0;
        for (; count < parts.Length; count++)
        {
            if (wildcard && parts[count] == "*" && count == parts.Length - 1)
            {
                break;
            }

            if (count == numbers.Length || !int.TryParse(parts[count], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[count]))
            {
                return null;
            }
        }

        return new Term("", new SemanticVersion(numbers[0], numbers[1], numbers[2]), count);
    }

    // How many parts were given: `<2.3` is before 2.3.0, `<=2.3` holds for 2.3.9.
    private sealed record Term(string Comparison, SemanticVersion Version, int Parts)
    {
        public bool Holds(SemanticVersion version)
        {
            var given = new SemanticVersion(version.Major, Parts > 1 ? version.Minor : 0, Parts > 2 ? version.Patch : 0);
            var order = given.CompareTo(Version);
            return Comparison switch
            {
                "=" => order == 0,
                ">" => order > 0,
                ">=" => order >= 0,
                "<" => order < 0,
                _ => order <= 0,
            };
        }
    }
}
