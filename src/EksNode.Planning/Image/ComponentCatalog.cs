using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>A component of an image, as <c>data/image-components.tsv</c> has it.</summary>
/// <param name="Name">Its name under <c>spec.components</c>.</param>
/// <param name="Sources">Where it comes from when nothing is said: on Amazon Linux, on Debian and Ubuntu.</param>
/// <param name="Packages">Its package there; empty: there is none.</param>
/// <param name="Url">The publisher's release, with <c>{version}</c> and <c>{arch}</c>; empty: there is none.</param>
/// <param name="IsArchive">Whether that is an archive, or the program itself.</param>
/// <param name="Files">What of it is installed.</param>
/// <param name="Signature">How the publisher signs; empty: not.</param>
/// <param name="Signer">Who must have signed.</param>
/// <param name="Keys">Where the publisher has the keys of signatures, with <c>{version}</c>; empty: none are needed.</param>
internal sealed record CatalogComponent(
    string Name,
    (string Al2023, string Debian) Sources,
    (string Al2023, string Debian) Packages,
    string Url,
    bool IsArchive,
    ImmutableArray<InstalledFile> Files,
    string Signature,
    string Signer,
    string Keys)
{
    /// <summary>Where a version for an architecture is published.</summary>
    public string UrlOf(SemanticVersion version, Architecture architecture) => Url
        .Replace("{version}", version.ToString(), StringComparison.Ordinal)
        .Replace("{arch}", architecture == Architecture.X86 ? "amd64" : "arm64", StringComparison.Ordinal);

    /// <summary>Where the keys of a version's signatures are; empty: none are needed.</summary>
    public string KeysOf(SemanticVersion version) => Keys.Replace("{version}", version.ToString(), StringComparison.Ordinal);
}

/// <summary>The components that an image can have, and the releases of each whose checksums are known.</summary>
internal static class ComponentCatalog
{
    /// <summary>All components, in the order of the table.</summary>
    public static IEnumerable<CatalogComponent> All()
    {
        foreach (var row in DataTable.Rows("image-components.tsv"))
        {
            yield return new CatalogComponent(row[0], (row[1], row[2]), (row[3], row[4]), row[5], row[6] == "tar.gz", Files(row[7]), row[8], row[9], row[10]);
        }
    }

    /// <summary>The releases of a component for an architecture, with the checksum of each, oldest first.</summary>
    public static IEnumerable<(SemanticVersion Version, string Sha256)> Releases(string component, Architecture architecture)
    {
        var word = ImageWords.Architectures.WordOf(architecture);
        foreach (var row in DataTable.Rows("component-checksums.tsv"))
        {
            if (row[0] == component && row[2] == word && SemanticVersion.Find(row[1]) is { } version)
            {
                yield return (version, row[3]);
            }
        }
    }

    private static ImmutableArray<InstalledFile> Files(string cell)
    {
        var files = new List<InstalledFile>();
        foreach (var word in cell.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var arrow = word.IndexOf('>', StringComparison.Ordinal);
            files.Add(new InstalledFile(word[..arrow], word[(arrow + 1)..]));
        }

        return files.ToImmutable();
    }
}
