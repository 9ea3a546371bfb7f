using System.Collections.Immutable;

namespace EksNode.Host.Packages;

/// <summary>What dnf would do: the table that it shows before it asks.</summary>
internal sealed class DnfTransaction
{
    private const string End = "Transaction Summary";

    /// <summary>Packages that would be installed, in whatever way.</summary>
    public required ImmutableArray<InstalledPackage> Installed { get; init; }

    /// <summary>The names of packages that would be removed or replaced by others.</summary>
    public required ImmutableArray<string> Removed { get; init; }

    /// <summary>Reads the table. Columns are as wide as they must be, and a long name has a line of its own: so it is read by words.</summary>
    /// <param name="output">What dnf wrote.</param>
    public static DnfTransaction Read(string output)
    {
        List<InstalledPackage> installed = [];
        List<string> removed = [];
        List<string> words = [];
        var section = "";
        foreach (var line in output.Split('\n'))
        {
            if (line.Length == 0 || line[0] != ' ')
            {
                Take(section, words, installed, removed);
                words.Clear();
                if (line == End)
                {
                    break;
                }

                section = line;
            }
            else
            {
                words.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return new DnfTransaction { Installed = [.. installed], Removed = [.. removed] };
    }

    // name, architecture, version, repository, and a size of one or two words: `999`, `5.9 k`.
    private static void Take(string section, List<string> words, List<InstalledPackage> installed, List<string> removed)
    {
        var isRemoval = section.StartsWith("Removing", StringComparison.Ordinal);
        if (!isRemoval && !IsInstallation(section))
        {
            return;
        }

        for (var at = 0; at < words.Count;)
        {
            if (words[at] == "replacing" && at + 2 < words.Count)
            {
                removed.Add(words[at + 1][..Math.Max(0, words[at + 1].LastIndexOf('.'))]);
                at += 3;
                continue;
            }

            if (at + 4 >= words.Count)
            {
                return;
            }

            if (isRemoval)
            {
                removed.Add(words[at]);
            }
            else
            {
                installed.Add(new InstalledPackage(words[at], words[at + 2], words[at + 1]));
            }

            at += at + 5 < words.Count && words[at + 5] is "k" or "M" or "G" or "T" ? 6 : 5;
        }
    }

    // Of modules and groups there are such lines, too, with other columns.
    private static bool IsInstallation(string section) =>
        section is "Installing:" or "Installing dependencies:" or "Installing weak dependencies:" or "Installing group/module packages:"
            or "Upgrading:" or "Downgrading:" or "Reinstalling:";
}
