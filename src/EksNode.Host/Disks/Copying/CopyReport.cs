using System.Collections.Immutable;

namespace EksNode.Host.Disks.Copying;

/// <summary>How a copy ended.</summary>
public enum CopyOutcome
{
    /// <summary>Everything was copied, flushed and renamed into place.</summary>
    Copied,

    /// <summary>A complete copy of an earlier run is in place; nothing was done.</summary>
    AlreadyThere,

    /// <summary>Something is in place that no copy of ours made; nothing was done.</summary>
    Occupied,
}

/// <summary>Why something of the source is not in the copy.</summary>
public enum LeftOutReason
{
    /// <summary>Another file system or bind mount is mounted there; a directory is copied empty.</summary>
    OtherMount,

    /// <summary>An extended attribute that means nothing on another file system, as <c>btrfs.*</c> and <c>security.evm</c>.</summary>
    Attribute,
}

/// <summary>Something of the source that is not in the copy.</summary>
/// <param name="Path">Its path below the source, and for an attribute its name in brackets.</param>
/// <param name="Reason">Why.</param>
public sealed record LeftOut(string Path, LeftOutReason Reason);

/// <summary>How far a copy is.</summary>
/// <param name="Entries">How many files, directories, links and nodes were copied.</param>
/// <param name="Bytes">How many bytes of content were copied.</param>
public sealed record CopyProgress(long Entries, long Bytes);

/// <summary>What a copy did.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Entries">How many names were copied: files, directories, links and nodes; a file with two names counts twice.</param>
/// <param name="Bytes">How many bytes of content were copied, holes not counted.</param>
/// <param name="Duration">How long it took, flushing included.</param>
/// <param name="LeftOut">The first hundred things of the source that are not in the copy.</param>
public sealed record CopyReport(
    CopyOutcome Outcome, long Entries, long Bytes, TimeSpan Duration, ImmutableArray<LeftOut> LeftOut);

/// <summary>How to copy.</summary>
public sealed record CopyOptions
{
    /// <summary>The defaults.</summary>
    public static CopyOptions Default { get; } = new();

    /// <summary>
    /// How many threads copy. More than there are processors: a volume that was restored from a snapshot answers each first read
    /// after milliseconds, and several of them wait at the same time.
    /// </summary>
    public int Threads { get; init; } = 8;

    /// <summary>The clock for durations and progress.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
