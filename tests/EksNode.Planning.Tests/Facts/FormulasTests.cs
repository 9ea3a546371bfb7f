using EksNode.Planning.Decisions;

namespace EksNode.Planning.Tests.Facts;

public sealed class FormulasTests
{
    [Theory]
    [InlineData(3, 6, 17)]
    [InlineData(3, 10, 29)]
    [InlineData(4, 15, 58)]
    [InlineData(2, 50, 100)]
    [InlineData(2, 4, 8)]
    [InlineData(15, 50, 737)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    public void Max_pods_follow_from_interfaces_and_addresses(int interfaces, int addresses, int expected) =>
        Assert.Equal(expected, EniLimits.MaxPods(interfaces, addresses));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 60)]
    [InlineData(2, 70)]
    [InlineData(3, 75)]
    [InlineData(4, 80)]
    [InlineData(5, 82)]
    [InlineData(8, 90)]
    [InlineData(16, 110)]
    [InlineData(32, 150)]
    [InlineData(64, 230)]
    [InlineData(96, 310)]
    [InlineData(192, 550)]
    public void Reserved_cpu_goes_by_bands_each_truncated(int cpus, int expected) =>
        Assert.Equal(expected, ReservedResourcesFormula.CpuMillicores(cpus));

    [Theory]
    [InlineData(17, 442)]
    [InlineData(29, 574)]
    [InlineData(58, 893)]
    [InlineData(110, 1465)]
    [InlineData(234, 2829)]
    [InlineData(737, 8362)]
    public void Reserved_memory_goes_by_max_pods(int maxPods, long expected) =>
        Assert.Equal(expected, ReservedResourcesFormula.MemoryMib(maxPods));
}
