using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Facts;

public sealed class InstanceCatalogTests
{
    [Theory]
    [InlineData("t3.medium", 3, 6, 17)]
    [InlineData("m5.large", 3, 10, 29)]
    [InlineData("m4.xlarge", 4, 15, 58)]
    [InlineData("p5.48xlarge", 2, 50, 100)]
    [InlineData("c7g.medium", 2, 4, 8)]
    [InlineData("cr1.8xlarge", 8, 30, 234)]
    [InlineData("c5ad.metal", 15, 50, 737)]
    [InlineData("u-6tb1.metal", 5, 30, 147)]
    [InlineData("u-24tb1.metal", 15, 50, 737)]
    [InlineData("hs1.8xlarge", 8, 30, 234)]
    public void Network_limits_give_max_pods(string type, int enis, int addresses, int maxPods)
    {
        var entry = InstanceCatalog.Find(type);
        Assert.NotNull(entry);
        Assert.Equal((type, enis, addresses), (entry.InstanceType, entry.DefaultCardMaxEnis, entry.Ipv4PerEni));
        Assert.Equal(maxPods, EniLimits.MaxPods(entry.DefaultCardMaxEnis, entry.Ipv4PerEni));
    }

    [Fact]
    public void Every_column_is_read() => Assert.Equal(
        new InstanceTypeEntry
        {
            InstanceType = "p5.48xlarge",
            Architectures = "x86_64",
            Vcpus = 192,
            Cores = 96,
            ThreadsPerCore = 2,
            MemoryMib = 2097152,
            Hypervisor = "nitro",
            BareMetal = false,
            DefaultCardMaxEnis = 2,
            TotalMaxEnis = 64,
            NetworkCards = 32,
            Ipv4PerEni = 50,
            Ipv6PerEni = 50,
            EfaMaxInterfaces = 32,
            AcceleratorKind = "NVIDIA",
            AcceleratorName = "H100",
            AcceleratorCount = 8,
            AcceleratorMemoryMib = 655360,
            InstanceStoreDisks = 8,
            InstanceStoreDiskGb = 3800,
            InstanceStoreKind = "nvme-ssd",
        },
        InstanceCatalog.Find("p5.48xlarge"));

    [Fact]
    public void An_empty_cell_is_not_known()
    {
        var entry = InstanceCatalog.Find("cr1.8xlarge");
        Assert.Equal(new InstanceTypeEntry { InstanceType = "cr1.8xlarge", DefaultCardMaxEnis = 8, Ipv4PerEni = 30 }, entry);
        Assert.Null(entry!.GoArchitecture);
    }

    [Theory]
    [InlineData("m6i.large", "amd64")]
    [InlineData("c7g.xlarge", "arm64")]
    [InlineData("m1.small", "amd64")]
    [InlineData("mac2.metal", "arm64")]
    public void Architectures_have_their_name_in_Go(string type, string expected) =>
        Assert.Equal(expected, InstanceCatalog.Find(type)?.GoArchitecture);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("instance_type")]
    [InlineData("m6i.larg")]
    [InlineData("m6i.large ")]
    [InlineData("M6I.LARGE")]
    [InlineData("zzz.large")]
    [InlineData("m6i.large\t")]
    [InlineData("\ud800")]
    public void What_is_no_type_is_not_found(string type) => Assert.Null(InstanceCatalog.Find(type));

    [Fact]
    public void The_table_is_sorted_unique_and_every_type_in_it_is_found()
    {
        var all = InstanceCatalog.All.ToList();
        Assert.Equal(1411, all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            Assert.True(i == 0 || string.CompareOrdinal(all[i - 1].InstanceType, all[i].InstanceType) < 0, all[i].InstanceType);
            Assert.Equal(all[i], InstanceCatalog.Find(all[i].InstanceType));
        }
    }

    [Fact]
    public void Every_line_is_plausible()
    {
        foreach (var entry in InstanceCatalog.All)
        {
            Assert.InRange(entry.DefaultCardMaxEnis, 1, 100);
            Assert.InRange(entry.Ipv4PerEni, 2, 100);
            Assert.True(entry.TotalMaxEnis is null || entry.TotalMaxEnis >= entry.DefaultCardMaxEnis, entry.InstanceType);
            Assert.True(entry.Vcpus is null || entry.Vcpus == entry.Cores * entry.ThreadsPerCore, entry.InstanceType);
            Assert.True(entry.Architectures is null || entry.GoArchitecture is not null, entry.InstanceType);
            Assert.Equal(entry.Vcpus is null, entry.MemoryMib is null);
            Assert.Equal(entry.AcceleratorKind is null, entry.AcceleratorName is null);
            Assert.Equal(entry.InstanceStoreDisks is > 0, entry.InstanceStoreKind is not null);
        }
    }
}
