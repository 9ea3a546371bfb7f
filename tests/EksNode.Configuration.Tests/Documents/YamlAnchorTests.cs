using SharpYaml;
using SharpYaml.Events;

namespace EksNode.Configuration.Tests.Documents;

/// <summary>
/// The published executable leaves out the regular expression that an anchor is checked by (src/EksNode/substitutions.xml): the
/// parser's scanner must never hand on an anchor that it would refuse. Here it is in place.
/// </summary>
public sealed class YamlAnchorTests
{
    private const string Refusal = "Anchor value must contain";

    public static IEnumerable<TheoryDataRow<string>> Characters() =>
        Enumerable.Range(1, 0x2FF).Select(c => new TheoryDataRow<string>($"U+{c:X4}"));

    [Theory]
    [MemberData(nameof(Characters))]
    public void NoAnchorOrAliasReachesTheCheckThatItWouldRefuse(string character)
    {
        var c = (char)Convert.ToInt32(character[2..], 16);
        foreach (var yaml in (string[])[$"a: &{c} 1\n", $"a: &x{c}y 1\n", $"a: &x{c}\n", $"a: &x 1\nb: *x{c}\n", $"a: *{c}\n"])
        {
            Read(yaml);
        }
    }

    [Fact]
    public void TheCheckIsInPlaceHere() =>
        Assert.Contains(Refusal, Assert.ThrowsAny<Exception>(() => new Scalar("x.y", null, "v", ScalarStyle.Plain, true, false)).Message, StringComparison.Ordinal);

    private static void Read(string yaml)
    {
        var parser = Parser.CreateParser(new StringReader(yaml));
        try
        {
            while (parser.MoveNext())
            {
            }
        }
        catch (YamlException refused)
        {
            // The scanner may refuse what is no anchor; that is its task.
            Assert.DoesNotContain(Refusal, refused.Message, StringComparison.Ordinal);
        }
    }
}
