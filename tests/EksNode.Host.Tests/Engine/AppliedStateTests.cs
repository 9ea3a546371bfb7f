using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

public sealed class AppliedStateTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_state_is_read_as_it_was_written()
    {
        host.Write("/etc/image", "image").Link("/etc/link", "x");
        host.KilledJoin(
            PlanOf(FileOf("/etc/image", "a", 0x180, "u.service"), LinkOf("/etc/link", "y"), FileOf("/new/b", "b"), HostsOf("h", "1.1.1.1")),
            new KillBefore("/new/b", "rename"));
        var state = AppliedStateFormat.Read(Encoding.UTF8.GetBytes(host.State()), StatePlace.Join);
        Assert.Equal(host.State(), Encoding.UTF8.GetString(AppliedStateFormat.Write(state)));
        Assert.Equal(Instance, state.InstanceId);
        Assert.Equal(["u.service"], state.Files["/etc/image"].Restarts);
        Assert.Equal("x", state.Files["/etc/link"].Original.Target);
        Assert.Equal(["/new"], state.Unsettled);
        Assert.True(state.Hosts["h"].MadeFile);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":"1"}""")]
    [InlineData("""{"schemaVersion":0}""")]
    [InlineData("""{"schemaVersion":1,"files":[]}""")]
    [InlineData("""{"schemaVersion":1,"surprise":1}""")]
    [InlineData("""{"schemaVersion":1,"instanceId":7}""")]
    [InlineData("""{"schemaVersion":1,"files":{"/a":{}}}""")]
    [InlineData("""{"schemaVersion":1,"files":{"/a":{"original":{"kind":"missing"}}}}""")]
    [InlineData("""{"schemaVersion":1,"files":{"/a":{"written":{"kind":"missing"},"original":{"kind":"socket"}}}}""")]
    [InlineData("""{"schemaVersion":1,"files":{"/a":{"written":{"kind":"missing"},"original":{"kind":"symlink"}}}}""")]
    [InlineData("""{"schemaVersion":1,"files":{"/a":{"written":{"kind":"missing"},"original":{"kind":"file","sha256":"x","mode":"0644","user":0,"group":0}}}}""")]
    [InlineData("""{"schemaVersion":1,"directories":{"/a":"0899"}}""")]
    [InlineData("""{"schemaVersion":1,"directories":{"/a":493}}""")]
    [InlineData("""{"schemaVersion":1,"hosts":{"a":{}}}""")]
    [InlineData("""{"schemaVersion":1,"unsettled":[null]}""")]
    [InlineData("""{"schemaVersion":1,"owed":{"a.service":{"because":["file:/a"]}}}""")]
    [InlineData("""{"schemaVersion":2,"owed":{"a.service":{}}}""")]
    [InlineData("""{"schemaVersion":2,"owed":{"a.service":{"because":["file:/a"],"since":1}}}""")]
    [InlineData("""{"schemaVersion":2,"owed":{"a.service":{"because":["file:/a"],"boot":1}}}""")]
    public void A_state_that_is_none_is_an_error_and_never_empty(string text)
    {
        host.Write("/etc/a", "mine").Write(AppliedState.FilePath, text, 0x180);
        var failure = Assert.Throws<DiagnosticException>(() => host.Diff(PlanOf(FileOf("/etc/a", "x"))));
        Assert.Equal(DiagnosticCatalogue.StateUnreadable.Code, failure.Diagnostic.Code);
        Assert.Contains(AppliedState.FilePath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("--policy enforce", failure.Diagnostic.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_of_a_newer_eksnode_is_an_error()
    {
        host.Write(AppliedState.FilePath, """{"schemaVersion":4,"surprise":1}""", 0x180);
        Assert.Equal(DiagnosticCatalogue.StateNewer.Code, Assert.Throws<DiagnosticException>(() => host.Diff(PlanOf())).Diagnostic.Code);
    }

    [Fact]
    public void Enforce_goes_on_without_it_and_keeps_every_byte()
    {
        host.Write("/etc/a", "bytes").Write(AppliedState.FilePath, "broken", 0x180);
        using (var root = host.Open())
        {
            var diagnostics = new DiagnosticBag();
            AppliedState.Load(root, ApplyPolicy.Enforce, diagnostics);
            Assert.Equal((DiagnosticCatalogue.StateUnreadable.Code, Severity.Warning), (diagnostics.Items[0].Code, diagnostics.Items[0].Severity));
        }

        var plan = PlanOf(FileOf("/etc/a", "x"));
        host.Join(plan, policy: ApplyPolicy.Enforce);
        Assert.Equal("broken", File.ReadAllText(Assert.Single(Directory.GetFiles(host.At(AppliedState.ReplacedPath)))));
        Assert.Equal("bytes", File.ReadAllText(Assert.Single(Directory.GetFiles(host.At(AppliedState.OriginalsPath)))));
        Assert.Empty(host.Join(plan).Changes.Actions);
    }

    [Fact]
    public void A_state_that_is_a_directory_is_an_error()
    {
        Directory.CreateDirectory(host.At(AppliedState.FilePath));
        Assert.Throws<DiagnosticException>(() => host.Diff(PlanOf()));
    }
}
