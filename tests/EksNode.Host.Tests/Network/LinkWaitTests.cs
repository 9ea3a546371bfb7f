using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Network;

namespace EksNode.Host.Tests.Network;

public sealed class LinkWaitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-links-").FullName;
    private readonly HostRoot root;

    public LinkWaitTests()
    {
        root = HostRoot.Open(folder);
        Write("sys/class/net/lo/ifindex", "1\n");
        Write("sys/class/net/lo/address", "00:00:00:00:00:00\n");
        Write("sys/class/net/ens5/ifindex", "2\n");
        Write("sys/class/net/ens5/address", "06:5F:2b:8c:1d:3e\n");
        Write("sys/class/net/bonding_masters", "\n");
    }

    [Fact]
    public async Task The_end_of_the_time_names_every_interface_and_its_state()
    {
        State(1, "unmanaged");
        State(2, "configuring");
        Write("run/systemd/netif/state", "");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync("ens5", "ens9"));
        Assert.Equal("EKN0982", failure.Diagnostic.Code);
        Assert.Contains("after 0.2 s: ens9 is not there, ens5 is configuring.", failure.Diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains("networkctl status", failure.Diagnostic.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_systemd_networkd_is_told_so()
    {
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync("ens5"));
        Assert.Contains("ens5 is not known to systemd-networkd yet", failure.Diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains("systemd-networkd.service is enabled", failure.Diagnostic.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_ready_is_not_waited_for()
    {
        State(1, "unmanaged");
        State(2, "configured");
        var waiting = RunAsync("ens5");
        Assert.True(waiting.IsCompletedSuccessfully);
        await waiting;
    }

    [Fact]
    public void Interfaces_are_read_with_their_numbers_and_addresses_and_files_among_them_are_none()
    {
        var all = new NetworkInterfaces(root).All();
        Assert.Equal([new NetworkInterface("ens5", 2, "06:5f:2b:8c:1d:3e"), new NetworkInterface("lo", 1, "00:00:00:00:00:00")], all);
        Assert.Null(new NetworkInterfaces(root).Find("../../../etc"));
        Assert.Null(new NetworkInterfaces(root).Find("ens6"));
    }

    [Fact]
    public void Of_two_interfaces_with_one_address_the_one_with_a_device_counts()
    {
        Write("sys/class/net/aaa0/ifindex", "7\n");
        Write("sys/class/net/aaa0/address", "06:5f:2b:8c:1d:3e\n");
        Directory.CreateDirectory(Path.Combine(folder, "sys/class/net/ens5/device"));
        Assert.Equal("ens5", new NetworkInterfaces(root).WithMac("06:5f:2b:8c:1d:3e")?.Name);
    }

    [Fact]
    public async Task What_was_never_started_is_not_told_of_new_files() =>
        Assert.Equal(
            ReloadOutcome.NotRunning,
            await new NetworkdReload(root, TimeProvider.System, NoLog.Instance, "unix:path=/nowhere").RunAsync(TestContext.Current.CancellationToken));

    public void Dispose()
    {
        root.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private Task<TimeSpan> RunAsync(params string[] required) => new LinkWait(root, TimeProvider.System, NoLog.Instance).RunAsync(
        new LinkWaitRequest([.. required]) { Timeout = TimeSpan.FromMilliseconds(200) }, TestContext.Current.CancellationToken);

    private void State(int index, string state) =>
        Write("run/systemd/netif/links/" + index.ToString(CultureInfo.InvariantCulture), $"# This is private data. Do not parse.\nADMIN_STATE={state}\n");

    private void Write(string path, string text)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
