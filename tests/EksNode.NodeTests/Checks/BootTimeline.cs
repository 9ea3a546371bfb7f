using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>Where the boot's time went.</summary>
internal static class BootTimeline
{
    public static async Task PrintAsync(Phases phases, GuestShell shell, CancellationToken cancellation)
    {
        phases.Detail(await shell.ReadAsync("eksnode boot-report", cancellation));
    }
}
