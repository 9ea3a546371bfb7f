using CsCheck;
using EksNode.Configuration.Documents;

namespace EksNode.Configuration.Tests.Documents;

public sealed class WriterTests
{
    [Fact]
    public void TomlHasSortedKeysScalarsFirstEveryHeaderAndSingleQuotes()
    {
        const string Toml = """
            [plugins.'io.containerd.grpc.v1.cri']
            sandbox_image = "localhost/kubernetes/pause"
            enable_cdi = true
            [plugins.'io.containerd.grpc.v1.cri'.cni]
            bin_dir = "/opt/cni/bin"
            [grpc]
            address = "it's"
            [[stream]]
            b = [1, "x", {z = 1.5, y = false}]
            [[stream]]
            [stream.sub]
            a = 1
            [empty]
            """;
        const string Expected = """
            [empty]

            [grpc]
            address = "it's"

            [plugins]
            [plugins.'io.containerd.grpc.v1.cri']
            enable_cdi = true
            sandbox_image = 'localhost/kubernetes/pause'

            [plugins.'io.containerd.grpc.v1.cri'.cni]
            bin_dir = '/opt/cni/bin'

            [[stream]]
            b = [1, 'x', {y = false, z = 1.5}]

            [[stream]]
            [stream.sub]
            a = 1

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), TomlWriter.Write(Trees.Toml(Toml.ReplaceLineEndings("\n"))));
    }

    [Fact]
    public void WhatIsWrittenAsTomlIsReadBackTheSame() => TreeGenerators.TomlMap.Sample(map =>
    {
        var written = TomlWriter.Write(map);
        return Canonical(Trees.Toml(written)) == Canonical(map) && TomlWriter.Write(Trees.Toml(written)) == written;
    });

    [Fact]
    public void TomlLeavesOutNull()
    {
        var map = Trees.Yaml("{a: null, b: [1, null], c: [{d: null}], e: [1, {f: null, g: 1}]}");
        Assert.Equal("b = [1]\ne = [1, {g = 1}]\n\n[[c]]\n", TomlWriter.Write(map));
    }

    [Fact]
    public void JsonEscapesOnlyWhatItMustAndKeepsNumbers() => Assert.Equal(
        "{\n    \"a\": [\n        1.0,\n        18446744073709551615,\n        1e400\n    ],\n    \"b\": \"<é'+&> \\\" \\\\ \\n\",\n    \"c\": {},\n    \"d\": []\n}",
        JsonWriter.Write(Trees.Yaml("{\"d\": [], \"c\": {}, \"b\": \"<é'+&> \\\" \\\\ \\n\", \"a\": [1.0, 18446744073709551615, 1e400]}")));

    [Fact]
    public void JsonCanKeepTheOrderAndStandOnOneLine() => Assert.Equal(
        "{\"b\":1,\"a\":null,\"c\":false}",
        JsonWriter.Write(Trees.Yaml("b: 1\na:\nc: no\n"), indent: 0, sortKeys: false));

    [Fact]
    public void JsonWritesWhatItLacksAsStrings() => Assert.Equal(
        "{\"a\":\"inf\",\"b\":\"2026-01-31\"}",
        JsonWriter.Write(Trees.Toml("a = inf\nb = 2026-01-31\n"), indent: 0));

    [Fact]
    public void WhatIsWrittenAsJsonIsReadBackTheSame() => TreeGenerators.Map.Sample(map =>
        Canonical(Trees.Yaml(JsonWriter.Write(map))) == Canonical(map)
        && Canonical(Trees.Yaml(JsonWriter.Write(map, indent: 0, sortKeys: false))) == Canonical(map));

    [Fact]
    public void YamlStandsInBlocksAndQuotesWhatWouldBeReadAsSomethingElse()
    {
        const string Yaml = "b:\n  text: |\n    one\n\n      two\n  last: |-\n    a\n    b\n  list:\n  - x: yes1\n    z: \"yes\"\n  - - 1\n    - \"1\"\n  - {}\n  - []\n"
            + "  \"12\": \"\"\n  none: null\n  path: /etc/x.conf\n  flag: \"--a=b\"\n  at: \"a: b\"\na: 0.5\n";
        Assert.Equal(Yaml, YamlWriter.Write(Trees.Yaml(Yaml)));
        Assert.StartsWith("a: 0.5\nb:\n  \"12\": \"\"\n", YamlWriter.Write(Trees.Yaml(Yaml), sortKeys: true), StringComparison.Ordinal);
        Assert.Equal("{}\n", YamlWriter.Write(Trees.Yaml("{}")));
    }

    [Fact]
    public void WhatIsWrittenAsYamlIsReadBackTheSame() => TreeGenerators.Map.Sample(map =>
    {
        var written = YamlWriter.Write(map);
        return Canonical(Trees.Yaml(written)) == Canonical(map).Replace("6.02e23", "6.02e+23", StringComparison.Ordinal);
    });

    private static string Canonical(TreeNode node) => JsonWriter.Write(node, indent: 0);
}
