using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Tests.Files;

public sealed class FileTransactionTests : IDisposable
{
    private readonly TestRoot host = new(inMemory: false);

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_file_comes_in_pieces_and_becomes_visible_with_the_others()
    {
        host.Write("/usr/bin/kubelet", "old", 0x180);
        using var root = host.Open();
        var transaction = new FileTransaction(root);
        transaction.Write("/etc/first", Bytes("first"), 0x1A4);
        transaction.Begin("/usr/bin/kubelet", 0x1ED);
        transaction.Append("in "u8);
        Assert.Throws<InvalidOperationException>(() => transaction.Begin("/usr/bin/other", 0x1ED));
        Assert.Throws<InvalidOperationException>(transaction.Stage);
        transaction.Append("pieces"u8);
        transaction.End();
        transaction.Stage();
        Assert.Equal("old", host.Read("/usr/bin/kubelet"));
        transaction.Commit();
        Assert.Equal(("first", "in pieces", 0x1ED), (host.Read("/etc/first"), host.Read("/usr/bin/kubelet"), host.Mode("/usr/bin/kubelet")));
        Assert.DoesNotContain("eksnode-", host.Tree(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_transaction_that_is_given_up_leaves_nothing()
    {
        host.Write("/usr/bin/kubelet", "old");
        using var root = host.Open();
        var before = host.Tree();
        var transaction = new FileTransaction(root);
        transaction.Begin("/usr/bin/kubelet", 0x1ED);
        transaction.Append("half"u8);
        Assert.NotEqual(before, host.Tree());
        transaction.GiveUp();
        Assert.Equal(before, host.Tree());
        Assert.Throws<InvalidOperationException>(() => transaction.Begin("/usr/bin/kubelet", 0x1ED));
    }

    [Fact]
    public void Nothing_is_visible_before_the_commit()
    {
        host.Write("/etc/a", "old");
        using var root = host.Open();
        var transaction = new FileTransaction(root);
        transaction.Write("/etc/a", Bytes("new"), 0x180);
        transaction.Write("/etc/new/b", Bytes("b"), 0x1A4);
        transaction.Stage();
        Assert.Equal("old", host.Read("/etc/a"));
        Assert.False(host.Exists("/etc/new"));
        transaction.Commit();
        Assert.Equal(("new", 0x180), (host.Read("/etc/a"), host.Mode("/etc/a")));
        Assert.Equal(("b", 0x1A4, 0x1ED), (host.Read("/etc/new/b"), host.Mode("/etc/new/b"), host.Mode("/etc/new")));
        Assert.DoesNotContain("eksnode", host.Tree(), StringComparison.Ordinal);
    }

    [Fact]
    public void Stages_become_visible_one_after_the_other()
    {
        using var root = host.Open();
        var transaction = new FileTransaction(root);
        transaction.Write("/state", Bytes("done"), 0x180, stage: WriteStage.Conclude);
        transaction.Write("/file", Bytes("x"), 0x180);
        transaction.Write("/state", Bytes("about to"), 0x180, stage: WriteStage.Record);
        transaction.Stage();
        transaction.Commit(WriteStage.Record);
        Assert.Equal("about to", host.Read("/state"));
        Assert.False(host.Exists("/file"));
        transaction.Commit(WriteStage.Effect);
        Assert.Equal(("about to", "x"), (host.Read("/state"), host.Read("/file")));
        transaction.Commit(WriteStage.Conclude);
        Assert.Equal("done", host.Read("/state"));
    }

    [Fact]
    public void A_link_at_the_target_is_replaced_and_what_it_leads_to_stays()
    {
        host.Write("/etc/victim", "victim").Link("/etc/file", "victim").Link("/etc/link", "/etc/victim");
        using var root = host.Open();
        Commit(root, t =>
        {
            t.Write("/etc/file", Bytes("mine"), 0x1A4);
            t.Link("/etc/link", "elsewhere");
        });
        Assert.Equal(("victim", "mine", "elsewhere"), (host.Read("/etc/victim"), host.Read("/etc/file"), new FileInfo(host.At("/etc/link")).LinkTarget));
        Assert.Null(new FileInfo(host.At("/etc/file")).LinkTarget);
    }

    [Fact]
    public void A_link_in_the_root_cannot_make_it_write_outside()
    {
        using var outside = new TestRoot();
        host.Link("/etc/conf.d", outside.Folder).Link("/climb", "../../../../../../" + outside.Folder);
        using var root = host.Open();
        Commit(root, t =>
        {
            t.Write("/etc/conf.d/a", Bytes("a"), 0x1A4);
            t.Write("/climb/b", Bytes("b"), 0x1A4);
        });
        Assert.Empty(outside.Tree());
        Assert.Equal("a", File.ReadAllText(host.Folder + outside.Folder + "/a"));
        Assert.Equal("b", File.ReadAllText(host.Folder + outside.Folder + "/b"));
    }

    [Fact]
    public void A_directory_at_the_target_is_an_error_before_anything_changes()
    {
        Directory.CreateDirectory(host.At("/etc/dir"));
        using var root = host.Open();
        var before = host.TreeWithTimes();
        var failure = Assert.Throws<DiagnosticException>(() => Commit(root, t =>
        {
            t.Write("/etc/first", Bytes("x"), 0x1A4);
            t.Write("/etc/dir", Bytes("x"), 0x1A4);
        }));
        Assert.Equal(DiagnosticCatalogue.WrongKind.Code, failure.Diagnostic.Code);
        Assert.Contains("/etc/dir", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Names(before), Names(host.TreeWithTimes()));
    }

    [Fact]
    public void A_file_on_the_way_is_an_error_that_names_the_path()
    {
        host.Write("/etc/file", "");
        using var root = host.Open();
        var failure = Assert.Throws<DiagnosticException>(() => Commit(root, t => t.Write("/etc/file/below", Bytes("x"), 0x1A4)));
        Assert.Equal(DiagnosticCatalogue.WrongKind.Code, failure.Diagnostic.Code);
        Assert.Contains("/etc/file", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_label_of_a_replaced_file_stays_and_a_new_file_gets_its_directory_s()
    {
        TestRoot.RequireRoot();
        host.Write("/etc/a", "old").Write("/etc/deep/er/keep", "");
        Assert.SkipUnless(Native.SetLabel(host.At("/etc/a"), "system_u:object_r:kubernetes_file_t:s0"), "no security attributes on this file system");
        using var root = host.Open();
        Commit(root, t =>
        {
            t.Write("/etc/a", Bytes("new"), 0x1A4);
            t.Write("/etc/b", Bytes("new"), 0x1A4);
        });
        Assert.Equal("new", host.Read("/etc/a"));
        Assert.Equal("system_u:object_r:kubernetes_file_t:s0", Native.Label(host.At("/etc/a")));
        Assert.NotEqual("system_u:object_r:kubernetes_file_t:s0", Native.Label(host.At("/etc/b")));
    }

    [Fact]
    public void Leftovers_are_recognised_and_removed_and_nothing_else()
    {
        host.Write("/d/.a.conf.eksnode-0001~", "left").Write("/d/.eksnode-0001~", "mine").Write("/d/a.conf.eksnode-0001~", "mine")
            .Write("/d/.a.conf.eksnode-0001", "mine").Write("/d/.a.conf.eksnode-00g1~", "mine").Write("/d/a.conf", "mine")
            .Link("/d/.link.eksnode-00ff~", "/d/a.conf");
        using var root = host.Open();
        Assert.Equal(["/d/.a.conf.eksnode-0001~", "/d/.link.eksnode-00ff~"], TemporaryFiles.Sweep(root, "/d").Order(StringComparer.Ordinal));
        Assert.Equal(5, host.Tree().Split("mine").Length - 1);
        Assert.Empty(TemporaryFiles.Sweep(root, "/missing"));
    }

    [Theory]
    [InlineData("10-a.conf")]
    [InlineData("x.service")]
    [InlineData("ünïcode-and-very-long-ünïcode-and-very-long-ünïcode-and-very-long-ünïcode-and-very-long-ünïcode-and-very-long-ünïcode-and-very-long.conf")]
    public void A_temporary_name_is_read_by_no_drop_in_directory(string name)
    {
        var temporary = TemporaryFiles.NameFor(name, 0x2a);
        Assert.StartsWith(".", temporary, StringComparison.Ordinal);
        Assert.EndsWith("~", temporary, StringComparison.Ordinal);
        Assert.True(TemporaryFiles.IsTemporary(temporary));
        Assert.True(Encoding.UTF8.GetByteCount(temporary) <= 255);
    }

    [Fact]
    public void A_temporary_name_that_is_taken_is_passed_over()
    {
        host.Write("/" + TemporaryFiles.NameFor("a", 1), "somebody's");
        using var root = host.Open();
        Commit(root, t => t.Write("/a", Bytes("a"), 0x1A4));
        Assert.Equal(("a", "somebody's"), (host.Read("/a"), host.Read("/" + TemporaryFiles.NameFor("a", 1))));
    }

    [Fact]
    public void Many_files_are_written_and_flushed_together()
    {
        using var root = host.Open();
        Commit(root, t =>
        {
            for (var i = 0; i < 700; i++)
            {
                t.Write($"/many/{i % 7}/{i}", Bytes($"{i}"), 0x1A4);
            }
        });
        for (var i = 0; i < 700; i++)
        {
            Assert.Equal($"{i}", host.Read($"/many/{i % 7}/{i}"));
        }
    }

    [Fact]
    public void A_file_that_changed_since_it_was_looked_at_is_not_replaced()
    {
        host.Write("/a", "one").Write("/b", "one");
        using var root = host.Open();
        var transaction = new FileTransaction(root);
        transaction.Expect("/a", root.Status("/a"));
        transaction.Expect("/b", root.Status("/b"));
        transaction.Write("/a", Bytes("mine"), 0x1A4);
        transaction.Write("/b", Bytes("mine"), 0x1A4);
        transaction.Stage();
        File.AppendAllText(host.At("/b"), " and two");
        var failure = Assert.Throws<DiagnosticException>(transaction.Commit);
        Assert.Equal(DiagnosticCatalogue.ChangedMeanwhile.Code, failure.Diagnostic.Code);
        Assert.Equal(("one", "one and two"), (host.Read("/a"), host.Read("/b")));
        Assert.DoesNotContain("eksnode-", host.Tree(), StringComparison.Ordinal);
    }

    [Fact]
    public void Removing_what_is_not_there_is_no_failure()
    {
        using var root = host.Open();
        Commit(root, t =>
        {
            t.Remove("/nothing");
            t.Remove("/no/where");
            t.RemoveDirectoryIfEmpty("/nothing");
        });
        Assert.Empty(host.Tree());
    }

    [Fact]
    public void A_directory_that_holds_something_stays()
    {
        host.Write("/full/file", "x");
        Directory.CreateDirectory(host.At("/empty"));
        using var root = host.Open();
        Commit(root, t =>
        {
            t.RemoveDirectoryIfEmpty("/full");
            t.RemoveDirectoryIfEmpty("/empty");
        });
        Assert.True(host.Exists("/full/file"));
        Assert.False(host.Exists("/empty"));
    }

    internal static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static void Commit(HostRoot root, Action<FileTransaction> fill)
    {
        var transaction = new FileTransaction(root);
        fill(transaction);
        transaction.Stage();
        transaction.Commit();
    }

    private static string[] Names(string tree) => [.. tree.Split('\n').Select(l => l.Split(' ').ElementAtOrDefault(3) ?? "")];
}
