using System.Collections.Immutable;
using EksNode.Aws;
using EksNode.Configuration.Text;
using EksNode.Host.Boot;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Network;
using EksNode.Planning.Network;

namespace EksNode.Network;

/// <summary>What became of an interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Manager">Who configures it; null for one that is gone.</param>
/// <param name="Changed">The paths that were written or removed.</param>
public sealed record InterfaceResult(string Name, InterfaceManager? Manager, ImmutableArray<string> Changed);

/// <summary>
/// Network interfaces as they come and go: decides who configures each one and gives systemd-networkd the files of those that are the
/// host's. <c>eksnode network</c> and <c>nodeadm-internal</c> are two names for it.
/// </summary>
/// <param name="root">The root of the machine.</param>
/// <param name="options">What IMDS is asked with.</param>
public sealed class InterfaceSetup(HostRoot root, AwsOptions options)
{
    private readonly NetworkInterfaces interfaces = new(root);
    private readonly InterfaceFileWriter files = new(root);

    /// <summary>An interface has come.</summary>
    /// <param name="name">Its name, already checked.</param>
    /// <param name="cancellation">Ends the command.</param>
    /// <exception cref="DiagnosticException">It is not there, IMDS does not know it, or a file cannot be written.</exception>
    public async Task<InterfaceResult> AddAsync(string name, CancellationToken cancellation)
    {
        if (interfaces.Find(name) is not { } found || found.Mac.Length == 0)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.InterfaceMissing,
                $"{NetworkInterfaces.Folder} has no interface `{name}` with a MAC address.",
                $"`ip link` lists the interfaces: {Names()}.");
        }

        using var imds = new InterfaceMetadata(options);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Both at once: the facts are needed for all interfaces but those of pods, and nothing of them is for the decision.
        var instanceTask = imds.InstanceAsync(reading.Token);
        var factsTask = imds.InterfaceAsync(name, found.Mac, instanceTask, reading.Token);
        var manager = await ManagerAsync(name, found.Mac, instanceTask, reading);
        if (manager == InterfaceManager.Cni)
        {
            await reading.CancelAsync();
            await ((Task)factsTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new InterfaceResult(name, manager, []);
        }

        return new InterfaceResult(name, manager, files.Write(InterfaceFiles.Plan(await factsTask)));
    }

    /// <summary>
    /// An interface is gone, and its files are removed. One that is still there keeps them: a unit that is restarted, or stopped while the
    /// machine shuts down, must not take the network away.
    /// </summary>
    /// <param name="name">Its name, already checked.</param>
    /// <exception cref="DiagnosticException">A file cannot be removed.</exception>
    public InterfaceResult RemoveIfGone(string name)
    {
        if (interfaces.Find(name) is null)
        {
            return Remove(name);
        }

        options.Log.Write(LogLevel.Info, "the interface is still there and keeps its files", ("interface", name));
        return new InterfaceResult(name, null, []);
    }

    /// <summary>Removes the files of an interface. The decision about who configures it stays: it may come back.</summary>
    /// <param name="name">Its name, already checked.</param>
    /// <exception cref="DiagnosticException">A file cannot be removed.</exception>
    public InterfaceResult Remove(string name) => new(name, null, files.Remove(name));

    /// <summary>Waits until the network is as it will stay.</summary>
    /// <param name="timeout">How long the links may take once IMDS has answered.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The interfaces that were waited for, and how long it took.</returns>
    /// <exception cref="DiagnosticException">IMDS does not answer, or the time is over.</exception>
    public async Task<(ImmutableArray<string> Required, TimeSpan Elapsed)> WaitAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
    {
        using var imds = new InterfaceMetadata(options);
        var instanceTask = imds.InstanceAsync(cancellation);
        var attached = await imds.MacsAsync(cancellation);
        var instance = await instanceTask;
        if (interfaces.WithMac(instance.PrimaryMac) is not { } primary)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.PrimaryInterfaceMissing,
                $"No interface has the MAC address {instance.PrimaryMac}, which IMDS gives as the primary one; there are {Names()}.",
                "Look at the kernel log for the driver of the interface (`dmesg | grep -i ena`).");
        }

        ImmutableArray<string> required = [.. new InterfaceManagerCache(root, instance.InstanceId, options.Log).OfNetworkd().Where(name => !IsGone(name, attached))
            .Append(primary.Name).Distinct().Order(StringComparer.Ordinal)];
        var elapsed = await new LinkWait(root, clock, options.Log).RunAsync(new LinkWaitRequest(required) { Timeout = timeout }, cancellation);
        return (required, elapsed);
    }

    private async Task<InterfaceManager> ManagerAsync(string name, string mac, Task<InstanceNetwork> instanceTask, CancellationTokenSource reading)
    {
        InstanceNetwork instance;
        try
        {
            instance = await instanceTask;
        }
        catch
        {
            await reading.CancelAsync();
            throw;
        }

        var cache = new InterfaceManagerCache(root, instance.InstanceId, options.Log);
        if (cache.Find(name) is { } decided)
        {
            return decided;
        }

        var manager = InterfaceManagers.Decide(NodeadmMarker.IsThere(root), instance.PrimaryMac == mac);
        cache.Keep(name, manager);
        return manager;
    }

    // An interface that was detached while the instance was stopped would be waited for in vain at each boot. It is gone when everything that
    // IMDS says is attached is there under some name; what IMDS cannot tell is waited for.
    private bool IsGone(string name, ImmutableArray<string> attached)
    {
        if (interfaces.Find(name) is not null || attached.IsEmpty)
        {
            return false;
        }

        var there = interfaces.All().Select(i => i.Mac).ToHashSet(StringComparer.Ordinal);
        var isGone = attached.All(there.Contains);
        if (isGone)
        {
            options.Log.Write(LogLevel.Info, "an interface was detached and is not waited for", ("interface", name));
        }

        return isGone;
    }

    private string Names() => interfaces.All() is { IsEmpty: false } all ? string.Join(", ", all.Select(i => i.Name)) : "none";
}
