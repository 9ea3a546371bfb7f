using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Disks;

/// <summary>Instance store as one array: made, found again, half made, foreign.</summary>
public sealed class ArrayTests
{
    [Fact]
    public async Task Blank_disks_become_an_array_with_bind_mounts()
    {
        await using var machine = new FakeArrayMachine();
        machine.Active.UnionWith(["containerd.service", "kubelet.service"]);
        var plan = Raid("RAID0", machine.Disks("nvme1n1", "nvme2n1"));
        var report = await machine.ApplyAsync(plan);

        Assert.Equal(
            [
                "mdadm --create /dev/md/kubernetes --run --force --homehost=any --metadata=1.2 --name=kubernetes --level=0 --raid-devices=2 /dev/nvme1n1 /dev/nvme2n1",
                "mkfs.xfs -K -L eksnode-raid -l su=8b /dev/md127",
            ],
            machine.Calls);
        Assert.Equal(
            [
                "reload",
                "stop kubelet.service",
                "stop containerd.service",
                @"start mnt-k8s\x2ddisks-0.mount",
                "copy /var/lib/kubelet to /mnt/k8s-disks/0/kubelet",
                "start var-lib-kubelet.mount",
                "copy /var/lib/containerd to /mnt/k8s-disks/0/containerd",
                "start var-lib-containerd.mount",
                "copy /var/lib/soci-snapshotter-grpc to /mnt/k8s-disks/0/soci-snapshotter-grpc",
                @"start var-lib-soci\x2dsnapshotter\x2dgrpc.mount",
                "copy /var/log/pods to /mnt/k8s-disks/0/pods",
                "start var-log-pods.mount",
            ],
            machine.Events);
        Assert.Equal(["kubelet.service", "containerd.service"], report.Stopped);
        Assert.Equal(
            """
            # Written by eksnode on every boot, from the disks that are there.
            [Unit]
            Description=Directory for /var/lib/containerd

            [Mount]
            What=/mnt/k8s-disks/0/containerd
            Where=/var/lib/containerd
            Type=none
            Options=bind,nofail

            """,
            machine.Read("run/systemd/system/var-lib-containerd.mount"));
        Assert.Equal(
            """
            # Written by eksnode on every boot, from the disks that are there.
            [Unit]
            RequiresMountsFor="/var/lib/kubelet"
            RequiresMountsFor="/var/log/pods"

            """,
            machine.Read("run/systemd/system/kubelet.service.d/50-eksnode-storage.conf"));

        machine.Events.Clear();
        await machine.ApplyAsync(plan);
        Assert.Empty(machine.Events);
        Assert.Equal(2, machine.Calls.Count);
        Assert.Empty(machine.Diagnostics.Items);
    }

