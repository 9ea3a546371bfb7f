using EksNode.Host.Disks.Copying;

namespace EksNode.Host.Disks;

/// <summary>Seeds with <see cref="TreeCopy"/>.</summary>
internal sealed class TreeSeeder : ISeeder
{
    /// <summary>The only one.</summary>
    public static TreeSeeder Instance { get; } = new();

    /// <inheritdoc/>
    public async Task<SeedResult> CopyAsync(string source, string parent, string name, CancellationToken cancellation)
    {
        var report = await TreeCopy.CopyAsync(source, parent, name, cancellation: cancellation).ConfigureAwait(false);
        return new SeedResult(report.Outcome == CopyOutcome.Copied, report.Entries, report.Bytes, report.Duration, report.Outcome == CopyOutcome.Occupied);
    }
}
