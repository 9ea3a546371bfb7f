using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Disks;

/// <summary>A file below a mount target is in two places, and both are ours.</summary>
public sealed class MovedFilesTests : IDisposable
{
    private const string Path = "/var/lib/kubelet/kubeconfig";
    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-moved-").FullName;
    private readonly HostRoot root;

    public MovedFilesTests() => root = HostRoot.Open(folder);

    [Fact]
    public void An_older_version_of_ours_on_the_disk_is_brought_to_the_plan()
    {
        Join("one"); // the first boot: both places hold it
        Join("two"); // the second boot, before the disks are mounted
        OnDisk("one");
        var changes = Join("two");
        Assert.Empty(changes.Diagnostics);
        Assert.Equal("two", File.ReadAllText(folder + Path));
        Assert.Equal(Verdict.Ours, changes.All.Single(c => c.Path == Path).Verdict);
    }

    [Fact]
    public void What_somebody_changed_on_the_disk_stays()
    {
        Join("one");
        Join("two");
        OnDisk("by hand");
        var changes = Join("two");
        Assert.Equal("by hand", File.ReadAllText(folder + Path));
        Assert.Contains(changes.Diagnostics, d => d.Code == DiagnosticCatalogue.ChangedByHandKept.Code);
    }

    [Fact]
    public void Without_a_mount_nothing_is_remembered()
    {
        Join("one", mounted: false);
        Assert.False(File.Exists(folder + MovedFiles.FilePath));
    }

    public void Dispose()
    {
        root.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void OnDisk(string content)
    {
        File.WriteAllText(folder + Path, content);
    }

    private Changes Join(string content, bool mounted = true)
    {
        var file = new FileResource { Path = Path, Content = [.. Encoding.UTF8.GetBytes(content)] };
        Resource[] mounts = mounted ? [.. StoragePlans.Of(StoragePlans.Volume("/dev/xvdb", "xfs", "/var/lib/kubelet"))] : [];
        var plan = new Plan([.. mounts, file]);
        var state = MovedFiles.Adopt(AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag()), plan, root);
        var changes = Differ.Diff(plan, root, state, new DiffOptions("i-1"));
        MovedFiles.Remember(Applier.Apply(root, changes).State, plan, root);
        return changes;
    }
}
