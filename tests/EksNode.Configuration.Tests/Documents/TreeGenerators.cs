using CsCheck;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Documents;

/// <summary>Random trees. Keys come from a small set, so that merges meet the same key with values of other types.</summary>
internal static class TreeGenerators
{
    private static readonly Origin Somewhere = Origin.At("generated", 1, 1);

    // Of another place each, so that a merge that takes the wrong one shows.
    private static readonly Gen<Origin> Place = Gen.Int[1, 1_000_000].Select(line => Origin.At("generated", line, 1));

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("", "a", "it's", "\"", "\\", "a\nb", "tab\t", "true", "12", "\u0001\u007F", "é😀", "</b>&+", "\u2028", "#x", " x "),
        Gen.Char[' ', '~'].Array[0, 8].Select(c => new string(c)));

    private static readonly Gen<string> Key = Gen.Frequency(
        (8, Gen.OneOf("a", "b", "c")),
        (1, Gen.OneOf("", "x.y", "a b", "it's", "é", "\"q\"", "x-y_1", "n\n")),
        (1, Text));

    private static readonly Gen<TreeNode> Scalar = Gen.OneOf(
        Gen.Select(Text, Place).Select(p => (TreeNode)TreeScalar.Of(p.Item1, p.Item2)),
        Gen.Select(Gen.Bool, Place).Select(p => (TreeNode)TreeScalar.Of(p.Item1, p.Item2)),
        Gen.Select(Gen.Long, Place).Select(p => (TreeNode)TreeScalar.Of(p.Item1, p.Item2)),
        Gen.Select(Gen.OneOf("0.5", "-1.25", "1e+21", "6.02e23"), Place).Select(p => (TreeNode)new TreeScalar(ScalarKind.Float, p.Item1, p.Item2)));

    private static readonly Gen<TreeNode> ScalarOrNull = Gen.Frequency((9, Scalar), (1, Place.Select(p => (TreeNode)TreeScalar.Null(p))));

    /// <summary>Maps with every kind of value, null too.</summary>
    public static Gen<TreeMap> Map { get; } = MapOf(ScalarOrNull, depth: 3);

    /// <summary>Maps without null, which TOML lacks.</summary>
    public static Gen<TreeMap> TomlMap { get; } = MapOf(Scalar, depth: 3);

    private static Gen<TreeMap> MapOf(Gen<TreeNode> scalar, int depth) =>
        Gen.Select(Key, Place, Node(scalar, depth - 1))
            .Array[0, 5]
            .Select(entries => new TreeMap(entries.Select(e => new TreeEntry(e.Item1, e.Item2, e.Item3)), Somewhere));

    private static Gen<TreeNode> Node(Gen<TreeNode> scalar, int depth) => depth == 0
        ? scalar
        : Gen.Frequency(
            (3, scalar),
            (3, MapOf(scalar, depth).Select(m => (TreeNode)m)),
            (1, Node(scalar, depth - 1).Array[0, 3].Select(items => (TreeNode)new TreeList([.. items], Somewhere))));
}
