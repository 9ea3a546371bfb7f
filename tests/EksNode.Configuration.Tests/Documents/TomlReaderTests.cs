using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Documents;

public sealed class TomlReaderTests
{
    [Theory]
    [InlineData("version = 2\nroot = \"/var\"\n", "{version: i2, root: s'/var'}")]
    [InlineData("a = 0xff\nb = 0o17\nc = 0b11\nd = 1_000\ne = +5\nf = -0\n", "{a: i255, b: i15, c: i3, d: i1000, e: i5, f: i0}")]
    [InlineData("a = +1.5\nb = 1_0.5e3\nc = -inf\nd = -nan\ne = +inf\n", "{a: f1.5, b: f10.5e3, c: f-inf, d: fnan, e: finf}")]
    [InlineData("a = 2026-01-31T10:00:00Z # c\nb = 07:32:00\n", "{a: d2026-01-31T10:00:00Z, b: d07:32:00}")]
    [InlineData("a = true\nb = [1, 'x', [true],]\n", "{a: btrue, b: [i1, s'x', [btrue]]}")]
    [InlineData("a = {b = 1, c.d = 'x'}\n", "{a: {b: i1, c: {d: s'x'}}}")]
    [InlineData("a . \"b c\" . 'd' = 1\na.e = 2\n", "{a: {b c: {d: i1}, e: i2}}")]
    [InlineData("[plugins.'io.containerd.cri.v1.runtime'.cni]\nbin_dir = '/x'\n[plugins]\ny = 1\n", "{plugins: {io.containerd.cri.v1.runtime: {cni: {bin_dir: s'/x'}}, y: i1}}")]
    [InlineData("[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\nx = 3\n", "{a: [{x: i1, b: {y: i2}}, {x: i3}]}")]
    [InlineData("a = '''\nx\ny'''\nb = \"\"\"\nfoo\\\n   bar\"\"\"\n", "{a: s'x\\ny', b: s'foobar'}")]
    [InlineData("a = \"\\u00e9\\t\\\"\"\r\nb = 'C:\\x'\r\n", "{a: s'é\t\"', b: s'C:\\x'}")]
    [InlineData("", "{}")]
    [InlineData("# only a comment", "{}")]
    [InlineData("3.14 = 1\n", "{3: {14: i1}}")]
    [InlineData("[fruit]\napple.color = 1\n[fruit.apple.taste]\nsweet = true\n", "{fruit: {apple: {color: i1, taste: {sweet: btrue}}}}")]
    public void DocumentsAreRead(string toml, string expected) => Assert.Equal(expected, Trees.Show(Trees.Toml(toml)));

    [Fact]
    public void EveryKeyAndValueKnowsItsPlace()
    {
        var root = Trees.Toml("[a.b]\n  c.d = [1, 2]\n");
        var a = root.Find("a")!;
        var b = Assert.IsType<TreeMap>(a.Value).Find("b")!;
        var c = Assert.IsType<TreeMap>(b.Value).Find("c")!;
        var d = Assert.IsType<TreeMap>(c.Value).Find("d")!;
        Assert.Equal(
            ["1:2", "1:4", "2:3", "2:5", "2:13"],
            [Trees.Place(a.KeyOrigin), Trees.Place(b.KeyOrigin), Trees.Place(c.KeyOrigin), Trees.Place(d.KeyOrigin), Trees.Place(((TreeList)d.Value).Items[1])]);
    }

