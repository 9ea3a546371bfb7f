using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks;

/// <summary>Data volumes on real block devices.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class VolumeTests
{
    [Fact]
    public async Task R04_A_blank_volume_is_formatted_and_gets_what_was_at_its_targets_once()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("data");
        var (containerd, pods) = (machine.Target("containerd", "image"), machine.Target("pods", "log"));
        var plan = StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", containerd, pods));

        Assert.All(await machine.CompareAsync(plan, machine.Diagnostics), c => Assert.Equal(ChangeAction.Create, c.Action));
        var report = await machine.ApplyAsync(plan);

        Assert.Equal([containerd, pods], report.Seeded.Select(s => s.Path).Order());
        Assert.Equal(5, report.Seeded.Single(s => s.Path == containerd).Bytes);
        Assert.Equal("image", File.ReadAllText(containerd + "/image"));
        Assert.Equal("log", File.ReadAllText(pods + "/log"));
        Assert.Equal("xfs", LoopMachine.Run("stat", "-f", "-c", "%T", containerd).Trim());
        Assert.Contains(machine.Timeline.Spans, s => s.Name.StartsWith($"copy {containerd} (5 bytes)", StringComparison.Ordinal));
        Assert.StartsWith("eksnode-", LoopMachine.Run("blkid", "-p", "-s", "LABEL", "-o", "value", "/dev/" + disk.Name), StringComparison.Ordinal);

        // Again: nothing to do, nothing started.
        var (started, reloads) = (machine.Started.Count, machine.Reloads);
        Assert.All(await machine.CompareAsync(plan, machine.Diagnostics), c => Assert.Equal(ChangeAction.None, c.Action));
        Assert.Empty((await machine.ApplyAsync(plan)).Seeded);
        Assert.Equal((started, reloads), (machine.Started.Count, machine.Reloads));
        Assert.Empty(machine.Diagnostics.Items);
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("ext4")]
    public async Task After_a_reboot_with_other_names_everything_is_found_again(string type)
    {
        await using var machine = LoopMachine.OrSkip();
        // Told apart by their size, as volumes are whose names change.
        var (one, two) = (machine.Attach("one", 310), machine.Attach("two", 330));
        var (a, b) = (machine.Target("a", "old"), machine.Target("b"));
        var text = "storage:\n  volumes:\n"
            + $"  - match: {{size: \"{one.SizeBytes}\", device: /dev/{{0}}}}\n    fsType: {type}\n    mountTargets: [{a}]\n".Replace(", device: /dev/{0}", "")
            + $"  - match: {{size: \"{two.SizeBytes}\"}}\n    fsType: {type}\n    mountTargets: [{b}]\n";
        await machine.ApplyAsync(StoragePlans.Of(text));
        File.WriteAllText(a + "/new", "a");
        File.WriteAllText(b + "/new", "b");
        var before = machine.Device("one");

        machine.Reboot();
        Assert.False(File.Exists(a + "/new"));
        machine.Attach("two");
        machine.Attach("one");
        Assert.NotEqual(before, machine.Device("one"));
        var report = await machine.ApplyAsync(StoragePlans.Of(text));

        Assert.Empty(report.Seeded);
        Assert.Equal("a", File.ReadAllText(a + "/new"));
        Assert.Equal("old", File.ReadAllText(a + "/old"));
        Assert.Equal("b", File.ReadAllText(b + "/new"));
    }

    [Fact]
    public async Task After_a_stop_the_disk_is_blank_and_made_anew()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("data");
        var target = machine.Target("kubelet", "identity");
        await machine.ApplyAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", target)));
        machine.Reboot();
        File.Delete(machine.Image("data"));
        disk = machine.Attach("data");
        var report = await machine.ApplyAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", target)));
        Assert.Single(report.Seeded);
        Assert.Equal("identity", File.ReadAllText(target + "/identity"));
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("ext4")]
    public async Task A_file_system_of_somebody_else_is_mounted_as_it_is(string type)
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("data");
        LoopMachine.Run("mkfs." + type, "-q", "-L", "mine", "/dev/" + disk.Name);
        var given = machine.Target("given");
        LoopMachine.Run("mount", "/dev/" + disk.Name, given);
        File.WriteAllText(given + "/theirs", "theirs");
        LoopMachine.Run("umount", given);

        var target = machine.Target("containerd", "image");
        var plan = StoragePlans.Of($"storage:\n  volumes:\n  - match: {{label: mine}}\n    fsType: {type}\n    mountTargets: [{target}]\n");
        var report = await machine.ApplyAsync(plan);

        Assert.Empty(report.Seeded);
        Assert.Equal("theirs", File.ReadAllText(target + "/theirs"));
        Assert.False(File.Exists(target + "/image"));
        Assert.Equal("mine", LoopMachine.Run("blkid", "-p", "-s", "LABEL", "-o", "value", "/dev/" + disk.Name).Trim());
    }

    [Fact]
    public async Task Seed_none_leaves_the_copy_out_and_keeps_the_mode()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("data");
        var target = machine.Target("kubelet", "image");
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var report = await machine.ApplyAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", target) + "    seed: None\n"));
        Assert.Empty(report.Seeded);
        Assert.Equal([target], report.Unseeded);
        Assert.Empty(Directory.EnumerateFileSystemEntries(target));
        Assert.Equal("700", LoopMachine.Run("stat", "-c", "%a", target).Trim());
    }

    [Fact]
    public async Task A_disk_that_is_full_while_it_is_copied_to_fails_and_holds_nothing_half()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("small", 24);
        var target = machine.Target("containerd");
        File.WriteAllBytes(target + "/large", Enumerable.Repeat((byte)1, 40 << 20).ToArray());
        var plan = StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "ext4", target));
        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, (await machine.FailureAsync(plan)).Code);
        Assert.True(File.Exists(target + "/large"), "what was there stays");

        // With less to copy it goes on.
        File.WriteAllBytes(target + "/large", [1]);
        Assert.Single((await machine.ApplyAsync(plan)).Seeded);
        Assert.Equal(1, new FileInfo(target + "/large").Length);
    }
}
