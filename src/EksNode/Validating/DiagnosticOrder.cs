using System.Collections.Immutable;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Validating;

/// <summary>The order in which findings are shown: by source, then by place.</summary>
internal static class DiagnosticOrder
{
    /// <summary>The findings in order; those of one place stay in the order in which they were found.</summary>
    /// <param name="found">The findings.</param>
    /// <param name="contents">The sources, in order.</param>
    public static List<Diagnostic> ByPlace(IEnumerable<Diagnostic> found, ImmutableArray<SourceContent> contents) =>
        new Ordered<Diagnostic>(found, (a, b) => Compare(a, b, contents)).ToList();

    private static int Compare(Diagnostic a, Diagnostic b, ImmutableArray<SourceContent> contents)
    {
        var (left, right) = (a.Origin, b.Origin);
        var order = Number(left, contents).CompareTo(Number(right, contents));
        order = order != 0 ? order : (left?.Part ?? 0).CompareTo(right?.Part ?? 0);
        order = order != 0 ? order : (left?.Line ?? 0).CompareTo(right?.Line ?? 0);
        return order != 0 ? order : (left?.Column ?? 0).CompareTo(right?.Column ?? 0);
    }

    // What has no place comes last.
    private static int Number(Origin? origin, ImmutableArray<SourceContent> contents)
    {
        for (var i = 0; i < contents.Length; i++)
        {
            if (origin is { Kind: OriginKind.Configuration } && contents[i].Name == origin.Source)
            {
                return i;
            }
        }

        return contents.Length;
    }
}
