using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Processes;

namespace EksNode.Host.Tests.Facts;

/// <summary>A folder that stands for the root of a machine.</summary>
internal sealed class FakeRoot : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-facts-");

    public FakeRoot() => Root = HostRoot.Open(folder.FullName);

    public HostRoot Root { get; }

    public DiagnosticBag Diagnostics { get; } = new();

    public ProgramRunner Programs { get; } = new();

    public string At(string path) => folder.FullName + path;

    public FakeRoot File(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        System.IO.File.WriteAllText(At(path), content);
        return this;
    }

    public FakeRoot Folder(string path)
    {
        Directory.CreateDirectory(At(path));
        return this;
    }

    public FakeRoot Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        System.IO.File.CreateSymbolicLink(At(path), target);
        return this;
    }

    public FakeRoot Script(string path, string body)
    {
        File(path, "#!/bin/sh\n" + body + "\n");
        System.IO.File.SetUnixFileMode(At(path), (UnixFileMode)0x1ED);
        return this;
    }

    public HostReading ReadHost() => HostFactsReader.Read(Root, Diagnostics);

    public Task<ImageReading> ReadImage(bool remember = true) =>
        new ImageFactsReader(Root, Programs, Diagnostics).ReadAsync(remember, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Root.Dispose();
        folder.Delete(recursive: true);
    }
}
