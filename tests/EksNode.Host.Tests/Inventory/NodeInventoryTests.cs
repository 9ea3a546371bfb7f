using EksNode.Host.Facts;
using EksNode.Host.Inventory;
using EksNode.Host.Tests.Facts;

namespace EksNode.Host.Tests.Inventory;

public sealed class NodeInventoryTests : IDisposable
{
    private readonly FakeRoot root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public async Task An_empty_root_has_nothing()
    {
        Assert.Empty(await ReadAsync());
        Assert.Empty(root.Diagnostics.Items);
        Assert.Empty(Directory.GetFileSystemEntries(root.At("/")));
    }

    [Fact]
    public async Task Programs_are_asked_where_no_manifest_names_them()
    {
        root.Script("/usr/bin/kubelet", "echo Kubernetes v1.33.4-eks-3abbec1")
            .Script("/usr/sbin/runc", "echo runc version 1.3.0")
            .Script("/opt/cni/bin/loopback", "echo CNI loopback plugin v1.7.1 >&2");
        Assert.Equal(
            ["cniPlugins 1.7.1 /opt/cni/bin/loopback program", "kubelet 1.33.4 /usr/bin/kubelet program", "runc 1.3.0 /usr/sbin/runc program"],
            Lines(await ReadAsync()));
        Assert.Empty(root.Diagnostics.Items);
        Assert.False(Directory.Exists(root.At("/var")));
    }

    [Fact]
    public async Task The_manifest_is_believed_as_long_as_the_file_is_the_one_that_it_describes()
    {
        root.Script("/usr/bin/kubelet", "echo Kubernetes v1.34.0").Script("/usr/bin/crictl", "echo crictl version v1.34.0");
        var size = new FileInfo(root.At("/usr/bin/kubelet")).Length;
        root.File(ImageManifest.Path, $$$"""
            {"components": {"kubelet": {"size": {{{size}}}, "version": "1.33.4", "path": "/usr/bin/kubelet"}, "crictl": {"version": "1.33.0", "size": 1},
             "driver": {"version": "580.105.8"}, "gone": {"version": "1.0.0", "path": "/usr/bin/gone"}, "runc": {"version": "1.3.0"} } }
            """);
        Assert.Equal(
            ["crictl 1.34.0 /usr/bin/crictl program", "driver 580.105.8  manifest", "gone 1.0.0 /usr/bin/gone manifest", "kubelet 1.33.4 /usr/bin/kubelet manifest"],
            Lines(await ReadAsync()));
        Assert.Equal(1, root.Programs.Started);
    }

    [Fact]
    public async Task A_program_that_tells_none_is_listed_without_a_version_and_reported()
    {
        root.Script("/usr/bin/kubelet", "exit 1").File("/usr/bin/containerd", "\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0\u0002\0\u0015\0");
        Assert.Equal(["containerd  /usr/bin/containerd program", "kubelet  /usr/bin/kubelet program"], Lines(await ReadAsync()));
        Assert.Equal(["EKN0691", "EKN0763"], root.Diagnostics.Items.Select(d => d.Code).Order(StringComparer.Ordinal));
        Assert.Contains("/usr/bin/containerd is for another processor", root.Diagnostics.Items[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kernels_are_those_with_modules_and_the_one_that_runs()
    {
        root.File("/usr/lib/modules/6.12.5-1.x86_64/modules.dep", "").File("/usr/lib/modules/6.1.9-1.x86_64/modules.builtin", "").Folder("/usr/lib/modules/5.10.0-left")
            .Link("/lib", "usr/lib");
        Assert.Equal(["kernel 6.1.9-1.x86_64 /lib/modules/6.1.9-1.x86_64 installed", "kernel 6.12.5-1.x86_64 /lib/modules/6.12.5-1.x86_64 installed"], Lines(await ReadAsync()));

        root.File("/proc/sys/kernel/osrelease", "6.12.5-1.x86_64\n");
        Assert.Contains("kernel 6.12.5-1.x86_64 /lib/modules/6.12.5-1.x86_64 running", Lines(await ReadAsync()));
        root.File("/proc/sys/kernel/osrelease", "6.18.0\n");
        Assert.Contains("kernel 6.18.0  running", Lines(await ReadAsync()));
    }

    [Fact]
    public async Task Of_a_running_kernel_the_loaded_modules_tell_their_versions()
    {
        root.File("/sys/module/ena/version", "2.13.3g\n").Folder("/sys/module/overlay");
        Assert.Equal(["ena 2.13.3g  running"], Lines(await ReadAsync()));
    }

    [Fact]
    public void Of_files_modinfo_tells_them()
    {
        var found = new List<NodeComponent>();
        KernelVersions.AddToldBy(
            "filename:       /mnt/usr/lib/modules/6.12.5/extra/nvidia-drm.ko.xz\nversion:        580.105.08\nsrcversion:     1\n"
            + "filename:       /mnt/usr/lib/modules/6.12.5/extra/plain.ko\nlicense:        GPL\n",
            "/mnt/usr/lib/modules/6.12.5",
            "/lib/modules/6.12.5",
            found);
        Assert.Equal(["nvidia_drm 580.105.08 /lib/modules/6.12.5/extra/nvidia-drm.ko.xz modinfo"], Lines(found));
    }

    [Fact]
    public async Task A_module_that_modinfo_cannot_read_is_reported()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/modinfo"), "modinfo (kmod) is not installed");
        root.File("/lib/modules/6.12.5/modules.dep", "").File("/lib/modules/6.12.5/extra/broken.ko", "no module");
        Assert.Equal(["kernel 6.12.5 /lib/modules/6.12.5 installed"], Lines(await ReadAsync()));
        Assert.Equal("EKN0693", Assert.Single(root.Diagnostics.Items).Code);
    }

    [Fact]
    public async Task Container_images_come_from_the_manifest_where_no_runtime_runs()
    {
        root.File(ImageManifest.Path, """
            {"components": {}, "images": [{"name": "registry.example.com:5000/team/app:1.2", "digest": "sha256:ab", "pinned": true}, {"name": "localhost/pause@sha256:cd"}, {"name": "bare"}]}
            """);
        var images = await ReadAsync();
        Assert.Equal(["bare   manifest", "localhost/pause sha256:cd  manifest", "registry.example.com:5000/team/app 1.2  manifest"], Lines(images));
        Assert.Equal([null, "sha256:cd", "sha256:ab"], images.Select(i => i.Digest));
    }

    private Task<List<NodeComponent>> ReadAsync() => new NodeInventory(root.Root, root.Programs, root.Diagnostics).ReadAsync(null, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Lines(IEnumerable<NodeComponent> components) => components.Select(c => $"{c.Name} {c.Version} {c.Path} {c.Source}");
}
