using EksNode.Host.Disks;

namespace EksNode.Host.Tests.Disks;

/// <summary>Names of units, what blkid prints, what is mounted.</summary>
public sealed class UnitNameTests
{
    [Theory]
    [InlineData("/var/lib/containerd", "var-lib-containerd.mount")]
    [InlineData("/mnt/k8s-disks/0", @"mnt-k8s\x2ddisks-0.mount")]
    [InlineData("/.hidden/a.b", @"\x2ehidden-a.b.mount")]
    [InlineData("/a b/ü%\\", @"a\x20b-\xc3\xbc\x25\x5c.mount")]
    [InlineData("/", "-.mount")]
    public void A_path_has_the_name_that_systemd_gives_it(string path, string unit)
    {
        Assert.Equal(unit, UnitName.Mount(path));
        if (File.Exists("/usr/bin/systemd-escape"))
        {
            Assert.Equal(LoopMachine.Run("systemd-escape", "--path", "--suffix=mount", path).TrimEnd('\n'), unit);
        }
    }

    [Theory]
    [InlineData("", SignatureKind.Blank, "nothing")]
    [InlineData("DEVNAME=/dev/x\nUUID=u\nTYPE=xfs\nUSAGE=filesystem\n", SignatureKind.FileSystem, "a file system (xfs)")]
    [InlineData("LABEL=a\\ b\nTYPE=ext4\nUSAGE=filesystem\n", SignatureKind.FileSystem, "a file system (ext4, labelled a b)")]
    [InlineData("PTTYPE=gpt\n", SignatureKind.Other, "a partition table (gpt)")]
    [InlineData("TYPE=vfat\nUSAGE=filesystem\nPTTYPE=dos\n", SignatureKind.Other, "vfat and a partition table (dos)")]
    [InlineData("TYPE=crypto_LUKS\nUSAGE=crypto\n", SignatureKind.Other, "an encrypted volume (LUKS)")]
    [InlineData("TYPE=linux_raid_member\nLABEL=any:kubernetes\nUSAGE=raid\n", SignatureKind.ArrayMember, "a member of the array any:kubernetes")]
    public void What_blkid_prints_is_understood(string output, object kind, string described)
    {
        var signature = SignatureProbe.Parse(output);
        Assert.Equal((SignatureKind)kind, signature.Kind);
        Assert.Equal(described, signature.Describe());
    }

    [Fact]
    public void The_mount_table_is_read_with_its_escapes()
    {
        var table = MountTable.Parse("36 35 259:3 /a\\040b /mnt/x\\134y rw,noatime shared:1 master:2 - xfs /dev/nvme1n1 rw\n37 35 0:5 / /proc rw - proc proc rw\n");
        Assert.Equal(new MountEntry("259:3", "/a b", "/mnt/x\\y", "xfs", "/dev/nvme1n1"), table.At("/mnt/x\\y"));
        Assert.Equal("proc", table.At("/proc")?.Type);
    }
}
