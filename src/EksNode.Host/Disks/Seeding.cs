namespace EksNode.Host.Disks;

/// <summary>What a copy did.</summary>
/// <param name="Copied">Whether it copied: false when something was in place.</param>
/// <param name="Entries">Files, directories, links and nodes.</param>
/// <param name="Bytes">Bytes of content.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Occupied">Whether it copied nothing because something is in place that no copy made.</param>
internal sealed record SeedResult(bool Copied, long Entries, long Bytes, TimeSpan Duration, bool Occupied = false);

/// <summary>Copies what is at a mount target to a new file system: completely or not at all, and once.</summary>
internal interface ISeeder
{
    /// <summary>Copies a directory; a source that is missing counts as an empty one.</summary>
    /// <param name="source">What is copied.</param>
    /// <param name="parent">The directory that gets the copy.</param>
    /// <param name="name">Its name there. When something has it, nothing is done.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<SeedResult> CopyAsync(string source, string parent, string name, CancellationToken cancellation);
}
