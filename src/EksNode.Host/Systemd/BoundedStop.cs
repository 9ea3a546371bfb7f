namespace EksNode.Host.Systemd;

/// <summary>Stops a unit, and waits no longer than a unit may take.</summary>
internal static class BoundedStop
{
    // A service has 90 s to stop unless its unit says otherwise.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>How the job ended: <c>done</c>, or why not, to be shown.</summary>
    /// <param name="systemd">The service manager.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="clock">The clock of the deadline.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<string> StopAsync(IServiceManager systemd, string unit, TimeProvider clock, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Deadline, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return (await systemd.StopAsync(unit, both.Token).ConfigureAwait(false)).Result;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "no end within 3 minutes";
        }
    }
}