    [Fact]
    public void AMistakeInTheTomlOfADocumentIsNamedAtItsLineOfTheSource()
    {
        const string Yaml = "kind: NodeConfig\nspec:\n  containerd:\n    config: |\n\n      [grpc]\n      address = nope\n";
        var spec = (TreeMap)Trees.Yaml(Yaml)["spec"]!;
        var config = (TreeScalar)((TreeMap)spec["containerd"]!)["config"]!;
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read(config, bag, "spec.containerd.config"));
        var finding = Assert.Single(bag.Items);
        Assert.Equal(("EKN0125", "7:17", "spec.containerd.config"), (finding.Code, Trees.Place(finding.Origin), finding.Path));
    }

    [Fact]
    public void AValueInTheTomlOfADocumentKnowsItsPlaceInTheSource()
    {
        var config = (TreeScalar)Trees.Yaml("config: |\n  [a]\n  b = 1\n")["config"]!;
        var a = (TreeMap)TomlReader.Read(config, new DiagnosticBag())!["a"]!;
        Assert.Equal("3:7", Trees.Place(a["b"]));
    }

    [Fact]
    public void AMistakeInQuotedTomlIsNamedAtTheString()
    {
        var config = (TreeScalar)Trees.Yaml("config: \"a = 1\\nb =\"\n")["config"]!;
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read(config, bag));
        Assert.Equal("1:9", Trees.Place(Assert.Single(bag.Items).Origin));
    }

    [Theory]
    [InlineData("a = 1\na = 2\n", "EKN0126", "2:1", "line 1")]
    [InlineData("[a]\nb = 1\n[a]\nc = 1\n", "EKN0126", "3:2", "line 1")]
    [InlineData("a.b = 1\n[a]\nc = 2\n", "EKN0126", "2:2", "line 1")]
    [InlineData("[a.b.c]\nz = 9\n[a]\nb.c.t = 1\n", "EKN0126", "4:1", "line 1")]
    [InlineData("a = {b = 1}\n[a.c]\n", "EKN0126", "2:2", "line 1")]
    [InlineData("a = {b = 1}\na.c = 2\n", "EKN0126", "2:1", "line 1")]
    [InlineData("a = [1]\n[[a]]\n", "EKN0126", "2:3", "line 1")]
    [InlineData("[a]\n[[a]]\n", "EKN0126", "2:3", "line 1")]
    [InlineData("[[a]]\n[a]\n", "EKN0126", "2:2", "line 1")]
    [InlineData("a = 1\n[a.b]\n", "EKN0126", "2:2", "line 1")]
    [InlineData("a = {b = 1, b = 2}\n", "EKN0126", "1:13", "line 1")]
    [InlineData("a = [1, 2\n", "EKN0125", "2:1", "array")]
    [InlineData("a = [1 2]\n", "EKN0125", "1:8", "comma")]
    [InlineData("a = \n", "EKN0125", "1:5", "no TOML value")]
    [InlineData("a = nope\n", "EKN0125", "1:5", "no TOML value")]
    [InlineData("a\n", "EKN0125", "1:2", "without `=`")]
    [InlineData("[a\nb = 1\n", "EKN0125", "1:3", "header")]
    [InlineData("[[a]\n", "EKN0125", "1:4", "header")]
    [InlineData("a = 'x\n", "EKN0125", "1:7", "quote")]
    [InlineData("a = \"\\q\"\n", "EKN0125", "1:7", "escape")]
    [InlineData("a = \"\\ud800\"\n", "EKN0125", "1:7", "escape")]
    [InlineData("a = 08\n", "EKN0125", "1:5", "zero")]
    [InlineData("a = 99999999999999999999\n", "EKN0125", "1:5", "64 bits")]
    [InlineData("a = 0xFFFFFFFFFFFFFFFF\n", "EKN0125", "1:5", "64 bits")]
    [InlineData("a = 1 b = 2\n", "EKN0125", "1:7", "More text")]
    [InlineData("a = {b = 1\n", "EKN0125", "2:1", "inline table")]
    [InlineData("a = 2026-13-01\n", "EKN0125", "1:5", "date")]
    [InlineData("a = 1__0\n", "EKN0125", "1:7", "underscore")]
    [InlineData("[]\n", "EKN0125", "1:2", "key is missing")]
    [InlineData("a = 1 # \u0001\n", "EKN0125", "1:9", "control character")]
    public void AMistakeIsExplainedAtItsPlace(string toml, string code, string place, string word)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read(toml, "t", bag));
        var finding = Assert.Single(bag.Items);
        Assert.Equal((code, place), (finding.Code, Trees.Place(finding.Origin)));
        Assert.Contains(word, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllMistakesAreFoundInOneRun()
    {
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read("a = 1\na = 2\n[b]\n[b]\nx = 1\nx = 2\n", "t", bag));
        Assert.Equal(["2:1", "4:2", "6:1"], bag.Items.Select(d => Trees.Place(d.Origin)));
    }

    [Theory]
    [InlineData("auth = hunter2\n")]
    [InlineData("auth = 'hunter2'\nauth = 'hunter2'\n")]
    [InlineData("auth = 1 hunter2\n")]
    [InlineData("auth = 'hunter2\n")]
    [InlineData("auth = \"\\hunter2\"\n")]
    public void NoMessageQuotesAValue(string toml)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read(toml, "t", bag));
        Assert.DoesNotContain("hunter2", string.Concat(bag.Items.Select(d => d.Message + d.Help)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a = ")]
    public void DeepNestingIsStopped(string opening)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read("a = " + string.Concat(Enumerable.Repeat(opening, 10_000)), "t", bag));
        Assert.Equal("EKN0122", Assert.Single(bag.Items).Code);
    }

    [Theory]
    [InlineData("", "a = 1")]
    [InlineData("[", "a]")]
    [InlineData("[[", "a]]")]
    public void DeepKeysAreStopped(string before, string after)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TomlReader.Read(before + string.Concat(Enumerable.Repeat("a.", 10_000)) + after, "t", bag));
        Assert.Equal("EKN0122", Assert.Single(bag.Items).Code);
    }
}
