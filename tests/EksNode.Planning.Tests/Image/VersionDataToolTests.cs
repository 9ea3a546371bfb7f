using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EksNode.Tools.Versions;

namespace EksNode.Planning.Tests.Image;

/// <summary><c>tools/VersionData</c> against a copy of the publishers' layout on loopback.</summary>
public sealed class VersionDataToolTests : IDisposable
{
    private static readonly string Data = Path.Combine(Repository.Root, "data");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-versions-");
    private readonly HttpListener server = new();
    private readonly ConcurrentDictionary<string, string> files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> asked = new();
    private readonly string place;

    public VersionDataToolTests()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            place = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        server.Prefixes.Add(place + "/");
        server.Start();
        _ = Task.Run(ServeAsync);
    }

    public void Dispose()
    {
        server.Close();
        folder.Delete(recursive: true);
    }

    // The forms are those of the publishers: the bare digits, lines of sha256sum with and without a star, a signed list of several files.
    [Fact]
    public async Task R16_New_releases_come_with_the_checksums_of_their_publishers_and_in_no_other_way()
    {
        WriteData(
            """
            # Who asked for them.
            component	version	arch	sha256
            containerd	2.1.0	x86_64	1111111111111111111111111111111111111111111111111111111111111111
            # The last with the old format.
            containerd	2.1.0	arm64	2222222222222222222222222222222222222222222222222222222222222222
            runc	1.3.0	x86_64	3333333333333333333333333333333333333333333333333333333333333333
            runc	1.3.0	arm64	4444444444444444444444444444444444444444444444444444444444444444
            # The end.

            """);
        files["/dl/release/stable-1.33.txt"] = "v1.33.1\n";
        files["/dl/release/v1.33.0/bin/linux/amd64/kubelet.sha256"] = Digits('a');
        files["/dl/release/v1.33.0/bin/linux/arm64/kubelet.sha256"] = Digits('b') + "\n";
        files["/dl/release/v1.33.1/bin/linux/amd64/kubelet.sha256"] = "<html>gone</html>";
        Releases(
            "containerd/containerd",
            Release("v2.1.10", "containerd-2.1.10-linux-amd64.tar.gz", "containerd-2.1.10-linux-amd64.tar.gz.sha256sum", "containerd-2.1.10-linux-arm64.tar.gz"),
            Release("v2.1.9", "containerd-2.1.9-linux-amd64.tar.gz.sha256sum", "containerd-2.1.9-linux-arm64.tar.gz.sha256sum"),
            Release("v2.2.0-rc.0", "containerd-2.2.0-rc.0-linux-amd64.tar.gz.sha256sum"),
            Release("api/v1.9.0", "containerd-1.9.0-linux-amd64.tar.gz.sha256sum"),
            Release("v2.0.5", "containerd-2.0.5-linux-amd64.tar.gz.sha256sum"),
            Release("v2.1.0", "containerd-2.1.0-linux-amd64.tar.gz.sha256sum"));
        files["/gh/containerd/containerd/releases/download/v2.1.10/containerd-2.1.10-linux-amd64.tar.gz.sha256sum"] = Digits('c') + "  containerd-2.1.10-linux-amd64.tar.gz\n";
        files["/gh/containerd/containerd/releases/download/v2.1.9/containerd-2.1.9-linux-amd64.tar.gz.sha256sum"] = Digits('d') + "  some-other-file.tar.gz\n";
        files["/gh/containerd/containerd/releases/download/v2.1.9/containerd-2.1.9-linux-arm64.tar.gz.sha256sum"] = Digits('e') + " *./releases/containerd-2.1.9-linux-arm64.tar.gz\n";
        Releases("opencontainers/runc", Release("v1.3.1", "runc.amd64", "runc.arm64", "runc.sha256sum"), Release("v1.3.0", "runc.sha256sum"));
        files["/gh/opencontainers/runc/releases/download/v1.3.1/runc.sha256sum"] =
            $"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{Digits('7')}  runc.amd64\n{Digits('8')} *runc.arm64\n{Digits('9')}  runc.armhf\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n";

        var (exit, output, error) = await RunAsync();
        Assert.True(exit == 0, error);
        Assert.Equal(
            $"""
            # Who asked for them.
            component	version	arch	sha256
            containerd	2.1.0	x86_64	1111111111111111111111111111111111111111111111111111111111111111
            # The last with the old format.
            containerd	2.1.0	arm64	2222222222222222222222222222222222222222222222222222222222222222
            containerd	2.1.9	arm64	{Digits('e')}
            containerd	2.1.10	x86_64	{Digits('c')}
            kubelet	1.33.0	x86_64	{Digits('a')}
            kubelet	1.33.0	arm64	{Digits('b')}
            runc	1.3.0	x86_64	3333333333333333333333333333333333333333333333333333333333333333
            runc	1.3.0	arm64	4444444444444444444444444444444444444444444444444444444444444444
            runc	1.3.1	x86_64	{Digits('7')}
            runc	1.3.1	arm64	{Digits('8')}
            # The end.

            """,
            Table());
        Assert.Equal(
            [
                "containerd 2.1.10 arm64: no checksum is published",
                "containerd 2.1.9 x86_64: no checksum is published",
                "kubelet 1.33.1 arm64: no checksum is published",
                "kubelet 1.33.1 x86_64: no checksum is published",
            ],
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l[..(l.IndexOf(" is published", StringComparison.Ordinal) + 13)]).Order(StringComparer.Ordinal));
        Assert.EndsWith(": 6 checksums added, 10 in all\n", output, StringComparison.Ordinal);

        // Nothing of what is known is asked for again, and nothing is written twice.
        asked.Clear();
        var before = File.GetLastWriteTimeUtc(Path.Combine(folder.FullName, "component-checksums.tsv"));
        Assert.Equal(0, (await RunAsync()).Exit);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(folder.FullName, "component-checksums.tsv")));
        Assert.DoesNotContain(asked, a => a.Contains("v1.3.0/", StringComparison.Ordinal) || a.Contains("v2.1.0/", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, a => a.Contains("v2.0.5/", StringComparison.Ordinal) || a.Contains("rc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task R16_A_checksum_that_its_publisher_changed_is_an_error_and_nothing_is_written()
    {
        WriteData($"component\tversion\tarch\tsha256\nrunc\t1.3.0\tx86_64\t{Digits('3')}\nrunc\t1.3.0\tarm64\t{Digits('4')}\n", only: "runc");
        Releases("opencontainers/runc", Release("v1.3.1", "runc.sha256sum"), Release("v1.3.0", "runc.sha256sum"));
        files["/gh/opencontainers/runc/releases/download/v1.3.0/runc.sha256sum"] = $"{Digits('3')}  runc.amd64\n{Digits('5')}  runc.arm64\n";
        files["/gh/opencontainers/runc/releases/download/v1.3.1/runc.sha256sum"] = $"{Digits('6')}  runc.amd64\n{Digits('7')}  runc.arm64\n";
        var before = Table();
        var (exit, _, error) = await RunAsync("--verify");
        Assert.Equal(1, exit);
        Assert.Contains($"runc 1.3.0 arm64: the table has {Digits('4')}, and the publisher has {Digits('5')} now.", error, StringComparison.Ordinal);
        Assert.Equal(before, Table());

        files["/gh/opencontainers/runc/releases/download/v1.3.0/runc.sha256sum"] = $"{Digits('3')}  runc.amd64\n{Digits('4')}  runc.arm64\n";
        Assert.Equal(0, (await RunAsync("--verify")).Exit);
        Assert.Contains($"runc\t1.3.1\tarm64\t{Digits('7')}\n", Table(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_page_of_releases_is_read()
    {
        WriteData("component\tversion\tarch\tsha256\n", only: "runc");
        var first = Enumerable.Range(0, 100).Select(i => Release($"v1.0.{i}", "runc.sha256sum")).ToArray();
        files["/api/repos/opencontainers/runc/releases?per_page=100&page=1"] = $"[{string.Join(',', first)}]";
        files["/api/repos/opencontainers/runc/releases?per_page=100&page=2"] = $"[{Release("v1.1.0", "runc.sha256sum")}]";
        files["/gh/opencontainers/runc/releases/download/v1.1.0/runc.sha256sum"] = $"{Digits('6')}  runc.amd64\n{Digits('7')}  runc.arm64\n";
        var (exit, _, error) = await RunAsync();
        Assert.True(exit == 0, error);
        Assert.Contains("runc\t1.1.0\tx86_64\t", Table(), StringComparison.Ordinal);
        Assert.Contains("runc 1.0.99 arm64: no checksum is published", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"message\":\"API rate limit exceeded\"}", "it is no list of releases")]
    [InlineData("[{\"tag_name\":\"v1.3.1\"}]", "it is no list of releases")]
    [InlineData("<html>", "it is no list of releases")]
    [InlineData(null, "there is nothing")]
    [InlineData("500", "500")]
    public async Task An_answer_that_is_none_ends_without_a_table(string? answer, string words)
    {
        WriteData("component\tversion\tarch\tsha256\n", only: "runc");
        if (answer is not null)
        {
            files["/api/repos/opencontainers/runc/releases?per_page=100&page=1"] = answer;
        }

        var (exit, _, error) = await RunAsync();
        Assert.Equal(1, exit);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Equal("component\tversion\tarch\tsha256\n", Table());
    }

    [Theory]
    [InlineData("component\tversion\tsha256\n", "the first line must be")]
    [InlineData("component\tversion\tarch\tsha256\nrunc\t1.3.0\tx86_64\tabc\n", ":2: no component, version, architecture and SHA-256.")]
    [InlineData("component\tversion\tarch\tsha256\nrunc\t1.3\tx86_64\t1111111111111111111111111111111111111111111111111111111111111111\n", ":2: no component")]
    public async Task A_table_of_another_form_is_refused(string table, string words)
    {
        WriteData(table);
        var (exit, _, error) = await RunAsync();
        Assert.Equal(1, exit);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Equal(table, Table());
    }

    [Theory]
    [InlineData("--datum")]
    [InlineData("--data")]
    public async Task A_wrong_command_line_ends_with_2(string argument)
    {
        var error = new StringWriter();
        Assert.Equal(2, await Tools.Versions.Program.RunAsync([argument], TextWriter.Null, error));
        Assert.Contains($"{argument} is no option, or lacks its value.", error.ToString(), StringComparison.Ordinal);
    }

    // Of two checksums for one file neither counts.
    [Theory]
    [InlineData("1111111111111111111111111111111111111111111111111111111111111111  a\n2222222222222222222222222222222222222222222222222222222222222222  a\n", null)]
    [InlineData("1111111111111111111111111111111111111111111111111111111111111111  a\n1111111111111111111111111111111111111111111111111111111111111111 *a\n", '1')]
    [InlineData("111111111111111111111111111111111111111111111111111111111111111  a\n", null)]
    [InlineData("1111111111111111111111111111111111111111111111111111111111111111  a.sig\n", null)]
    [InlineData("", null)]
    public void A_checksum_is_found_only_where_it_is_plain(string text, char? digit) => Assert.Equal(digit is { } d ? Digits(d) : null, ChecksumFile.Find(text, "a"));

    // The table of the repository is as the tool would write it: a refresh shows what is new, and nothing else.
    [Fact]
    public void The_tables_own_order_is_the_tools()
    {
        var text = File.ReadAllText(Path.Combine(Data, "component-checksums.tsv"));
        Assert.Equal(text, new ChecksumTable(text, "component-checksums.tsv").ToString());
    }

    private static string Digits(char digit) => new(digit, 64);

    private static string Release(string tag, params string[] assets) =>
        $"{{\"tag_name\":\"{tag}\",\"draft\":false,\"prerelease\":{(tag.Contains("-rc", StringComparison.Ordinal) ? "true" : "false")},\"assets\":[{string.Join(',', assets.Select(a => $"{{\"name\":\"{a}\"}}"))}]}}";

    private void Releases(string repository, params string[] releases) =>
        files[$"/api/repos/{repository}/releases?per_page=100&page=1"] = $"[{string.Join(',', releases)}]";

    // The lines of the real table that say where each component is, so that the tool's own reading of it is tested, too.
    private void WriteData(string table, string? only = null)
    {
        var lines = File.ReadAllLines(Path.Combine(Data, "image-components.tsv"));
        string[] wanted = only is null ? ["kubelet", "containerd", "runc"] : [only];
        Write("image-components.tsv", string.Join('\n', lines.Where(l => l.StartsWith('#') || l.StartsWith("name\t", StringComparison.Ordinal) || wanted.Contains(l.Split('\t')[0]))) + "\n");
        Write("image-kubernetes.tsv", "# A comment.\nkubernetes\tkernel\n1.33\t6.12\n");
        Write("component-checksums.tsv", table);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder.FullName, name), text);

    private string Table() => File.ReadAllText(Path.Combine(folder.FullName, "component-checksums.tsv"));

    private async Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await Tools.Versions.Program.RunAsync(
            ["--data", folder.FullName, "--dl-k8s-io", place + "/dl", "--github", place + "/gh/", "--github-api", place + "/api", .. arguments], output, error);
        return (exit, output.ToString(), error.ToString());
    }

    private async Task ServeAsync()
    {
        while (server.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await server.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var path = context.Request.Url!.PathAndQuery;
            asked.Enqueue(path);
            var found = files.TryGetValue(path, out var text);
            context.Response.StatusCode = !found ? 404 : text == "500" ? 500 : 200;
            context.Response.Close(Encoding.UTF8.GetBytes(text ?? ""), willBlock: false);
        }
    }
}
