using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Sources;

public sealed class SourceUriTests
{
    [Theory]
    [InlineData("imds://user-data", SourceKind.UserData, "", "user-data")]
    [InlineData("imds://anything/else", SourceKind.UserData, "", "user-data")]
    [InlineData("IMDS://user-data", SourceKind.UserData, "", "user-data")]
    [InlineData("file:///etc/eks/nodeadm.d/", SourceKind.Path, "/etc/eks/nodeadm.d/", "/etc/eks/nodeadm.d/")]
    [InlineData("file://rel/x.yaml", SourceKind.Path, "rel/x.yaml", "rel/x.yaml")]
    [InlineData("file://x.yaml", SourceKind.Path, "x.yaml", "x.yaml")]
    [InlineData("file:/etc/x.yaml", SourceKind.Path, "/etc/x.yaml", "/etc/x.yaml")]
    [InlineData("file:///a%20b.yaml", SourceKind.Path, "/a b.yaml", "/a b.yaml")]
    [InlineData("a%20b.yaml", SourceKind.Path, "a%20b.yaml", "a%20b.yaml")]
    [InlineData("./x.yaml", SourceKind.Path, "./x.yaml", "./x.yaml")]
    [InlineData("dir:x/y.yaml", SourceKind.Path, "dir:x/y.yaml", "dir:x/y.yaml")]
    [InlineData("-", SourceKind.StandardInput, "", "stdin")]
    public void FormsAreUnderstood(string text, SourceKind kind, string path, string name)
    {
        var bag = new DiagnosticBag();
        Assert.Equal(new SourceUri(kind, path, name), SourceUri.Parse(text, bag));
        Assert.Empty(bag.Items);
    }

    [Theory]
    [InlineData("s3://bucket/x.yaml", "scheme `s3`", "file://PATH")]
    [InlineData("https://user:hunter2@example.com/", "scheme `https`", "file://PATH")]
    [InlineData("ims://user-data", "scheme `ims`", "`imds`")]
    [InlineData("file://", "no path", "file://PATH")]
    [InlineData("", "no path", "file://PATH")]
    [InlineData("imds://user-data,file:///x", "a list was given", "`-c` once")]
    public void OtherFormsAreMistakes(string text, string message, string help)
    {
        var bag = new DiagnosticBag();
        Assert.Null(SourceUri.Parse(text, bag));
        var finding = Assert.Single(bag.Items);
        Assert.Equal("EKN0101", finding.Code);
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
        Assert.Contains(help, finding.Help, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DropInsAreSelectedByTheirEndingAndOrderedByTheirBytes() => Assert.Equal(
        [".hidden.yaml", "10.yaml", "9.yaml", "A.YAML", "b.JSON", "b.yml"],
        DropIns.Select(["9.yaml", "b.yml", "x.conf", "A.YAML", "x.yaml.bak", "x.txt", "10.yaml", "b.JSON", ".hidden.yaml", "yaml"]));
}
