using EksNode.Host.Disks;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Disks;

/// <summary>The units on a real systemd: they mount, order the services, and a boot without the disk goes on.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class MountUnitRealTests
{
    private const string Folder = "/run/systemd/system";

    [Fact]
    public async Task The_units_mount_order_the_services_and_are_gone_with_the_boot()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        await using var disks = LoopMachine.OrSkip();
        var disk = disks.Attach("data");
        LoopMachine.Run("mkfs.ext4", "-q", "-L", "eksnode-test", "/dev/" + disk.Name);
        var plan = StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "ext4", "/var/lib/containerd", "/var/lib/odd name%"));
        var mounts = plan.OfType<MountResource>().Select(m => (
            Mount: m,
            What: m.Directory is null ? "/dev/" + disk.Name : $"{m.FilesystemPath}/{m.Directory}",
            Type: m.Directory is null ? "ext4" : "none")).ToList();
        await using var systemd = new RealSystemd();
        systemd.Write("/etc/systemd/system/containerd.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'touch /var/lib/containerd/started'\n");
        await systemd.BootAsync();
        await InsideAsync(systemd, "mknod", "/dev/" + disk.Name, "b", "7", disk.Name["loop".Length..]);

        foreach (var (mount, what, type) in mounts)
        {
            systemd.Write($"{Folder}/{UnitName.Mount(mount.Path)}", MountUnits.Text(mount, what, type));
        }

        systemd.Write(Folder + "/containerd.service.d/50-eksnode-storage.conf", MountUnits.DropInText(["/var/lib/containerd"]));
        var names = mounts.Select(m => UnitName.Mount(m.Mount.Path)).ToArray();
        var verified = await systemd.RunAsync(["systemd-analyze", "verify", .. names.Select(n => $"{Folder}/{n}")]);
        Assert.Equal("", verified.Error);
        await InsideAsync(systemd, "systemctl", "daemon-reload");

        // The directories of the targets, as a copy makes them.
        var whole = mounts[0].Mount.FilesystemPath;
        await InsideAsync(systemd, "systemctl", "start", names[0]);
        await InsideAsync(systemd, "mkdir", $"{whole}/containerd", $"{whole}/odd name%");
        await InsideAsync(systemd, "systemctl", ["start", .. names]);
        Assert.Equal($"/dev/{disk.Name}[/odd name%]", (await InsideAsync(systemd, "findmnt", "-rno", "SOURCE", "/var/lib/odd name%")).Replace("\\x20", " ", StringComparison.Ordinal));
        Assert.DoesNotContain("local-fs.target", await InsideAsync(systemd, "systemctl", "show", "-p", "Before,RequiredBy,WantedBy", names[0]));

        // The service brings its mount with it, and comes after it.
        await InsideAsync(systemd, "systemctl", "stop", UnitName.Mount("/var/lib/containerd"));
        await InsideAsync(systemd, "systemctl", "start", "containerd.service");
        await InsideAsync(systemd, "test", "-e", $"{whole}/containerd/started");

        // The next boot knows nothing of it.
        await systemd.PowerOffAsync();
        await systemd.BootAsync();
        Assert.Contains("not-found", await InsideAsync(systemd, "systemctl", "show", "-p", "LoadState", names[1]));
        Assert.Equal("running", await systemd.WaitUntilUpAsync(TimeSpan.FromSeconds(30)));
    }

    private static async Task<string> InsideAsync(RealSystemd systemd, string program, params string[] arguments)
    {
        var result = await systemd.RunAsync([program, .. arguments]);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}");
        return result.Output.Trim();
    }
}
