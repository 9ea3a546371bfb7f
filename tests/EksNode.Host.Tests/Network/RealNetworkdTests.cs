using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Network;
using EksNode.Planning.Network;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Network;

/// <summary>systemd-networkd itself reads the files, is told of them over D-Bus, and routes by them.</summary>
public sealed class RealNetworkdTests
{
    [Fact]
    public async Task A_secondary_interface_gets_its_routes_and_rules_of_both_families()
    {
        Assert.SkipUnless(RealNetworkd.Missing is null, RealNetworkd.Missing ?? "");
        await using var networkd = await RealNetworkd.StartAsync();
        var interfaces = new NetworkInterfaces(networkd.Root);
        await WaitAsync(() => interfaces.States().All(l => l.SetupState == "unmanaged"), "everything is left alone");

        var files = InterfaceFiles.Plan(new InterfaceFacts("ens6", networkd.Mac)
        {
            IsPrimary = false,
            DeviceNumber = 1,
            Addresses = ["10.0.14.7", "10.0.14.8", "2001:db8:14::7"],
        });
        // A virtual link has no permanent address.
        files = [.. files.Select(f => f is FileResource file ? file with { Content = [.. Encoding.UTF8.GetBytes(Text(file).Replace("PermanentMACAddress=", "MACAddress=", StringComparison.Ordinal))] } : f)];
        var writer = new InterfaceFileWriter(networkd.Root);
        Assert.NotEmpty(writer.Write(files));
        Assert.Empty(writer.Write(files));

        Assert.Equal(ReloadOutcome.Reloaded, await ReloadAsync(networkd));
        await new LinkWait(networkd.Root, TimeProvider.System, NoLog.Instance).RunAsync(new LinkWaitRequest(["ens6"]), TestContext.Current.CancellationToken);
        Assert.Equal("/run/systemd/network/70-eks-ens6.network", interfaces.States().Single(l => l.Name == "ens6").NetworkFile);

        await WaitAsync(async () => (await networkd.RunAsync("ip", "route", "show", "table", "10001")).Contains("default via 10.0.14.1 dev ens6", StringComparison.Ordinal), "the route of DHCP");
        await WaitAsync(async () => (await networkd.RunAsync("ip", "-6", "route", "show", "table", "10001")).Contains("default via fe80:", StringComparison.Ordinal), "the route of the router advertisement");
        var rules = await networkd.RunAsync("ip", "rule");
        Assert.Contains("32765:\tfrom 10.0.14.7 lookup 10001", rules, StringComparison.Ordinal);
        Assert.Contains("32765:\tfrom 10.0.14.8 lookup 10001", rules, StringComparison.Ordinal);
        Assert.Contains("32765:\tfrom 2001:db8:14::7 lookup 10001", await networkd.RunAsync("ip", "-6", "rule"), StringComparison.Ordinal);
        Assert.Contains("metric 513", await networkd.RunAsync("ip", "route", "show", "table", "main"), StringComparison.Ordinal);
        Assert.All(networkd.Log.Split('\n'), line => Assert.False(
            new[] { "ignoring", "Unknown", "Failed to parse", "Invalid" }.Any(w => line.Contains(w, StringComparison.Ordinal)), line));

        // Gone: its rules go with its file.
        Assert.Equal(2, writer.Remove("ens6").Length);
        Assert.Equal(ReloadOutcome.Reloaded, await ReloadAsync(networkd));
        await WaitAsync(async () => !(await networkd.RunAsync("ip", "rule")).Contains("10001", StringComparison.Ordinal), "the rules go");
    }

    [Fact]
    public async Task A_drop_in_of_the_administrator_applies()
    {
        Assert.SkipUnless(RealNetworkd.Missing is null, RealNetworkd.Missing ?? "");
        await using var networkd = await RealNetworkd.StartAsync();
        var dropIns = Path.Combine(networkd.Root.Path, "run/systemd/network/70-eks-ens6.network.d");
        Directory.CreateDirectory(dropIns);
        File.WriteAllText(Path.Combine(dropIns, "alias.conf"), "[Network]\nAddress=10.0.14.99/32\n");
        var file = InterfaceFiles.Plan(new InterfaceFacts("ens6", networkd.Mac) { IsPrimary = false, DeviceNumber = 1 }).OfType<FileResource>().First();
        var written = new InterfaceFileWriter(networkd.Root).Write(
            [file with { Content = [.. Encoding.UTF8.GetBytes(Text(file).Replace("PermanentMACAddress=", "MACAddress=", StringComparison.Ordinal))] }, .. InterfaceFiles.Plan(new InterfaceFacts("ens6", networkd.Mac) { IsPrimary = false, DeviceNumber = 1 }).OfType<SymlinkResource>()]);
        Assert.Equal([file.Path], written);
        await ReloadAsync(networkd);
        await WaitAsync(async () => (await networkd.RunAsync("ip", "addr", "show", "ens6")).Contains("10.0.14.99/32", StringComparison.Ordinal), "the address of the drop-in");
    }

    private static Task<ReloadOutcome> ReloadAsync(RealNetworkd networkd) =>
        new NetworkdReload(networkd.Root, TimeProvider.System, NoLog.Instance, networkd.BusAddress).RunAsync(TestContext.Current.CancellationToken);

    private static string Text(FileResource file) => Encoding.UTF8.GetString(file.Content.AsSpan());

    private static Task WaitAsync(Func<bool> reached, string what) => WaitAsync(() => Task.FromResult(reached()), what);

    private static async Task WaitAsync(Func<Task<bool>> reached, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await reached())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(40), $"not reached in 40 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }
    }
}
