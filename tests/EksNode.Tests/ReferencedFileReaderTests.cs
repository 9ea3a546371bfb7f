using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Tests;

/// <summary>Files that a configuration names: whoever can put another one there is root on the node.</summary>
public sealed class ReferencedFileReaderTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-referenced-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("0755", "0644", null)]
    [InlineData("1777", "0644", null)] // sticky: nobody else can replace root's file
    [InlineData("0777", "0644", "the folder /etc/own")]
    [InlineData("0755", "0666", "can be written by others than root")]
    public void A_file_is_refused_when_others_than_root_can_write_it_or_put_another_in_its_place(string folderMode, string fileMode, string? refusal)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can own what nobody else may write.");
        var own = Directory.CreateDirectory(Path.Combine(folder.FullName, "etc/own"));
        var file = Path.Combine(own.FullName, "kubelet.yaml");
        File.WriteAllText(file, "maxPods: 20\n");
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(fileMode, 8));
        File.SetUnixFileMode(own.FullName, (UnixFileMode)Convert.ToInt32(folderMode, 8));
        var reference = new FileReference { Setting = "spec.kubelet.configFile", Path = new Sourced<string>("/etc/own/kubelet.yaml", Origin.At("user-data", 1, 1)) };
        using var root = HostRoot.Open(folder.FullName);

        var strict = new DiagnosticBag();
        var read = new ReferencedFileReader(root, strict, refuseWritable: true).Read([reference]);
        Assert.Equal(refusal is null, read[0].Files.Length == 1);
        if (refusal is null)
        {
            Assert.Empty(strict.Items);
        }
        else
        {
            var only = Assert.Single(strict.Items);
            Assert.Equal(DiagnosticCatalogue.SourceWritable.Code, only.Code);
            Assert.Contains(refusal, only.Message, StringComparison.Ordinal);
            Assert.Contains(fileMode == "0666" ? "go-w /etc/own/kubelet.yaml`" : "go-w /etc/own`", only.Help, StringComparison.Ordinal);
        }

        var lenient = new DiagnosticBag();
        Assert.Single(new ReferencedFileReader(root, lenient, refuseWritable: false).Read([reference])[0].Files);
        Assert.Empty(lenient.Items);
    }
}
