using System.Collections.Immutable;

namespace EksNode.Configuration.Sources;

/// <summary>Which files of a drop-in folder are read, and in which order.</summary>
public static class DropIns
{
    /// <summary>
    /// The files that count, in the order in which they apply: names that end in <c>.yaml</c>, <c>.yml</c> or <c>.json</c> in
    /// any case (hidden ones too), in ordinal order; the later one wins.
    /// </summary>
    /// <param name="fileNames">The names of the files of the folder itself (not of folders in it), in any order.</param>
    public static ImmutableArray<string> Select(IEnumerable<string> fileNames) =>
    [
        .. fileNames
            .Where(name => name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal),
    ];
}
