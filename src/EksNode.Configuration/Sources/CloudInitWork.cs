using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>
/// Whether cloud-init has something to run after its init stage: scripts and modules that the user or the image gave it. Each
/// question answers with reasons for people; no reason means that there is nothing. What cannot be read is a reason, too: in
/// doubt, cloud-init has something to run.
/// </summary>
public static class CloudInitWork
{
    // Modules of the config and final stages (and bootcmd) that do what their key says, from cloud-init's module reference. Keys of
    // the init stage (users, ssh, growpart, mounts, ...) are done when that stage is, and those of services that a node has
    // not (landscape, lxd, ...) only count through `packages`.
    private static readonly string[] workKeys =
    [
        "ansible", "bootcmd", "chef", "fan", "mcollective", "package_reboot_if_required", "package_update", "package_upgrade", "packages",
        "phone_home", "power_state", "puppet", "repo_upgrade", "runcmd", "salt_minion", "snap", "ubuntu_advantage", "ubuntu_pro", "wireguard",
        "write_files", "yum_repos", "apt_update", "apt_upgrade",
    ];

    // `repo_upgrade: none` is what images of Amazon Linux say.
    private static readonly string[] noWords = ["", "none", "false", "no", "off"];

    /// <summary>What user data or vendor data gives cloud-init to do.</summary>
    /// <param name="name">What it is, for the reasons: <c>the user data</c>.</param>
    /// <param name="bytes">The bytes, as cloud-init got them.</param>
    public static ImmutableArray<string> OfData(string name, ReadOnlyMemory<byte> bytes)
    {
        var bag = new DiagnosticBag();
        var content = SourceReader.Unwrap(bytes.ToArray(), Origin.At(name, 0, 0), bag);
        if (content is null || bag.HasErrors)
        {
            return [$"{name} cannot be read"];
        }

        if (new MimeReader(name, bag).Read(content) is { } parts)
        {
            return bag.HasErrors
                ? [$"{name} cannot be read"]
                : [.. parts.Where(p => !SourceReader.IsOurs(p)).Select(p => $"part {p.Number} of {name} is {Type(p)}")];
        }

        if (Encodings.Text(content, Origin.At(name, 0, 0), bag) is not { } text)
        {
            return [$"{name} cannot be read"];
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        if (CloudInit.Describe(text) is { } what)
        {
            return [$"{name} is {what}"];
        }

        // A document of ours as a whole: cloud-init knows no handler for it. One that begins like a cloud-config is both, and
        // cloud-init finds its own keys in it.
        var isOurs = SourceReader.Read(new SourceContent(name, bytes, IsUserData: true), bag).Finding == SourceFinding.Documents;
        return isOurs && !BeginsForCloudInit(text) ? [] : [$"{name} is no NodeConfig"];
    }

    /// <summary>What a configuration file of cloud-init tells it to do.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Its content.</param>
    public static ImmutableArray<string> OfConfiguration(string path, ReadOnlyMemory<byte> bytes)
    {
        var bag = new DiagnosticBag();
        var text = Encodings.Text(bytes.ToArray(), Origin.At(path, 0, 0), bag);
        var documents = text is null ? [] : YamlReader.Read(text, path, part: 0, bag);
        if (text is null || bag.HasErrors || documents.Length > 1)
        {
            return [$"{path} cannot be read"];
        }

        if (documents.IsEmpty || documents[0] is TreeScalar { Kind: ScalarKind.Null })
        {
            return [];
        }

        return documents[0] is TreeMap map
            ? [.. map.Entries.Where(e => workKeys.Contains(e.Key, StringComparer.Ordinal) && SaysSomething(e.Value)).Select(e => $"{path} has `{e.Key}`")]
            : [$"{path} is no map"];
    }

    /// <summary>What the kernel command line tells cloud-init to do: a configuration in it or at a URL.</summary>
    /// <param name="commandLine">The content of <c>/proc/cmdline</c>.</param>
    public static ImmutableArray<string> OfKernelCommandLine(string commandLine)
    {
        foreach (var word in commandLine.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("cc:", StringComparison.Ordinal) || word.StartsWith("cloud-config-url=", StringComparison.Ordinal))
            {
                return ["the kernel command line has a configuration of cloud-init"];
            }
        }

        return [];
    }

    private static bool BeginsForCloudInit(string text) =>
        text.AsSpan().TrimStart().StartsWith("#cloud-", StringComparison.OrdinalIgnoreCase)
        || text.AsSpan().TrimStart().StartsWith("## template:", StringComparison.OrdinalIgnoreCase);

    private static bool SaysSomething(TreeNode value) => value switch
    {
        TreeMap map => map.Entries.Length > 0,
        TreeList list => list.Items.Length > 0,
        TreeScalar { Kind: ScalarKind.Null } => false,
        TreeScalar scalar => !noWords.Contains(scalar.Text.ToLowerInvariant(), StringComparer.Ordinal),
        _ => true,
    };

    private static string Type(MimePart part) => part.Headers.MediaType is { Length: > 0 } type ? type : "of no type";
}
