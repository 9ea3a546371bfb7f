using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Documents;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("y", "btrue")]
    [InlineData("Y", "btrue")]
    [InlineData("yes", "btrue")]
    [InlineData("On", "btrue")]
    [InlineData("TRUE", "btrue")]
    [InlineData("n", "bfalse")]
    [InlineData("NO", "bfalse")]
    [InlineData("off", "bfalse")]
    [InlineData("False", "bfalse")]
    [InlineData("yEs", "s'yEs'")]
    [InlineData("'y'", "s'y'")]
    [InlineData("\"true\"", "s'true'")]
    [InlineData("", "null")]
    [InlineData("~", "null")]
    [InlineData("Null", "null")]
    [InlineData("nil", "s'nil'")]
    [InlineData("0", "i0")]
    [InlineData("-0", "i0")]
    [InlineData("110", "i110")]
    [InlineData("+12", "i12")]
    [InlineData("0644", "i420")]
    [InlineData("0o644", "i420")]
    [InlineData("-0x1F", "i-31")]
    [InlineData("0b101", "i5")]
    [InlineData("-0b11", "i-3")]
    [InlineData("1_000_000", "i1000000")]
    [InlineData("08", "i8")]
    [InlineData("0x", "s'0x'")]
    [InlineData("0b12", "s'0b12'")]
    [InlineData("9223372036854775807", "i9223372036854775807")]
    [InlineData("18446744073709551615", "i18446744073709551615")]
    [InlineData("-9223372036854775808", "i-9223372036854775808")]
    [InlineData("18446744073709551616", "i18446744073709552000")]
    [InlineData("1e3", "i1000")]
    [InlineData("1.0", "i1")]
    [InlineData("0.5", "f0.5")]
    [InlineData(".5", "f0.5")]
    [InlineData("-1.25e-7", "f-1.25e-7")]
    [InlineData("1e21", "f1e+21")]
    [InlineData("123456.789", "f123456.789")]
    [InlineData("0.000001", "f0.000001")]
    [InlineData("1.", "i1")]
    [InlineData("1e", "s'1e'")]
    [InlineData("1e999", "s'1e999'")]
    [InlineData("1.2.3", "s'1.2.3'")]
    [InlineData("v1.33", "s'v1.33'")]
    [InlineData("10.100.0.0/16", "s'10.100.0.0/16'")]
    [InlineData("190:20:30", "s'190:20:30'")]
    [InlineData("2026-01-31", "s'2026-01-31'")]
    [InlineData("2026-01-31T10:00:00Z", "s'2026-01-31T10:00:00Z'")]
    [InlineData("100m", "s'100m'")]
    [InlineData("!!str 12", "s'12'")]
    [InlineData("! 12", "s'12'")]
    [InlineData("!!int \"12\"", "i12")]
    [InlineData("!!float 3", "i3")]
    [InlineData("!!bool \"yes\"", "btrue")]
    [InlineData("!custom 12", "s'12'")]
    [InlineData("!!binary aGk=", "s'hi'")]
    [InlineData("<<", "s'<<'")]
    public void PlainScalarsMeanWhatTheyMeanInTheKubernetesEcosystem(string yaml, string expected) =>
        Assert.Equal(expected, Trees.Show(Trees.Yaml("v: " + yaml + "\n")["v"]));

    [Theory]
    [InlineData("y", "true")]
    [InlineData("off", "false")]
    [InlineData("010", "8")]
    [InlineData("0o10", "8")]
    [InlineData("1e3", "1000")]
    [InlineData("1e6", "1e+06")]
    [InlineData("1.5", "1.5")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("0.1", "0.1")]
    [InlineData("16777217.0", "1.6777216e+07")]
    [InlineData(".inf", ".inf")]
    [InlineData("12", "12")]
    [InlineData("'010'", "010")]
    [InlineData("2026-01-31", "2026-01-31")]
    [InlineData("a b", "a b")]
    [InlineData("!!str y", "y")]
    public void KeysBecomeTheStringsThatGoMakesOfThem(string key, string expected) =>
        Assert.Equal(expected, Assert.Single(Trees.Yaml(key + ": x\n").Entries).Key);

    [Theory]
    [InlineData("a:\n  - b: 1\n    c: |\n      x\n", "{a: [{b: i1, c: s'x\\n'}]}")]
    [InlineData("{a: b, c: [1, 2]}", "{a: s'b', c: [i1, i2]}")]
    [InlineData("{\"a\": 1.0}", "{a: f1.0}")]
    [InlineData("{\"a\": 1.0, # one\n}", "{a: i1}")]
    [InlineData("\uFEFFa: 1\r\nb: 2\r\n", "{a: i1, b: i2}")]
    [InlineData("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n", "{x: {a: i1, b: i2}, true: {b: i3, a: i1}}")]
    [InlineData("y:\n  b: 3\n  <<: [{b: 4, c: 5}, {c: 6, d: 7}]\n", "{true: {b: i3, c: i5, d: i7}}")]
    [InlineData("'<<': 1", "{<<: i1}")]
    [InlineData("a: &a 1\n*a : *a\n", "{a: i1, 1: i1}")]
    [InlineData("? a\n: b\n", "{a: s'b'}")]
    [InlineData("a: >\n  x\n  y\n\n  z\n", "{a: s'x y\\nz\\n'}")]
    public void StructuresAreRead(string yaml, string expected) => Assert.Equal(expected, Trees.Show(Trees.Yaml(yaml)));

    [Fact]
    public void AllDocumentsOfAStreamAreReadWithoutTheEmptyOnes()
    {
        var bag = new DiagnosticBag();
        var documents = YamlReader.Read("---\n---\na: 1\n---\n# nothing\n---\n- b\n...\n---\nc\n", "t", 2, bag);
        Assert.Empty(bag.Items);
        Assert.Equal(["{a: i1}", "[s'b']", "s'c'"], documents.Select(Trees.Show));
        Assert.Equal("t part 2:3:1", documents[0].Origin.ToString());
    }

    [Fact]
    public void PositionsOfKeysAndValuesCountFromOneAndFromTheOffset()
    {
        var bag = new DiagnosticBag();
        var root = Assert.IsType<TreeMap>(YamlReader.Read("a:\n  b:   x\n  c: [1,\n    2]\n", "t", 0, bag, lineOffset: 10)[0]);
        var a = Assert.IsType<TreeMap>(root["a"]);
        Assert.Equal("11:1", Trees.Place(root.Find("a")!.KeyOrigin));
        Assert.Equal("12:3", Trees.Place(a));
        Assert.Equal("12:3", Trees.Place(a.Find("b")!.KeyOrigin));
        Assert.Equal("12:8", Trees.Place(a["b"]));
        Assert.Equal("14:5", Trees.Place(Assert.IsType<TreeList>(a["c"]).Items[1]));
    }

    [Fact]
    public void PositionsInJsonCountCharacters()
    {
        var root = Trees.Yaml("{\n \"é😀\": {\"x\": [1,\n2]}}");
        var entry = Assert.Single(root.Entries);
        Assert.Equal("2:2", Trees.Place(entry.KeyOrigin));
        Assert.Equal("2:9", Trees.Place(entry.Value));
        var list = Assert.IsType<TreeList>(Assert.IsType<TreeMap>(entry.Value)["x"]);
        Assert.Equal("2:16", Trees.Place(list.Items[0]));
        Assert.Equal("3:1", Trees.Place(list.Items[1]));
    }

    [Theory]
    [InlineData("a:\n  b: |\n    one\n    two\n", 2, 3, "4:7")]
    [InlineData("a:\n  b: |2-  # comment\n\n     one\n", 2, 2, "4:6")]
    [InlineData("a: |\r\n one\r\n two\r\n", 2, 1, "3:2")]
    [InlineData("a: >\n  one\n  two\n", 1, 5, "1:4")]
    [InlineData("a: 'one'\n", 1, 2, "1:6")]
    [InlineData("a: one\n", 1, 2, "1:5")]
    [InlineData("a: 'o''e'\n", 1, 2, "1:4")]
    [InlineData("a: !!str one\n", 1, 2, "1:4")]
    public void APositionInABlockOfTextIsAPositionInTheSource(string yaml, int line, int column, string expected)
    {
        TreeNode? node = Trees.Yaml(yaml);
        while (node is TreeMap map)
        {
            node = map.Entries[0].Value;
        }

        Assert.Equal(expected, Trees.Place(Assert.IsType<TreeScalar>(node).PlaceOf(line, column)));
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", "EKN0123", "3:1", "{a: i3, b: i2}")]
    [InlineData("{\"a\": 1,\n \"a\": 2}", "EKN0123", "2:2", "{a: i2}")]
    [InlineData("y: 1\ntrue: 2\n", "EKN0123", "2:1", "{true: i2}")]
    public void OfDuplicateKeysTheLastOneCountsAndAWarningNamesThePlace(string yaml, string code, string place, string expected)
    {
        var bag = new DiagnosticBag();
        var document = Assert.Single(YamlReader.Read(yaml, "t", 0, bag));
        var finding = Assert.Single(bag.Items, d => d.Code != "EKN0137");
        Assert.Equal((code, Severity.Warning, place), (finding.Code, finding.Severity, Trees.Place(finding.Origin)));
        Assert.Equal(expected, Trees.Show(document));
    }

    [Theory]
    [InlineData("a: 1\n\tb: 2\n", "EKN0120", "2:1", "tab")]
    [InlineData("\ta: 1\n", "EKN0120", "1:1", "tab")]
    [InlineData("spec:\n  a:\n  \tb: 1\n", "EKN0120", "3:3", "tab")]
    [InlineData("a: [1, 2\nb: 3\n", "EKN0120", "2:2", "list in brackets")]
    [InlineData("a: {b: 1\n", "EKN0120", "2:1", "braces")]
    [InlineData("a: b: c\n", "EKN0120", "1:5", "`:`")]
    [InlineData("a:\n  \"x\n", "EKN0120", "2:3", "quote")]
    [InlineData("- a\nb: c\n", "EKN0120", "2:1", "list")]
    [InlineData("a: 1\n  b: 2\n", "EKN0120", "2:4", "`:`")]
    [InlineData("a:\n  b: 1\n c: 2\n", "EKN0120", "3:2", "key")]
    [InlineData("a: @x\n", "EKN0120", "1:4", "`@`")]
    [InlineData("a: 1\nfoo\nb: 2\n", "EKN0120", "2:1", "`:`")]
    [InlineData("a: \"\\q\"\n", "EKN0120", "1:4", "escape")]
    [InlineData("a: 1\nb: x\u0001y\n", "EKN0120", "2:5", "U+0001")]
    [InlineData("%YAML 3.0\n---\na: 1\n", "EKN0120", "1:1", "version")]
    [InlineData("a: *b\n", "EKN0121", "1:4", "no anchor")]
    [InlineData("a: &a [*a]\n", "EKN0121", "1:8", "own anchor")]
    [InlineData("[a]: 1\n", "EKN0121", "1:1", "a list")]
    [InlineData("~: 1\n", "EKN0121", "1:1", "null")]
    [InlineData("a: .inf\n", "EKN0121", "1:4", "`.inf`")]
    [InlineData("a: !!int x\n", "EKN0121", "1:4", "!!int")]
    [InlineData("a: !!binary x\n", "EKN0121", "1:4", "!!binary")]
    [InlineData("a:\n  <<: 1\n", "EKN0121", "2:3", "`<<`")]
    [InlineData("{\"a\": ]", "EKN0124", "1:7", "JSON value")]
    [InlineData("{\"a\": 1,\n \"b\": \"x\ny\"\n \"c\": 1}", "EKN0124", "2:9", "string")]
    [InlineData("{\"a\": \"x\"", "EKN0124", "1:10", "ends before")]
    [InlineData("{\"a\": 1}\n{\"b\": 2}", "EKN0124", "2:1", "end of the document")]
    [InlineData("{\"a\": \"\\ud800\"}", "EKN0124", "1:7", "surrogate")]
    public void AMistakeIsExplainedAtItsPlace(string yaml, string code, string place, string word)
    {
        var bag = new DiagnosticBag();
        YamlReader.Read(yaml, "t", 0, bag);
        var finding = Assert.Single(bag.Items);
        Assert.Equal((code, place), (finding.Code, Trees.Place(finding.Origin)));
        Assert.Contains(word, finding.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", finding.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password: *hunter2\n")]
    [InlineData("password: &hunter2 *hunter2\n")]
    [InlineData("password: @hunter2\n")]
    [InlineData("password: %hunter2\n")]
    [InlineData("password: !hunter2! x\n")]
    [InlineData("password: \"\\hunter2\"\n")]
    [InlineData("password: \"hunter2\n")]
    [InlineData("password: hunter2: x\n")]
    [InlineData("password: !!int hunter2\n")]
    [InlineData("password: !!binary hunter2\n")]
    [InlineData("{\"password\": \"\\hunter2\"}")]
    [InlineData("{\"password\": \"hunter2\\ud800\"}")]
    [InlineData("{\"password\": thunter2 ]")]
    public void NoMessageQuotesAValue(string yaml) =>
        Assert.DoesNotContain("hunter2", Assert.Single(Mistakes(yaml)) is var finding ? finding.Message + finding.Help : "", StringComparison.Ordinal);

    [Fact]
    public void TheDocumentsBeforeAMistakeAreKept()
    {
        var bag = new DiagnosticBag();
        Assert.Equal("{a: i1}", Trees.Show(Assert.Single(YamlReader.Read("a: 1\n---\nb: [\n", "t", 0, bag))));
        Assert.True(bag.HasErrors);
    }

    [Fact]
    public void AliasesThatMultiplyAreStopped()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Equal("EKN0122", Assert.Single(Mistakes(bomb)).Code);
    }

    [Fact]
    public void AliasesThatNestTooDeeplyAreStopped()
    {
        var deep = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 2000).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n"));
        Assert.Equal("EKN0122", Assert.Single(Mistakes(deep)).Code);
    }

    [Theory]
    [InlineData("- ", "[")]
    [InlineData("", "{a: ")]
    [InlineData("", "[")]
    [InlineData("", "{\"a\": ")]
    [InlineData("", "- ")]
    public void DeepNestingIsStopped(string prefix, string opening) =>
        Assert.Equal("EKN0122", Assert.Single(Mistakes(prefix + string.Concat(Enumerable.Repeat(opening, 20_000)))).Code);

    private static IReadOnlyList<Diagnostic> Mistakes(string yaml)
    {
        var bag = new DiagnosticBag();
        YamlReader.Read(yaml, "t", 0, bag);
        return bag.Items;
    }
}
