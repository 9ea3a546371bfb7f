using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks;

/// <summary>A mount for each instance store disk, and what a killed run leaves.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class LocalDiskTests
{
    [Fact]
    public async Task Each_disk_has_its_own_mount_and_keeps_it_when_the_names_change()
    {
        await using var machine = LoopMachine.OrSkip();
        var disks = new[] { machine.Attach("one", 310), machine.Attach("two", 320) };
        await machine.ApplyAsync(StoragePlans.Of(Mount(machine), disks));
        File.WriteAllText(machine.Folder + "/disks/1/name", "one");
        File.WriteAllText(machine.Folder + "/disks/2/name", "two");

        machine.Reboot();
        var (two, one) = (machine.Attach("two"), machine.Attach("one"));
        Assert.True(string.CompareOrdinal(two.Name, one.Name) < 0, "the names are the other way round");
        await machine.ApplyAsync(StoragePlans.Of(Mount(machine), two, one));
        Assert.Equal("one", File.ReadAllText(machine.Folder + "/disks/1/name"));
        Assert.Equal("two", File.ReadAllText(machine.Folder + "/disks/2/name"));

        // Of two disks one came back blank.
        machine.Reboot();
        File.Delete(machine.Image("one"));
        (one, two) = (machine.Attach("one", 310), machine.Attach("two"));
        await machine.ApplyAsync(StoragePlans.Of(Mount(machine), one, two));
        Assert.Empty(Directory.EnumerateFileSystemEntries(machine.Folder + "/disks/1"));
        Assert.Equal("two", File.ReadAllText(machine.Folder + "/disks/2/name"));
    }

    [Theory]
    [InlineData("xfs", true)]
    [InlineData("xfs", false)]
    [InlineData("ext4", true)]
    [InlineData("ext4", false)]
    public async Task A_run_that_was_killed_while_it_made_a_file_system_goes_on(string type, bool signed)
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk");
        var target = machine.Target("target", "file");
        var plan = StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, type, target));

        // Killed before the first byte, or when the superblock was there and what it leads to was not.
        var programs = machine.Target("programs");
        var real = $"/usr/sbin/mkfs.{type}";
        File.WriteAllText(
            $"{programs}/mkfs.{type}",
            "#!/bin/sh\n" + (signed ? $"{real} \"$@\" && dd if=/dev/zero of=/dev/{disk.Name} bs=64k seek=1 count=4000 conv=notrunc status=none\n" : "") + "exit 137\n");
        File.SetUnixFileMode($"{programs}/mkfs.{type}", (UnixFileMode)0b111_101_101);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => machine.ApplyAsync(plan, machine.Options with { ProgramFolders = [programs, "/usr/sbin", "/usr/bin"] }));
        Assert.Equal(DiagnosticCatalogue.DiskProgramFailed.Code, failure.Diagnostic.Code);
        Assert.Contains("137", failure.Message);
        Assert.Equal(signed, LoopMachine.Run("sh", "-c", $"blkid -p -s LABEL -o value /dev/{disk.Name} || true").StartsWith("eksnode-", StringComparison.Ordinal));
        Assert.True(File.Exists(FormatRecord.FilePath));

        Assert.Single((await machine.ApplyAsync(plan)).Seeded);
        Assert.Equal("file", File.ReadAllText(target + "/file"));
        Assert.False(File.Exists(FormatRecord.FilePath));
    }

    [Theory]
    [InlineData("volumes")] // before the file system is mounted
    [InlineData("-one.mount")] // before the first target
    [InlineData("-two.mount")] // between the two
    public async Task A_run_that_was_killed_before_a_mount_goes_on(string where)
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk");
        var (one, two) = (machine.Target("one", "1"), machine.Target("two", "2"));
        var plan = StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", one, two));
        machine.KilledBefore = where == "volumes" ? plan.Single(r => r.Path.StartsWith("/run/eksnode/volumes/", StringComparison.Ordinal)).Path[^4..] + ".mount" : where;
        await Assert.ThrowsAsync<OperationCanceledException>(() => machine.ApplyAsync(plan));
        machine.KilledBefore = null;
        await machine.ApplyAsync(plan);
        Assert.Equal("1", File.ReadAllText(one + "/1"));
        Assert.Equal("2", File.ReadAllText(two + "/2"));
        Assert.All(await machine.CompareAsync(plan, machine.Diagnostics), c => Assert.Equal(ChangeAction.None, c.Action));
    }

    [Fact]
    public async Task A_run_that_was_killed_while_it_copied_copies_again()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk");
        var target = machine.Target("target", "file");
        var plan = StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", target));
        await Assert.ThrowsAsync<OperationCanceledException>(() => machine.ApplyAsync(plan, machine.Options with { Seeder = new Killed() }));
        Assert.Single((await machine.ApplyAsync(plan)).Seeded);
        Assert.Equal("file", File.ReadAllText(target + "/file"));
    }

    private static string Mount(LoopMachine machine) =>
        $"localStorage:\n  strategy: Mount\n  mountPath: {machine.Folder}/disks\n  match: [{{device: /dev/loop*}}]\n";

    // What TreeCopy leaves when it is killed: its temporary directory, half full.
    private sealed class Killed : ISeeder
    {
        public Task<SeedResult> CopyAsync(string source, string parent, string name, CancellationToken cancellation)
        {
            Directory.CreateDirectory($"{parent}/.eksnode-copy-{name}");
            File.WriteAllText($"{parent}/.eksnode-copy-{name}/half", "");
            throw new OperationCanceledException("killed");
        }
    }
}
