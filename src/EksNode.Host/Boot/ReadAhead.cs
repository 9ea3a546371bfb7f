using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Logging;

namespace EksNode.Host.Boot;

/// <summary>
/// Reads the programs of a node into the page cache while a join waits for something else. On a volume that is restored from a
/// snapshot every block comes over the network when it is first read, so that the first run of the kubelet takes seconds.
/// It never fails, never holds anything up and stops with the join.
/// </summary>
public sealed class ReadAhead : IDisposable
{
    // What a node runs first, in the order in which it runs them; the image manifest may know better paths.
    private static readonly (string Component, string Path)[] programs =
    [
        ("containerd", "/usr/bin/containerd"),
        ("runc", "/usr/sbin/runc"),
        ("runc", "/usr/bin/runc"),
        ("containerd-shim-runc-v2", "/usr/bin/containerd-shim-runc-v2"),
        ("kubelet", "/usr/bin/kubelet"),
    ];

    // The kernel takes a range in pieces of its own (2 MiB); with larger ones a cancelled run would go on for long.
    private const long Window = 4 << 20;

    /// <summary>No program of a node is larger; what is, is not read further.</summary>
    private const long LargestFile = 512 << 20;

    private readonly CancellationTokenSource stop = new();
    private readonly Task work;

    private ReadAhead(HostRoot root, ILog log, Timeline timeline) => work = Task.Run(() => Read(root, log, timeline, stop.Token));

    /// <summary>Begins. Disposing the answer ends it.</summary>
    /// <param name="root">The root of the node, which must outlive it.</param>
    /// <param name="log">Takes what could not be read, for who looks.</param>
    /// <param name="timeline">Takes how long it took.</param>
    public static ReadAhead Begin(HostRoot root, ILog log, Timeline timeline) => new(root, log, timeline);

    /// <summary>Done when everything is asked for.</summary>
    public Task Completion => work;

    /// <summary>The files that are read.</summary>
    /// <param name="root">The root of the node.</param>
    internal static ImmutableArray<string> Files(HostRoot root)
    {
        var components = ImageManifest.Read(root, new DiagnosticBag())?.Components;
        return [.. programs
            .Select(p => components is not null && components.TryGetValue(p.Component, out var known) && known.Path is { } path ? path : p.Path)
            .Distinct(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        // One window at most.
        work.Wait();
        stop.Dispose();
    }

    private static void Read(HostRoot root, ILog log, Timeline timeline, CancellationToken cancellation)
    {
        try
        {
            var files = Files(root);
            using var step = timeline.Begin("read ahead");
            foreach (var path in files)
            {
                Read(root, path, cancellation);
            }
        }
        catch (DiagnosticException failure)
        {
            log.Write(LogLevel.Debug, "reading ahead ended early", ("reason", failure.Diagnostic.Message));
        }
    }

    private static void Read(HostRoot root, string path, CancellationToken cancellation)
    {
        using var file = root.OpenOrNull(path, Libc.ReadOnly | Libc.NonBlocking, follow: true, "read");
        if (file is null || root.Status(path, followLink: true) is not { Kind: FileKind.File } status)
        {
            return;
        }

        var size = Math.Min(status.Size, LargestFile);
        for (long offset = 0; offset < size && !cancellation.IsCancellationRequested; offset += Window)
        {
            if (Libc.Advise(file, offset, Math.Min(Window, size - offset), Libc.WillNeed) != 0)
            {
                return; // a file system without a page cache
            }
        }
    }
}
