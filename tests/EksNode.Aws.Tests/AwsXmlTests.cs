using System.Text;
using CsCheck;
using EksNode.Aws.Services;

namespace EksNode.Aws.Tests;

public sealed class AwsXmlTests
{
    [Fact]
    public void Reads_elements_text_entities_and_lists()
    {
        var root = Parse("""
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment > with a bracket -->
            <Answer xmlns="http://ec2.amazonaws.com/doc/2016-11-15/" note="a > b">
              <set><item><name>a &amp; b &lt;c&gt; &#65;&#x42;</name></item><item><name><![CDATA[<raw>]]></name><empty/></item></set>
            </Answer>
            """)!;

        Assert.Equal("Answer", root.Name);
        Assert.Equal(["a & b <c> AB", "<raw>"], root.Items("set").Select(i => i.TextAt("name")!));
        Assert.Null(root.Items("set").Last().TextAt("empty"));
        Assert.Null(root.TextAt("no", "such"));
    }

    [Fact]
    public void Leaves_out_the_prefix_of_a_name() => Assert.Equal("x", Parse("<a:b><c:d>x</c:d></a:b>")!.TextAt("d"));

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("<a>")]
    [InlineData("<a></b>")]
    [InlineData("</a>")]
    [InlineData("<a></a><b></b>")]
    [InlineData("<a>&unknown;</a>")]
    [InlineData("<a>&#xD800;</a>")]
    [InlineData("<a>&#-5;</a>")]
    [InlineData("<a>&amp</a>")]
    [InlineData("<a><!-- </a>")]
    [InlineData("<a b='></a>")]
    [InlineData("text <a></a>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a></a>")]
    [InlineData("<></>")]
    [InlineData("<a/")]
    public void Refuses_what_is_not_well_formed(string text) => Assert.Null(Parse(text));

    [Fact]
    public void Refuses_what_is_nested_without_end() => Assert.Null(Parse(string.Concat(Enumerable.Repeat("<a>", 1000)) + string.Concat(Enumerable.Repeat("</a>", 1000))));

    [Fact]
    public void Any_text_ends_in_an_element_or_none()
    {
        string[] pieces =
            ["<a>", "</a>", "<b/>", "<", ">", "&", ";", "&amp;", "&#", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!", "\"", "'", "x", " ", "\0", "/"];
        var piece = Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]);
        piece.Array[0, 30].Select(string.Concat).Sample(text => Parse(text)?.Name != "", iter: 10_000);
    }

    private static XmlElement? Parse(string text) => AwsXml.Parse(Encoding.UTF8.GetBytes(text));
}
