using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Tests.Documents;
using EksNode.Configuration.Text;
using static EksNode.Configuration.Tests.Sources.UserData;

namespace EksNode.Configuration.Tests.Sources;

public sealed class SourceReaderTests
{
    private const string Script = "Content-Type: text/x-shellscript; charset=\"us-ascii\"\n\n#!/bin/bash\necho hi";
    private const string Json = "{\"apiVersion\": \"node.eks.aws/v1alpha1\", \"kind\": \"NodeConfig\", \"spec\": {\"cluster\": {\"name\": \"demo\"}}}";

    public static TheoryData<string, byte[], string> Readable => new()
    {
        { "plain YAML", Bytes(Config), "1:1" },
        { "plain JSON", Bytes(Json), "1:1" },
        { "CRLF YAML", Bytes(Crlf(Config)), "1:1" },
        { "byte order mark", Bytes("\uFEFF" + Config), "1:1" },
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Config)], "1:1" },
        { "UTF-16 big endian", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Config)], "1:1" },
        { "leading blank lines", Bytes("\n\n" + Config), "3:1" },
        { "YAML that begins with a comment", Bytes("# configuration\n" + Config), "2:1" },
        { "YAML below a cloud-config comment", Bytes("#cloud-config\n" + Config), "2:1" },
        { "whole body base64", Bytes(Base64(Config)), "1:1" },
        { "whole body base64 with line breaks", Bytes(Base64(Config).Insert(20, "\r\n").Insert(50, "\n") + "\n"), "1:1" },
        { "whole body gzip", Gzip(Config), "1:1" },
        { "whole body base64 of gzip", Bytes(Base64(Gzip(Config))), "1:1" },
        { "gzip with bytes after its end", [.. Gzip(Config), (byte)'\n'], "1:1" },
        { "gzip in two members", [.. Gzip(Config[..30]), .. Gzip(Config[30..])], "1:1" },
        { "multipart", Bytes(Mime(Part(Config))), "1 1:1" },
        { "multipart CRLF", Bytes(Crlf(Mime(Part(Config)))), "1 1:1" },
        { "multipart base64", Bytes(Base64(Mime(Part(Config)))), "1 1:1" },
        { "multipart base64 of gzip", Bytes(Base64(Gzip(Mime(Part(Config))))), "1 1:1" },
        { "multipart with leading blank lines", Bytes("\n\r\n" + Mime(Part(Config))), "1 1:1" },
        { "multipart with byte order mark", Bytes("\uFEFF" + Mime(Part(Config))), "1 1:1" },
        { "type in upper case", Bytes(Mime(Part(Config, "CONTENT-TYPE: APPLICATION/NODE.EKS.AWS"))), "1 1:1" },
        { "charset parameter", Bytes(Mime(Part(Config, "Content-Type: application/node.eks.aws; charset=\"us-ascii\""))), "1 1:1" },
        { "folded header", Bytes(Mime(Part(Config, "Content-Type: application/node.eks.aws;\n charset=utf-8"))), "1 1:1" },
        { "our own type", Bytes(Mime(Part(Config, "Content-Type: application/eksnode.io"))), "1 1:1" },
        { "part JSON", Bytes(Mime(Part(Json))), "1 1:1" },
        { "part base64 with header", Bytes(Mime(Part(Base64(Config), "Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: base64"))), "1 1:1" },
        { "part base64 without header", Bytes(Mime(Part(Base64(Config)))), "1 1:1" },
        { "part base64 of gzip", Bytes(Mime(Part(Base64(Gzip(Config))))), "1 1:1" },
        { "part quoted-printable", Bytes(Mime(Part(Config.Replace("demo", "=64e=\nmo", StringComparison.Ordinal), "Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: Quoted-Printable"))), "1 1:1" },
        { "part quoted-printable CRLF", Bytes(Crlf(Mime(Part(Config, "Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: quoted-printable")))), "1 1:1" },
        { "part gzip", [.. Bytes("Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: application/node.eks.aws\n\n"), .. Gzip(Config), .. Bytes("\n--B--")], "1 1:1" },
        { "script first", Bytes(Mime(Script, Part("# one\n" + Config))), "2 2:1" },
        { "preamble and epilogue", Bytes(Mime(Part(Config)).Replace("\n\n--//\n", "\n\nThis is MIME.\n--//\n", StringComparison.Ordinal) + "--//\nepilogue"), "1 1:1" },
        { "unquoted odd boundary", Bytes(Mime(Part(Config)).Replace("\"//\"", "//", StringComparison.Ordinal)), "1 1:1" },
        { "boundary lines with white space", Bytes(Mime(Part(Config)).Replace("--//\nContent", "--// \t\nContent", StringComparison.Ordinal)), "1 1:1" },
        { "boundary that begins another", Bytes(Mime("B", [Part("# x\n--BB\n".Replace("--BB\n", "", StringComparison.Ordinal) + Config)])), "1 2:1" },
        { "nested multipart", Bytes(Mime("A", [Script, "Content-Type: multipart/alternative; boundary=\"AB\"\n\n--AB\n" + Script + "\n--AB\n" + Part(Config) + "\n--AB--\n", Script])), "3 1:1" },
        { "message that is no multipart", Bytes("MIME-Version: 1.0\nContent-Type: application/node.eks.aws\n\n" + Config), "1 1:1" },
        { "message that ends without a line break", Bytes(Mime(Part(Config)).TrimEnd()), "1 1:1" },
    };

    public static TheoryData<string, byte[], string, int, string> Broken => new()
    {
        { "base64 cut off", Bytes(Base64(Config)[..^3]), "EKN0130", 0, "map" },
        { "base64 twice", Bytes(Base64(Base64(Config))), "EKN0130", 0, "map" },
        { "gzip cut off", Gzip(Config + new string('#', 5000) + Config)[..^20], "EKN0111", 0, "gzip" },
        { "gzip cut off within its last bytes", Gzip(Config)[..^1], "EKN0111", 0, "gzip" },
        { "the first bytes of gzip", [0x1F, 0x8B], "EKN0111", 0, "gzip" },
        { "gzip damaged", Damaged(Gzip(Config)), "EKN0111", 0, "gzip" },
        { "gzip bomb", Gzip(new byte[17 * 1024 * 1024]), "EKN0112", 0, "16 MiB" },
        { "not UTF-8", [.. Bytes(Config), 0xFF, 0x41], "EKN0110", 0, "0xFF" },
        { "multipart without boundary", Bytes("Content-Type: multipart/mixed\n\n--x\n"), "EKN0113", 0, "boundary" },
        { "multipart without parts", Bytes("Content-Type: multipart/mixed; boundary=x\n\nhello\n"), "EKN0113", 0, "--x" },
        { "unterminated", Bytes(Mime(Script, Part(Config)).Replace("--//--", "", StringComparison.Ordinal)), "EKN0114", 2, "part 2" },
        { "cut off within the first part", Bytes(Mime(Part(Config))[..110]), "EKN0114", 1, "part 1" },
        { "unterminated inner multipart", Bytes(Mime("A", ["Content-Type: multipart/mixed; boundary=\"Z\"\n\n--Z\n" + Part(Config)])), "EKN0114", 1, "part 1" },
        { "part that begins with text", Bytes(Mime(Script, Config.Replace("kind: NodeConfig", "just text", StringComparison.Ordinal))), "EKN0113", 2, "Part 2" },
        { "part with a gzip that is damaged", Bytes(Mime(Part(Base64(Damaged(Gzip(Config)))))), "EKN0111", 1, "Part 1" },
        { "part with a mistake in YAML", Bytes(Mime(Script, Part("a: [\n"))), "EKN0120", 2, "bracket" },
        { "part not UTF-8", [.. Bytes("Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: application/node.eks.aws\n\n# \u00e9"), 0xE9, .. Bytes("\n--B--")], "EKN0110", 1, "Part 1" },
        { "quoted-printable malformed", Bytes(Mime(Part(Config.Replace("demo", "\"=zz\"", StringComparison.Ordinal), "Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: quoted-printable"))), "EKN0113", 1, "quoted-printable" },
        { "a script without a first line", Bytes("echo hello\nyum update -y\n"), "EKN0130", 0, "map" },
        { "a list", Bytes("- a\n"), "EKN0130", 0, "a list" },
        { "no apiVersion", Bytes("kind: NodeConfig\n"), "EKN0131", 0, "apiVersion" },
        { "no kind", Bytes("apiVersion: node.eks.aws/v1alpha1\nspec: {}\n"), "EKN0131", 0, "kind" },
        { "kind in another case", Bytes("apiVersion: node.eks.aws/v1alpha1\nKind: NodeConfig\n"), "EKN0131", 0, "kind" },
        { "kind that is a number", Bytes("apiVersion: node.eks.aws/v1alpha1\nkind: 1\n"), "EKN0131", 0, "an integer" },
        { "kind that is empty", Bytes("apiVersion: node.eks.aws/v1alpha1\nkind: ''\n"), "EKN0131", 0, "empty" },
    };

    public static TheoryData<string, string> ForOthers => new()
    {
        { "#!/bin/bash\necho hi\n", "a shell script for cloud-init" },
        { "\n#!/bin/sh\n", "a shell script for cloud-init" },
        { "#cloud-config\npackages: [jq]\n", "a cloud-config for cloud-init" },
        { "#Cloud-Config\npackages: [jq]\n", "a cloud-config for cloud-init" },
        { "#include https://example.com/x\n", "a list of files to include for cloud-init" },
        { "## template: jinja\n#cloud-config\n", "a template for cloud-init" },
        { "#cloud-boothook\n#!/bin/sh\n", "a boot hook for cloud-init" },
        { "#!/bin/bash\ncat <<E\n" + Config + "E\n", "a shell script for cloud-init" },
        { Mime(Script), "a MIME message for cloud-init without a part of type application/node.eks.aws or application/eksnode.io" },
    };

    [Theory]
    [MemberData(nameof(Readable))]
    public void EveryWrappingIsUnwrapped(string wrapping, byte[] bytes, string place)
    {
        Assert.NotEmpty(wrapping);
        var (result, bag) = Read(bytes);
        Assert.Empty(bag.Items);
        Assert.Equal(SourceFinding.Documents, result.Finding);
        var document = Assert.Single(result.Documents);
        Assert.Equal(("node.eks.aws/v1alpha1", "NodeConfig"), (document.ApiVersion, document.Kind));
        Assert.Equal("{cluster: {name: s'demo'}}", Trees.Show(document.Document["spec"]));
        Assert.Equal(place, (document.Origin.Part > 0 ? document.Origin.Part + " " : "") + Trees.Place(document.Origin));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void WhatCannotBeReadIsAnErrorThatNamesThePart(string what, byte[] bytes, string code, int part, string word)
    {
        Assert.NotEmpty(what);
        var (result, bag) = Read(bytes);
        Assert.Equal(SourceFinding.Unreadable, result.Finding);
        var finding = Assert.Single(bag.Items);
        Assert.Equal((code, Severity.Error, part), (finding.Code, finding.Severity, finding.Origin!.Part));
        Assert.Contains(word, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ForOthers))]
    public void WhatIsPlainlyForCloudInitIsNoConfigurationAndNoError(string text, string description)
    {
        var (result, bag) = Read(text);
        Assert.Equal((SourceFinding.ForCloudInit, description), (result.Finding, result.Description));
        Assert.Equal(("EKN0102", Severity.Info), (Assert.Single(bag.Items).Code, bag.Items[0].Severity));
        Assert.Equal(Severity.Warning, Assert.Single(Read(text, isUserData: false).Diagnostics.Items).Severity);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\r\n")]
    [InlineData("\uFEFF\n")]
    [InlineData("# nothing\n---\n")]
    public void AnEmptySourceIsNoError(string text)
    {
        var (result, bag) = Read(text);
        Assert.Equal(SourceFinding.Empty, result.Finding);
        Assert.Equal("EKN0103", Assert.Single(bag.Items).Code);
    }

    [Theory]
    [InlineData("application/yaml", "application/yaml")]
    [InlineData("text/plain; charset=utf-8", "text/plain")]
    [InlineData("application/node.eks.aws.v1", "application/node.eks.aws.v1")]
    [InlineData("text/x-node.eks.aws", "text/x-node.eks.aws")]
    public void AConfigurationUnderAnotherTypeIsAWarning(string type, string named)
    {
        var (result, bag) = Read(Mime(Part(Config), Part(Config, "Content-Type: " + type)));
        Assert.Single(result.Documents);
        var finding = Assert.Single(bag.Items);
        Assert.Equal(("EKN0116", Severity.Warning, 2), (finding.Code, finding.Severity, finding.Origin!.Part));
        Assert.Contains($"`{named}`", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APartWithoutTypeIsSkippedWithAWarningWhenItLooksLikeAConfiguration()
    {
        var (result, bag) = Read(Mime(Part(Config), "\n" + Config, "\nsomething else"));
        Assert.Single(result.Documents);
        Assert.Equal(("EKN0116", 2), (Assert.Single(bag.Items).Code, bag.Items[0].Origin!.Part));
    }

    [Fact]
    public void APartThatOnlySaysThatItIsBase64IsReadWithAWarning()
    {
        var (result, bag) = Read(Mime(Part(Config, "Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: base64")));
        Assert.Single(result.Documents);
        Assert.Equal(("EKN0115", Severity.Warning), (Assert.Single(bag.Items).Code, bag.Items[0].Severity));
    }

    [Fact]
    public void DocumentsOfAllPartsAndStreamsAreFoundInOrder()
    {
        var (result, bag) = Read(Mime(
            Part("apiVersion: node.eks.aws/v1alpha1\nkind: A\n---\napiVersion: v1\nkind: B\n"),
            Script,
            Part("apiVersion: eksnode.io/v1alpha1\nkind: C\n", "Content-Type: application/eksnode.io")));
        Assert.Empty(bag.Items);
        Assert.Equal(
            ["A user-data part 1:1:1", "B user-data part 1:4:1", "C user-data part 3:1:1"],
            result.Documents.Select(d => $"{d.Kind} {d.Origin}"));
    }

    [Fact]
    public void EveryMistakeOfEveryPartIsFoundInOneRun()
    {
        var (_, bag) = Read(Mime(Part("a: [\n"), Part(Config), Part("kind: NodeConfig\n"), Part(Config + "\tx: 1\n")));
        Assert.Equal(
            ["EKN0120 user-data part 1", "EKN0131 user-data part 3", "EKN0120 user-data part 4"],
            bag.Items.Select(d => $"{d.Code} {d.Origin!.SourceName}"));
    }

    [Fact]
    public void ALatin1PartIsReadInItsCharset()
    {
        byte[] bytes =
        [
            .. Bytes("Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: application/node.eks.aws; charset=ISO-8859-1\n\n"),
            .. Encoding.Latin1.GetBytes(Config.Replace("demo", "dé", StringComparison.Ordinal)), .. Bytes("\n--B--"),
        ];
        var (result, bag) = Read(bytes);
        Assert.Empty(bag.Items);
        Assert.Equal("{cluster: {name: s'dé'}}", Trees.Show(Assert.Single(result.Documents).Document["spec"]));
    }

    [Fact]
    public void TheByteThatIsNoUtf8IsNamedByLineAndColumn()
    {
        var (_, bag) = Read([.. Bytes(Config + "# é"), 0x80]);
        Assert.Equal("6:4", Trees.Place(Assert.Single(bag.Items).Origin));
    }

    [Fact]
    public void QuotedPrintableKeepsLinesAndJoinsSoftBreaks()
    {
        const string Body = "apiVersion: node.eks.aws/v1alpha1\nkind: Node=\nConfig\nspec:=20\n  a: \"x=3Dy\" =  \n# =C3=A9\n  b: =C3=A9";
        var (result, bag) = Read(Mime(Part(Body, "Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: quoted-printable")));
        Assert.Empty(bag.Items);
        Assert.Equal("{a: s'x=y', b: s'é'}", Trees.Show(Assert.Single(result.Documents).Document["spec"]));
        Assert.Equal("4:6", Trees.Place(((TreeMap)result.Documents[0].Document["spec"]!)["a"]));
    }

    [Theory]
    [InlineData("echo hi there\n", "#!/bin/bash")]
    [InlineData("packages:\n- jq\nkind: x\n", "#cloud-config")]
    [InlineData("ApiVersion: x\nkind: NodeConfig\n", "`ApiVersion`")]
    [InlineData("spec: {}\nkind: NodeConfig\n", "apiVersion: node.eks.aws/v1alpha1")]
    public void TheHelpGuessesWhatWasMeant(string text, string word) =>
        Assert.Contains(word, Assert.Single(Read(text).Diagnostics.Items).Help, StringComparison.Ordinal);

    [Fact]
    public void TheHelpForBase64EncodedTwiceSaysSo() =>
        Assert.Contains("twice", Assert.Single(Read(Base64(Base64(Config))).Diagnostics.Items).Help, StringComparison.Ordinal);

    [Fact]
    public void MessagesNestedTooDeeplyAreStopped()
    {
        var message = Part(Config);
        for (var i = 0; i < 12; i++)
        {
            message = $"Content-Type: multipart/mixed; boundary=\"b{i}x\"\n\n--b{i}x\n{message}\n--b{i}x--";
        }

        Assert.Equal("EKN0113", Assert.Single(Read(message).Diagnostics.Items).Code);
    }

    private static byte[] Damaged(byte[] bytes)
    {
        bytes[^6] ^= 0xFF;
        return bytes;
    }
}
