using System.Diagnostics;
using EksNode.Host.Files;

namespace EksNode.Host.Tests.Network;

/// <summary>
/// A real systemd-networkd and a real bus in namespaces of their own, with a link <c>ens6</c> whose other end gives addresses and routes of both
/// families. Its <c>/run</c> is the one of <see cref="Root"/>. It ends with its input, whatever becomes of the test.
/// </summary>
internal sealed class RealNetworkd : IAsyncDisposable
{
    private const string Daemon = "/lib/systemd/systemd-networkd";

    private const string Script = """
        set -e
        mount --bind "$1/run" /run
        mount -t sysfs -o ro sysfs /sys
        mkdir -p /run/systemd/network /run/dbus /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
        chown -R systemd-network:systemd-network /run/systemd/netif
        ip link add ens6 type veth peer name p6
        ip link set lo up
        for link in lo ens6; do
          mkdir -p "$1/sys/class/net/$link"
          cat "/sys/class/net/$link/ifindex" >"$1/sys/class/net/$link/ifindex"
          cat "/sys/class/net/$link/address" >"$1/sys/class/net/$link/address"
        done
        printf '%s\n' '[Match]' Name=p6 '[Network]' Address=10.0.14.1/24 Address=2001:db8:14::1/64 DHCPServer=yes IPv6SendRA=yes \
          '[DHCPServer]' PoolOffset=7 PoolSize=1 EmitRouter=yes '[IPv6Prefix]' Prefix=2001:db8:14::/64 >/run/systemd/network/10-p6.network
        dbus-daemon --system --nofork --nopidfile >/dev/null 2>&1 &
        bus=$!
        until [ -S /run/dbus/system_bus_socket ]; do sleep 0.05; done
        SYSTEMD_LOG_LEVEL=info SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd >"$1/networkd.log" 2>&1 &
        networkd=$!
        trap 'kill $networkd $bus; wait' EXIT
        until [ -e /run/systemd/netif/state ]; do sleep 0.05; done
        echo ready
        set +e
        while read -r words; do
          $words 2>&1
          echo "end $?"
        done
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-networkd-").FullName;
    private readonly Process process;

    private RealNetworkd()
    {
        Directory.CreateDirectory(Path.Combine(folder, "run"));
        File.WriteAllText(Path.Combine(folder, "script"), Script);
        var start = new ProcessStartInfo("unshare", ["-n", "-m", "--propagation", "private", "bash", Path.Combine(folder, "script"), folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        process = Process.Start(start)!;
        Root = HostRoot.Open(folder);
    }

    /// <summary>Why there can be none here; null: there can.</summary>
    public static string? Missing =>
        Environment.UserName != "root" ? "namespaces need root"
        : !File.Exists(Daemon) ? $"{Daemon} is not installed"
        : new[] { "/usr/bin/dbus-daemon", "/usr/bin/unshare" }.FirstOrDefault(p => !File.Exists(p)) is { } path ? $"{path} is not installed"
        : null;

    public HostRoot Root { get; }

    public string BusAddress => $"unix:path={folder}/run/dbus/system_bus_socket";

    public string Log => File.ReadAllText(Path.Combine(folder, "networkd.log"));

    public string Mac => File.ReadAllText(Path.Combine(folder, "sys/class/net/ens6/address")).Trim();

    public static async Task<RealNetworkd> StartAsync()
    {
        var networkd = new RealNetworkd();
        try
        {
            Assert.Equal("ready", await networkd.LineAsync());
            return networkd;
        }
        catch
        {
            await networkd.DisposeAsync();
            throw;
        }
    }

    /// <summary>The output of a program in the namespaces; the words must hold no spaces or quotes.</summary>
    public async Task<string> RunAsync(params string[] words)
    {
        await process.StandardInput.WriteLineAsync(string.Join(' ', words));
        var output = new List<string>();
        while (await LineAsync() is { } line && !line.StartsWith("end ", StringComparison.Ordinal))
        {
            output.Add(line);
        }

        return string.Join('\n', output);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
            Root.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string?> LineAsync() => await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
}
