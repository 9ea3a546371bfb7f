using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks;

/// <summary>What eksnode did not make is never written.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class ForeignDiskTests
{
    [Theory]
    [InlineData("gpt", "a partition table (gpt)")]
    [InlineData("dos", "a partition table (dos)")]
    [InlineData("lvm", "an LVM physical volume (LVM2_member)")]
    [InlineData("luks", "an encrypted volume (LUKS)")]
    [InlineData("ext4", "a file system (ext4, labelled data)")]
    [InlineData("vfat", "a file system (vfat")]
    [InlineData("btrfs", "a file system (btrfs")]
    [InlineData("swap", "swap")]
    [InlineData("md", "a member of the array other:data")]
    public async Task A_signature_of_somebody_else_stops_the_join(string kind, string described)
    {
        await using var machine = LoopMachine.OrSkip(kind switch { "gpt" or "dos" => "sfdisk", "lvm" => "pvcreate", "luks" => "cryptsetup", "vfat" => "mkfs.vfat", "btrfs" => "mkfs.btrfs", _ => "blkid" });
        var disk = machine.Attach("disk");
        Make(kind, "/dev/" + disk.Name, machine.Image("disk"));
        var before = Digest(machine.Image("disk"));

        var failure = await machine.FailureAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", machine.Target("data"))));

        Assert.Equal(DiagnosticCatalogue.DiskForeign.Code, failure.Code);
        Assert.Contains("/dev/" + disk.Name, failure.Message);
        Assert.Contains(described, failure.Message);
        Assert.Equal(before, Digest(machine.Image("disk")));
        Assert.Empty(machine.Started);

        // The same for the plan, which only looks.
        var bag = new DiagnosticBag();
        await machine.CompareAsync(StoragePlans.Of($"localStorage:\n  strategy: Mount\n  match: [{{device: /dev/{disk.Name}}}]\n", disk), bag);
        Assert.Contains(bag.Items, d => d.Code == DiagnosticCatalogue.DiskForeign.Code);
    }

    [Fact]
    public async Task One_foreign_disk_stops_everything_before_the_first_is_written()
    {
        await using var machine = LoopMachine.OrSkip();
        var (blank, foreign) = (machine.Attach("blank"), machine.Attach("foreign"));
        LoopMachine.Run("mkfs.ext4", "-q", "/dev/" + foreign.Name);
        var plan = StoragePlans.Of(
            StoragePlans.Volume("/dev/" + blank.Name, "xfs", machine.Target("a"))
            + $"  - device: /dev/{foreign.Name}\n    mountTargets: [{machine.Target("b")}]\n");
        Assert.Equal(DiagnosticCatalogue.DiskForeign.Code, (await machine.FailureAsync(plan)).Code);
        Assert.All(File.ReadAllBytes(machine.Image("blank")).AsSpan(0, 1 << 20).ToArray(), b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("ext4")]
    public async Task A_disk_that_is_mounted_elsewhere_is_in_use(string type)
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk");
        var elsewhere = machine.Target("elsewhere");
        LoopMachine.Run("mkfs." + type, "-q", "/dev/" + disk.Name);
        LoopMachine.Run("mount", "/dev/" + disk.Name, elsewhere);
        var failure = await machine.FailureAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, type, machine.Target("target"))));
        Assert.Equal(DiagnosticCatalogue.DiskInUse.Code, failure.Code);
        Assert.Contains(elsewhere, failure.Message);
    }

    [Fact]
    public async Task A_disk_that_the_user_mounted_where_it_belongs_is_left_there()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk");
        var target = machine.Target("target");
        LoopMachine.Run("mkfs.xfs", "-q", "/dev/" + disk.Name);
        LoopMachine.Run("mount", "/dev/" + disk.Name, target);
        Assert.Empty((await machine.ApplyAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", target)))).Seeded);
        Assert.Single(machine.Started);
    }

    [Fact]
    public async Task Something_else_at_the_mount_target_stays()
    {
        await using var machine = LoopMachine.OrSkip();
        var (disk, other) = (machine.Attach("disk"), machine.Attach("other"));
        var target = machine.Target("target");
        LoopMachine.Run("mkfs.ext4", "-q", "/dev/" + other.Name);
        LoopMachine.Run("mount", "/dev/" + other.Name, target);
        var failure = await machine.FailureAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", target)));
        Assert.Equal(DiagnosticCatalogue.MountTargetTaken.Code, failure.Code);
        Assert.Contains("/dev/" + other.Name, failure.Message);
    }

    [Fact]
    public async Task A_target_that_is_a_link_is_an_error()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk");
        File.CreateSymbolicLink(machine.Folder + "/link", machine.Target("target"));
        var failure = await machine.FailureAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", machine.Folder + "/link")));
        Assert.Equal(DiagnosticCatalogue.MountTargetTaken.Code, failure.Code);
    }

    [Fact]
    public async Task A_disk_that_is_too_small_for_xfs_says_so()
    {
        await using var machine = LoopMachine.OrSkip();
        var disk = machine.Attach("disk", 64);
        var failure = await machine.FailureAsync(StoragePlans.Of(StoragePlans.Volume("/dev/" + disk.Name, "xfs", machine.Target("target"))));
        Assert.Equal(DiagnosticCatalogue.DiskTooSmall.Code, failure.Code);
        Assert.Contains("64 MiB", failure.Message);
    }

    [Fact]
    public async Task A_volume_that_is_not_attached_is_waited_for_and_named()
    {
        await using var machine = LoopMachine.OrSkip();
        var failure = await machine.FailureAsync(StoragePlans.Of(
            $"storage:\n  volumes:\n  - match: {{volumeId: vol-0123456789abcdef0}}\n    mountTargets: [{machine.Target("target")}]\n"));
        Assert.Equal(DiagnosticCatalogue.DiskMissing.Code, failure.Code);
        Assert.Contains("vol-0123456789abcdef0", failure.Message);
    }

    [Fact]
    public async Task A_volume_that_is_attached_late_is_taken()
    {
        await using var machine = LoopMachine.OrSkip();
        var plan = StoragePlans.Of($"storage:\n  volumes:\n  - match: {{size: \"{317L << 20}\"}}\n    mountTargets: [{machine.Target("target")}]\n");
        var applying = machine.ApplyAsync(plan, machine.Options with { AttachDeadline = TimeSpan.FromSeconds(30) });
        await Task.Delay(700, TestContext.Current.CancellationToken);
        machine.Attach("late", 317);
        Assert.Single((await applying).Seeded);
    }

    [Fact]
    public async Task Two_volumes_of_one_size_are_ambiguous()
    {
        await using var machine = LoopMachine.OrSkip();
        machine.Attach("one", 313);
        machine.Attach("two", 313);
        var failure = await machine.FailureAsync(StoragePlans.Of(
            $"storage:\n  volumes:\n  - match: {{size: \"{313L << 20}\"}}\n    mountTargets: [{machine.Target("target")}]\n"));
        Assert.Equal(DiagnosticCatalogue.DiskAmbiguous.Code, failure.Code);
    }

    private static void Make(string kind, string device, string image)
    {
        switch (kind)
        {
            case "gpt" or "dos":
                var script = image + ".sfdisk";
                File.WriteAllText(script, $"label: {kind}\nsize=100MiB\n");
                LoopMachine.Run("sh", "-c", $"sfdisk -q --no-reread {device} < {script}");
                break;
            case "lvm":
                LoopMachine.Run("pvcreate", "-qq", "-y", "--config", "devices { filter=[\"a|.*|\"] }", device);
                break;
            case "luks":
                File.WriteAllText(image + ".key", "not a secret");
                LoopMachine.Run("cryptsetup", "luksFormat", "-q", "--type", "luks2", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--key-file", image + ".key", device);
                break;
            case "swap":
                LoopMachine.Run("mkswap", device);
                break;
            case "vfat":
                LoopMachine.Run("mkfs.vfat", "-I", device);
                break;
            case "ext4":
                LoopMachine.Run("mkfs.ext4", "-q", "-L", "data", device);
                break;
            case "md":
                using (var stream = new FileStream(device, FileMode.Open))
                {
                    stream.Seek(4096, SeekOrigin.Begin);
                    stream.Write(MemberSuperblock("other:data"));
                }

                break;
            default:
                LoopMachine.Run("mkfs." + kind, "-q", device);
                break;
        }
    }

    // struct mdp_superblock_1 of linux/raid/md_p.h, version 1.2: at 4 KiB from the beginning.
    private static byte[] MemberSuperblock(string name)
    {
        var block = new byte[4096];
        var span = block.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, 0xa92b4efc); // magic
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], 1); // major_version
        RandomNumberGenerator.Fill(span[16..32]); // set_uuid
        Encoding.ASCII.GetBytes(name, span[32..]); // set_name
        BinaryPrimitives.WriteUInt32LittleEndian(span[92..], 2); // raid_disks
        BinaryPrimitives.WriteUInt64LittleEndian(span[128..], 2048); // data_offset
        BinaryPrimitives.WriteUInt64LittleEndian(span[136..], 600_000); // data_size
        BinaryPrimitives.WriteUInt64LittleEndian(span[144..], 8); // super_offset: 4 KiB in sectors
        BinaryPrimitives.WriteUInt32LittleEndian(span[220..], 2); // max_dev
        long sum = 0;
        var size = 256 + (2 * 2);
        for (var i = 0; i < size; i += 4)
        {
            sum += BinaryPrimitives.ReadUInt32LittleEndian(span[i..]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(span[216..], (uint)((sum & 0xffffffff) + (sum >> 32))); // sb_csum
        return block;
    }

    private static string Digest(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexString(SHA256.HashData(stream));
    }
}
