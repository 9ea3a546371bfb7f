using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Tests.Files;

/// <summary>Every test runs twice: the kernel resolves paths, and eksnode does it by hand.</summary>
public sealed class HostRootTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void The_kernel_resolves_paths_where_it_can()
    {
        using var root = host.Open();
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.OSVersion.Version >= new Version(5, 6), "needs Linux 5.6");
        Assert.False(root.Resolver.ByHand);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_never_leads_out_of_the_root(bool byHand)
    {
        host.Write("/etc/passwd", "inside").Link("/absolute", "/etc/passwd").Link("/climbing", "../../../../etc/passwd")
            .Link("/out", "/").Link("/a/b/relative", "../../etc/passwd");
        using var root = host.Open(byHand: byHand);
        foreach (var path in (string[])["/absolute", "/climbing", "/out/etc/passwd", "/out/out/etc/passwd", "/a/b/relative", "/../../etc/passwd", "/a/../../etc/passwd"])
        {
            Assert.Equal("inside"u8.ToArray(), root.ReadFile(path));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Status_tells_a_link_from_what_it_leads_to(bool byHand)
    {
        host.Write("/etc/file", "12345", 0x180).Link("/link", "/etc").Link("/dangling", "/nowhere");
        using var root = host.Open(byHand: byHand);
        Assert.Equal(FileKind.Symlink, root.Status("/link")!.Kind);
        Assert.Equal(FileKind.Directory, root.Status("/link", followLink: true)!.Kind);
        Assert.Equal(FileKind.Directory, root.Status("/")!.Kind);
        Assert.Equal((FileKind.File, 0x180, 5L), (root.Status("/link/file")!.Kind, root.Status("/link/file")!.Mode, root.Status("/link/file")!.Size));
        Assert.Null(root.Status("/dangling", followLink: true));
        Assert.Null(root.Status("/missing"));
        Assert.Null(root.Status("/etc/file/below"));
        Assert.Equal("/nowhere", root.ReadLink("/dangling"));
        Assert.Null(root.ReadLink("/etc/file"));
        Assert.Null(root.ReadLink("/missing"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loop_of_links_is_an_error(bool byHand)
    {
        host.Link("/a", "/b").Link("/b", "/a");
        using var root = host.Open(byHand: byHand);
        var failure = Assert.Throws<DiagnosticException>(() => root.ReadFile("/a/x"));
        Assert.Equal(DiagnosticCatalogue.LinkLoop.Code, failure.Diagnostic.Code);
        Assert.Contains("/a/x", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forty_links_are_followed_and_no_more(bool byHand)
    {
        host.Write("/link0", "end");
        for (var i = 1; i <= 41; i++)
        {
            host.Link($"/link{i}", $"link{i - 1}");
        }

        using var root = host.Open(byHand: byHand);
        Assert.Equal("end"u8.ToArray(), root.ReadFile("/link40"));
        Assert.Throws<DiagnosticException>(() => root.ReadFile("/link41"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_list_has_every_name_in_ordinal_order(bool byHand)
    {
        var names = Enumerable.Range(0, 2000).Select(i => $"name-{i}-{new string('ü', i % 50)}").Order(StringComparer.Ordinal).ToArray();
        foreach (var name in names)
        {
            host.Write("/many/" + name, "");
        }

        using var root = host.Open(byHand: byHand);
        Assert.Equal(names, root.List("/many"));
        Assert.Null(root.List("/missing"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_is_bounded(bool byHand)
    {
        host.Write("/ten", "0123456789");
        using var root = host.Open(byHand: byHand);
        Assert.Equal(10, root.ReadFile("/ten", 10)!.Length);
        Assert.Equal(DiagnosticCatalogue.FileTooLarge.Code, Assert.Throws<DiagnosticException>(() => root.ReadFile("/ten", 9)).Diagnostic.Code);
        Assert.Equal(DiagnosticCatalogue.WrongKind.Code, Assert.Throws<DiagnosticException>(() => root.ReadFile("/")).Diagnostic.Code);
        Assert.Null(root.ReadFile("/missing"));
    }

    [Fact]
    public void Files_without_a_size_are_read_to_their_end()
    {
        using var root = HostRoot.Open("/");
        Assert.Equal(File.ReadAllBytes("/proc/version"), root.ReadFile("/proc/version"));
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("")]
    [InlineData("/nul\0")]
    public void A_path_must_be_absolute(string path)
    {
        using var root = host.Open();
        Assert.Equal(DiagnosticCatalogue.InvalidPath.Code, Assert.Throws<DiagnosticException>(() => root.Status(path)).Diagnostic.Code);
    }

    [Fact]
    public void A_root_must_be_a_directory_that_exists()
    {
        host.Write("/file", "");
        Assert.Contains("does not exist", Assert.Throws<DiagnosticException>(() => HostRoot.Open(host.At("/no"))).Message, StringComparison.Ordinal);
        Assert.Contains("not a directory", Assert.Throws<DiagnosticException>(() => HostRoot.Open(host.At("/file"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1FF, 0u, 0u)] // 0777
    [InlineData(0x3FF, 0u, 0u)] // 1777: who may add a name may prepare a link
    [InlineData(0x1FD, 0u, 1000u)] // 0775 of another group
    [InlineData(0x1ED, 1000u, 0u)] // 0755 of another owner
    public void A_directory_on_the_way_that_others_may_write_is_an_error(int mode, uint user, uint group)
    {
        TestRoot.RequireRoot();
        Directory.CreateDirectory(host.At("/a/open/b"));
        Native.Own(host.At("/a/open"), user, group);
        File.SetUnixFileMode(host.At("/a/open"), (UnixFileMode)mode);
        host.Link("/through", "/a/open/b");
        foreach (var byHand in (bool[])[false, true])
        {
            using var root = host.Open(byHand: byHand);
            foreach (var path in (string[])["/a/open/b/new", "/through/new", "/a/open/new"])
            {
                var failure = Assert.Throws<DiagnosticException>(() => root.MakeDirectory(path));
                Assert.Equal(DiagnosticCatalogue.UntrustedDirectory.Code, failure.Diagnostic.Code);
                Assert.Contains("/a/open", failure.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(0x1FD, 0u)] // 0775 of root's group
    [InlineData(0x1C0, 0u)]
    public void A_directory_that_only_root_may_write_is_fine(int mode, uint group)
    {
        TestRoot.RequireRoot();
        Directory.CreateDirectory(host.At("/a"));
        Native.Own(host.At("/a"), 0, group);
        File.SetUnixFileMode(host.At("/a"), (UnixFileMode)mode);
        File.SetUnixFileMode(host.Folder, (UnixFileMode)0x3FF);
        using var root = host.Open();
        root.MakeDirectory("/a/b/c", 0x1C0);
        Assert.Equal(0x1ED, host.Mode("/a/b"));
        Assert.Equal(0x1C0, host.Mode("/a/b/c"));
    }

    [Fact]
    public void Directories_are_made_through_links_and_inside_the_root()
    {
        host.Link("/var/run", "/run").Link("/later", "/not/yet/there");
        using var root = host.Open();
        root.MakeDirectory("/var/run/eksnode");
        root.MakeDirectory("/later/x");
        Assert.True(Directory.Exists(host.At("/run/eksnode")));
        Assert.True(Directory.Exists(host.At("/not/yet/there/x")));
    }
}