    [Fact]
    public async Task Ten_mirrors_and_stripes_over_four()
    {
        await using var machine = new FakeArrayMachine();
        await machine.ApplyAsync(Raid("RAID10", machine.Disks("nvme1n1", "nvme2n1", "nvme3n1", "nvme10n1")));
        Assert.EndsWith("--level=10 --bitmap=internal --raid-devices=4 /dev/nvme1n1 /dev/nvme2n1 /dev/nvme3n1 /dev/nvme10n1", machine.Calls[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_no_copy_made_are_used_as_they_are_and_told()
    {
        await using var machine = new FakeArrayMachine { Occupied = true };
        var report = await machine.ApplyAsync(Raid("RAID0", machine.Disks("nvme1n1", "nvme2n1")));
        Assert.Empty(report.Seeded);
        var told = machine.Diagnostics.Items.Where(d => d.Code == DiagnosticCatalogue.CopyTargetOccupied.Code).ToList();
        Assert.NotEmpty(told);
        Assert.All(told, d => Assert.Contains(d.Path! + " is not copied", d.Message, StringComparison.Ordinal));
        Assert.Contains("/mnt/k8s-disks/0/containerd holds other files", string.Concat(told.Select(d => d.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_reboot_the_array_is_assembled_under_its_new_name()
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1");
        await machine.ApplyAsync(Raid("RAID0", disks));
        machine.Reboot();
        await machine.ApplyAsync(Raid("RAID0", disks));
        Assert.Equal(["mdadm --assemble --run /dev/md/kubernetes /dev/nvme1n1 /dev/nvme2n1"], machine.Calls);
        Assert.Contains("What=/dev/md126\n", machine.Read(@"run/systemd/system/mnt-k8s\x2ddisks-0.mount"));
    }

    [Fact]
    public async Task What_udev_could_not_finish_is_stopped_and_assembled()
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1");
        await machine.ApplyAsync(Raid("RAID0", disks));
        machine.Reboot();
        machine.Write("fake/next-name", "md125");
        Directory.CreateDirectory($"{machine.Root.Path}/sys/block/md126/md");
        Directory.CreateDirectory($"{machine.Root.Path}/sys/block/nvme1n1/holders/md126");
        machine.Write("sys/block/md126/dev", "9:126");
        machine.Write("sys/block/md126/size", "0");
        machine.Write("sys/block/md126/md/array_state", "inactive");
        await machine.ApplyAsync(Raid("RAID0", disks));
        Assert.Equal(["mdadm --stop /dev/md126", "mdadm --assemble --run /dev/md/kubernetes /dev/nvme1n1 /dev/nvme2n1"], machine.Calls);
    }

    [Theory]
    [InlineData("RAID0", 2, 1)]
    [InlineData("RAID0", 2, 0)]
    [InlineData("RAID10", 4, 1)]
    [InlineData("RAID10", 4, 3)]
    public async Task An_array_that_was_half_made_is_made_anew(string level, int count, int written)
    {
        await using var machine = new FakeArrayMachine();
        var plan = Raid(level, machine.Disks([.. Enumerable.Range(1, count).Select(i => $"nvme{i}n1")]));
        machine.Write("fake/die-after", written.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Assert.ThrowsAsync<DiagnosticException>(() => machine.ApplyAsync(plan));
        machine.Remove("fake/die-after");
        await machine.ApplyAsync(plan);
        Assert.Single(machine.Calls, c => c.StartsWith("mkfs.xfs", StringComparison.Ordinal));
        Assert.Equal(written > 0, machine.Diagnostics.Items.Any(d => d.Code == DiagnosticCatalogue.ArrayMadeAnew.Code));
        Assert.Contains("start var-lib-containerd.mount", machine.Events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_was_killed_between_array_and_mounts_goes_on(bool afterMkfs)
    {
        await using var machine = new FakeArrayMachine();
        var plan = Raid("RAID0", machine.Disks("nvme1n1", "nvme2n1"));
        machine.Write("fake/mkfs-dies", "");
        await Assert.ThrowsAsync<DiagnosticException>(() => machine.ApplyAsync(plan));
        machine.Remove("fake/mkfs-dies");
        if (!afterMkfs)
        {
            machine.Remove("fake/sig/md127");
        }

        await machine.ApplyAsync(plan);
        Assert.Single(machine.Calls, c => c.StartsWith("mdadm --create", StringComparison.Ordinal));
        Assert.Equal(afterMkfs, machine.Calls[^1].StartsWith("mkfs.xfs -f", StringComparison.Ordinal));
        Assert.Contains("start var-lib-containerd.mount", machine.Events);
    }

    [Theory]
    [InlineData("TYPE=ext4\nUSAGE=filesystem\n", "ext4")]
    [InlineData("TYPE=LVM2_member\nUSAGE=raid\n", "LVM")]
    [InlineData("PTTYPE=gpt\n", "gpt")]
    [InlineData("TYPE=linux_raid_member\nLABEL=other:data\nUUID=x\nUSAGE=raid\n", "other:data")]
    public async Task A_disk_with_something_else_is_in_no_array(string signature, string described)
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1");
        machine.Write("fake/sig/nvme2n1", signature);
        var failure = (await Assert.ThrowsAsync<DiagnosticException>(() => machine.ApplyAsync(Raid("RAID0", disks)))).Diagnostic;
        Assert.Equal(DiagnosticCatalogue.DiskForeign.Code, failure.Code);
        Assert.Contains("/dev/nvme2n1", failure.Message);
        Assert.Contains(described, failure.Message);
        Assert.Empty(machine.Calls);
    }

    [Fact]
    public async Task After_a_stop_blank_disks_become_a_new_array()
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1");
        await machine.ApplyAsync(Raid("RAID0", disks));
        machine.Reboot();
        machine.Remove("fake/sig/nvme1n1");
        machine.Remove("fake/sig/nvme2n1");
        await machine.ApplyAsync(Raid("RAID0", disks));
        Assert.StartsWith("mdadm --create", machine.Calls[0], StringComparison.Ordinal);
        Assert.Contains("copy /var/lib/containerd to /mnt/k8s-disks/0/containerd", machine.Events);
    }

    [Fact]
    public async Task A_mirror_that_lost_a_disk_is_kept_with_a_warning()
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1", "nvme3n1", "nvme4n1");
        await machine.ApplyAsync(Raid("RAID10", disks));
        machine.Reboot();
        machine.Remove("fake/sig/nvme4n1");
        await machine.ApplyAsync(Raid("RAID10", disks));
        Assert.Equal(["mdadm --assemble --run /dev/md/kubernetes /dev/nvme1n1 /dev/nvme2n1 /dev/nvme3n1"], machine.Calls);
        Assert.Contains("/dev/nvme4n1", Assert.Single(machine.Diagnostics.Items, d => d.Code == DiagnosticCatalogue.ArrayDegraded.Code).Message);
    }

    [Fact]
    public async Task A_whole_array_that_does_not_assemble_is_not_made_anew()
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1");
        await machine.ApplyAsync(Raid("RAID0", disks));
        machine.Reboot();
        machine.Write("fake/assemble-fails", "");
        var failure = (await Assert.ThrowsAsync<DiagnosticException>(() => machine.ApplyAsync(Raid("RAID0", disks)))).Diagnostic;
        Assert.Equal(DiagnosticCatalogue.DiskProgramFailed.Code, failure.Code);
        Assert.Contains("Invalid argument", failure.Message);
        Assert.DoesNotContain(machine.Calls, c => c.StartsWith("mdadm --create", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_level_than_the_array_has_is_an_error()
    {
        await using var machine = new FakeArrayMachine();
        var disks = machine.Disks("nvme1n1", "nvme2n1", "nvme3n1", "nvme4n1");
        await machine.ApplyAsync(Raid("RAID0", disks));
        var failure = (await Assert.ThrowsAsync<DiagnosticException>(() => machine.ApplyAsync(Raid("RAID10", disks)))).Diagnostic;
        Assert.Equal(DiagnosticCatalogue.DiskForeign.Code, failure.Code);
        Assert.Contains("raid10", failure.Message);
    }

    [Fact]
    public async Task Killed_at_any_step_and_run_again_it_ends_in_the_same_state()
    {
        string? expected = null;
        for (var kill = 1; ; kill++)
        {
            await using var machine = new FakeArrayMachine();
            machine.Active.UnionWith(["containerd.service", "kubelet.service"]);
            var plan = Raid("RAID0", machine.Disks("nvme1n1", "nvme2n1"));
            if (expected is null)
            {
                await machine.ApplyAsync(plan);
                expected = machine.State();
                Assert.True(machine.Steps > 20, "too few steps were counted");
                continue;
            }

            machine.KillAt = kill - 1;
            try
            {
                await machine.ApplyAsync(plan);
                break; // There is no such step any more.
            }
            catch (OperationCanceledException)
            {
                machine.KillAt = null;
            }

            await machine.ApplyAsync(plan);
            Assert.Equal(expected, machine.State());
            Assert.Single(machine.Calls, c => c.StartsWith("mdadm --create", StringComparison.Ordinal));
        }
    }

    private static ImmutableArray<StorageResource> Raid(string level, params BlockDevice[] disks) =>
        StoragePlans.Of($"localStorage:\n  strategy: {level}\n", disks);
}
