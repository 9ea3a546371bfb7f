using CsCheck;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Documents;

/// <summary>Random trees. Keys come from a small set, so that merges meet the same key with values of other types.</summary>
internal static class TreeGenerators
{
    private static readonly Origin Somewhere = Origin.At("generated", 1, 1);

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("", "a", "it's", "\"", "\\", "a\nb", "tab\t", "true", "12", "\u0001\u007F", "é😀", "</b>&+", "\u2028", "#x", " x "),
        Gen.Char[' ', '~'].Array[0, 8].Select(c => new string(c)));

    private static readonly Gen<string> Key = Gen.Frequency(
        (8, Gen.OneOf("a", "b", "c")),
        (1, Gen.OneOf("", "x.y", "a b", "it's", "é", "\"q\"", "x-y_1", "n\n")),
        (1, Text));

    private static readonly Gen<TreeNode> Scalar = Gen.OneOf(
        Text.Select(t => (TreeNode)TreeScalar.Of(t, Somewhere)),
        Gen.Bool.Select(b => (TreeNode)TreeScalar.Of(b, Somewhere)),
        Gen.Long.Select(i => (TreeNode)TreeScalar.Of(i, Somewhere)),
        Gen.OneOf("0.5", "-1.25", "1e+21", "6.02e23").Select(f => (TreeNode)new TreeScalar(ScalarKind.Float, f, Somewhere)));

    private static readonly Gen<TreeNode> ScalarOrNull =
        Gen.Frequency((9, Scalar), (1, Gen.Const((TreeNode)TreeScalar.Null(Somewhere))));

    /// <summary>Maps with every kind of value, null too.</summary>
    public static Gen<TreeMap> Map { get; } = MapOf(ScalarOrNull, depth: 3);

    /// <summary>Maps without null, which TOML lacks.</summary>
    public static Gen<TreeMap> TomlMap { get; } = MapOf(Scalar, depth: 3);

    private static Gen<TreeMap> MapOf(Gen<TreeNode> scalar, int depth) =>
        Gen.Select(Key, Node(scalar, depth - 1))
            .Array[0, 5]
            .Select(entries => new TreeMap(entries.Select(e => new TreeEntry(e.Item1, Somewhere, e.Item2)), Somewhere));

    private static Gen<TreeNode> Node(Gen<TreeNode> scalar, int depth) => depth == 0
        ? scalar
        : Gen.Frequency(
            (3, scalar),
            (3, MapOf(scalar, depth).Select(m => (TreeNode)m)),
            (1, Node(scalar, depth - 1).Array[0, 3].Select(items => (TreeNode)new TreeList([.. items], Somewhere))));
}
