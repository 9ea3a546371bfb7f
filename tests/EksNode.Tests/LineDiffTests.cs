using EksNode.Rendering;

namespace EksNode.Tests;

public sealed class LineDiffTests
{
    [Theory]
    [InlineData("a\nb\nc", "a\nb\nc", "")]
    [InlineData("a\nb\nc", "a\nx\nc", " a|-b|+x| c")]
    [InlineData("", "a", "-|+a")]
    [InlineData("1\n2\n3\n4\n5\n6\n7", "1\n2\n3\n4\n5\n6\nx", " 5| 6|-7|+x")]
    [InlineData("x\n2\n3\n4\n5\n6\n7\ny", "1\n2\n3\n4\n5\n6\n7\nz", "-x|+1| 2| 3|…| 6| 7|-y|+z")]
    public void Shows_changes_with_two_lines_of_context(string before, string after, string expected) =>
        Assert.Equal(expected, string.Join('|', LineDiff.Compute(before, after).Select(Shown)));

    [Fact]
    public void Texts_too_large_for_the_table_are_replaced_as_a_whole()
    {
        var before = string.Join('\n', Enumerable.Range(0, 5000));
        var lines = LineDiff.Compute(before, before + "\nmore");
        Assert.Equal(10001, lines.Count);
    }

    private static string Shown(DiffLine line) => line.Kind switch
    {
        DiffKind.Added => "+" + line.Text,
        DiffKind.Removed => "-" + line.Text,
        DiffKind.Gap => line.Text,
        _ => " " + line.Text,
    };
}
