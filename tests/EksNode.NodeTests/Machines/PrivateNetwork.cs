using System.Net;

namespace EksNode.NodeTests.Machines;

/// <summary>
/// The addresses of a VPC, in the network namespace that the script gives the tests: the emulator's user network connects from here, so
/// what is an address of this namespace is where the machine finds it, IMDS at its real address.
/// </summary>
internal static class PrivateNetwork
{
    public static readonly IPAddress Imds = IPAddress.Parse("169.254.169.254");

    /// <summary>Where the API endpoint is.</summary>
    public static readonly IPAddress ApiServer = IPAddress.Parse("10.0.200.10");

    /// <summary>The machine's own address; here it leads to the kubelet's port through the emulator.</summary>
    public static readonly IPAddress Machine = IPAddress.Parse("10.0.12.34");

    /// <summary>The subnet of the machine.</summary>
    public const string Subnet = "10.0.0.0/19";

    public const string Gateway = "10.0.0.1";

    /// <summary>Gives the namespace its addresses. It refuses to touch the machine's own network.</summary>
    public static async Task SetUpAsync(CancellationToken cancellation)
    {
        var links = await Programs.RunAsync("ip", ["-o", "link"], cancellation);
        if (links.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length != 1)
        {
            throw new NodeTestException("This is no network namespace of its own: start the tests through script/node-test.");
        }

        await Programs.RunAsync("ip", ["link", "set", "lo", "up"], cancellation);
        foreach (var address in new[] { Imds, ApiServer })
        {
            await Programs.RunAsync("ip", ["address", "add", $"{address}/32", "dev", "lo"], cancellation);
        }

        // Not an address of this side: who connects to the machine must come from another, or the machine drops it as its own.
        await Programs.RunAsync("ip", ["route", "add", "local", Machine.ToString(), "dev", "lo", "table", "local", "src", ApiServer.ToString()], cancellation);
    }
}
