namespace EksNode.Tools.Versions;

/// <summary>Brings the table of checksums up to date with what publishers have released.</summary>
/// <param name="upstream">The publishers.</param>
/// <param name="table">The table.</param>
/// <param name="verify">Whether checksums that the table has are asked for again, and must be the same.</param>
public sealed class Refresh(Upstream upstream, ChecksumTable table, bool verify)
{
    private readonly List<string> remarks = [];
    private readonly List<string> changed = [];

    /// <summary>What somebody should know: releases without a published checksum.</summary>
    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>Checksums that a publisher has changed since the table was made: nobody should, and a table with one must not be used.</summary>
    public IReadOnlyList<string> Changed => changed;

    /// <summary>How many checksums were added.</summary>
    public int Added { get; private set; }

    /// <summary>Asks for the releases of a component that are not older than the oldest in the table.</summary>
    /// <param name="component">Its name.</param>
    /// <param name="url">Where its releases are, with <c>{version}</c> and <c>{arch}</c>.</param>
    /// <param name="kubernetes">The minors of Kubernetes that images are made for.</param>
    /// <param name="cancellation">Ends the requests.</param>
    public async Task RunAsync(string component, string url, IReadOnlyCollection<string> kubernetes, CancellationToken cancellation)
    {
        // Kubernetes: every minor that images are made for, however old the table is.
        var oldest = url.Contains("dl.k8s.io", StringComparison.Ordinal) ? null : table.Oldest(component);
        foreach (var release in (await upstream.ReleasesAsync(url, kubernetes, cancellation)).OrderBy(r => r.Version, ReleaseVersion.Order))
        {
            if (oldest is not null && ReleaseVersion.Order.Compare(release.Version, oldest) < 0)
            {
                continue;
            }

            foreach (var architecture in Architectures.All)
            {
                await RunAsync(component, url, release, architecture, cancellation);
            }
        }
    }

    private async Task RunAsync(string component, string url, UpstreamRelease release, string architecture, CancellationToken cancellation)
    {
        var known = table.Find(component, release.Version, architecture);
        if (known is not null && !verify)
        {
            return;
        }

        var file = url
            .Replace("{version}", release.Version.ToString(), StringComparison.Ordinal)
            .Replace("{arch}", Architectures.Go(architecture), StringComparison.Ordinal);
        var published = await upstream.ChecksumAsync(file, release, cancellation);
        if (published is null)
        {
            remarks.Add($"{component} {release.Version} {architecture}: no checksum is published beside {file}; it is left {(known is null ? "out" : "as it is")}.");
        }
        else if (known is null)
        {
            table.Add(component, release.Version, architecture, published);
            Added++;
        }
        else if (known != published)
        {
            changed.Add($"{component} {release.Version} {architecture}: the table has {known}, and the publisher has {published} now.");
        }
    }
}
