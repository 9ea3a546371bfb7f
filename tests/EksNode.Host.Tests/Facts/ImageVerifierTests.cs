using EksNode.Host.Facts;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Facts;

/// <summary>A host against the manifest of its image.</summary>
public sealed class ImageVerifierTests
{
    [Fact]
    public void What_was_baked_must_be_there_and_permissions_bring_no_file()
    {
        using TestRoot folder = new();
        folder.Write("/etc/issue", "x");
        using var root = folder.Open();
        var findings = ImageVerifier.Verify(
            root,
            new ImageManifest { Baked = ["file:/etc/issue", "file:/etc/motd", "package:runc", "permissions:/etc/crontab", "unit:sshd.service"] });
        Assert.Equal(["file:/etc/issue ", "file:/etc/motd missing"], findings.Select(f => $"{f.Name} {f.Problem}"));
    }
}
