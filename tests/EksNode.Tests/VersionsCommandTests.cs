using System.Collections.Immutable;
using System.Text.Json;

namespace EksNode.Tests;

/// <summary><c>eksnode versions</c> in this process, of a root that is shaped like Debian's.</summary>
public sealed class VersionsCommandTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("eksnode-versions-");

    public VersionsCommandTests()
    {
        Write("var/lib/dpkg/status", "Package: runc\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.1.5+ds1-1\n");
        Write("etc/eksnode/image.json", """
            {"components": {"kubelet": {"version": "1.33.4"}}, "images": [{"name": "localhost/kubernetes/pause:latest", "digest": "sha256:ab", "pinned": true}]}
            """);
        Write("usr/bin/kubelet", "#!/bin/sh\nexit 1\n");
        Write("lib/modules/6.12.5/modules.dep", "");
    }

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public async Task As_json_it_is_an_array_of_named_versions()
    {
        var (exit, output, error) = await RunAsync("-o", "json");
        Assert.Equal((0, ""), (exit, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(
            [
                """{"name":"kubelet","kind":"binary","version":"1.33.4","source":"manifest","path":"/usr/bin/kubelet"}""",
                """{"name":"kernel","kind":"kernel","version":"6.12.5","source":"installed","path":"/lib/modules/6.12.5"}""",
                """{"name":"localhost/kubernetes/pause","kind":"image","version":"latest","source":"manifest","digest":"sha256:ab"}""",
                """{"name":"runc","kind":"package","version":"1.1.5+ds1-1","source":"dpkg","architecture":"amd64"}""",
            ],
            json.RootElement.EnumerateArray().Select(i => JsonSerializer.Serialize(i, Relaxed)));
    }

    [Fact]
    public async Task What_is_not_known_is_null_and_said_on_standard_error()
    {
        File.Delete(Path.Combine(root.FullName, "etc/eksnode/image.json"));
        Assert.True(OperatingSystem.IsLinux());
        File.SetUnixFileMode(Path.Combine(root.FullName, "usr/bin/kubelet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var (exit, output, error) = await RunAsync("-o", "json");
        Assert.Equal(0, exit);
        Assert.Contains("\"version\": null", output, StringComparison.Ordinal);
        using var diagnostic = JsonDocument.Parse(error);
        Assert.Equal("EKN0763", diagnostic.RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task For_people_there_is_a_table_for_each_kind() => Assert.Equal(
        (0, """
            Programs
              kubelet                     1.33.4       /usr/bin/kubelet

            Kernels
              kernel                      6.12.5       installed

            Container images
              localhost/kubernetes/pause  latest       sha256:ab

            Packages
              runc                        1.1.5+ds1-1  amd64

            """, ""),
        await RunAsync());

    [Fact]
    public async Task For_documents_there_is_Markdown_and_for_spreadsheets_csv()
    {
        var (_, markdown, _) = await RunAsync("-o", "markdown");
        Assert.StartsWith("## Programs\n\n| name | version | |\n| --- | --- | --- |\n| kubelet | 1.33.4 | /usr/bin/kubelet |\n\n## Kernels\n", markdown, StringComparison.Ordinal);
        var (_, csv, _) = await RunAsync("-o", "csv");
        Assert.Equal(
            ["name,kind,version,source,path,architecture,digest", "kubelet,binary,1.33.4,manifest,/usr/bin/kubelet,,"], csv.Split('\n').Take(2));
        Assert.Contains("runc,package,1.1.5+ds1-1,dpkg,,amd64,\n", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_that_cannot_be_listed_are_an_error()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/rpm"), "rpm is not installed");
        File.Delete(Path.Combine(root.FullName, "var/lib/dpkg/status"));
        Write("var/lib/rpm/rpmdb.sqlite", "no database");
        var (exit, output, error) = await RunAsync();
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("error EKN0690", error, StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private void Write(string path, string content)
    {
        var full = Path.Combine(root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => new MemoryStream(), Environment = ImmutableDictionary<string, string>.Empty };
        var exit = await CommandLine.RunAsync(["versions", "--root", root.FullName, .. arguments], io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
