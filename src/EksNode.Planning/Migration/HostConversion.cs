using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Network;
using EksNode.Planning.Plans;
using EksNode.Planning.Sysconfig;

namespace EksNode.Planning.Migration;

/// <summary>
/// The settings of the files of a node beside the kubelet's and containerd's own: the kernel's, registries, certificate authorities, name
/// servers, images to fetch. What stands in a file that eksnode writes for a setting of the user's is that setting, whatever its value is; of
/// other files, what an EKS-optimized image has anyway is left out.
/// </summary>
internal sealed class HostConversion(NodeFiles files, ConvertedSpec spec)
{
    private const string SysctlConf = "/etc/sysctl.conf";

    private static readonly Lazy<HashSet<string>> OfImages = new(() =>
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in DataTable.Rows("eks-image-settings.tsv"))
        {
            all.Add($"{row[0]} {row[1]} {row[2]}");
        }

        return all;
    });

    /// <summary>The files that are read, each with <c>*</c> for any text in a name or without.</summary>
    public static ImmutableArray<string> Patterns { get; } =
    [
        "/etc/sysctl.d/*.conf", SysctlConf, "/etc/modules-load.d/*.conf", ServiceConversion.ManagerDropIns + "/*.conf", NodePaths.TrustAnchors + "/*",
        ServiceConversion.SessionEnvironment, ServiceConversion.Profiles + "/*proxy.sh", PrefetchComponent.Path, NameResolutionComponent.DropIn,
    ];

    /// <summary>Where containerd looks for registries: the <c>config_path</c> of an EKS-optimized image.</summary>
    public static ImmutableArray<string> RegistryFolders { get; } = [RegistriesComponent.Folder, "/etc/docker/certs.d"];

    /// <summary>Whether an EKS-optimized image has this by itself.</summary>
    public static bool IsOfImage(string kind, string name, string value) => OfImages.Value.Contains($"{kind} {name} {value}");

    /// <summary>Converts them.</summary>
    public void Convert()
    {
        Sysctls();
        foreach (var file in files.Texts)
        {
            if (file.Folder == "/etc/modules-load.d")
            {
                Modules(file);
            }
            else if (file.Folder == NodePaths.TrustAnchors)
            {
                Authority(file);
            }
            else if (file.Path == PrefetchComponent.Path)
            {
                Images(file);
            }
            else if (file.Path == NameResolutionComponent.DropIn)
            {
                NameServers(file);
            }
            else if (RegistryFolders.Any(f => file.Path.StartsWith(f + "/", StringComparison.Ordinal)))
            {
                Registry(file);
            }
        }
    }

    // sysctl.d(5): of one setting the last file counts, by name; /etc/sysctl.conf is there under the name of a link. eksnode sets its own
    // when the node joins, after all of them.
    private void Sysctls()
    {
        var settings = new SortedDictionary<string, NodeText>(StringComparer.Ordinal);
        foreach (var file in files.Texts)
        {
            if (file.Path == SysctlConf || file.Folder == "/etc/sysctl.d")
            {
                settings[file.Path == SysctlConf ? "99-sysctl.conf" : file.Path == KernelComponent.SysctlPath ? "\uffff" : file.Name] = file;
            }
        }

        var values = new SortedDictionary<string, Sourced<string>>(StringComparer.Ordinal);
        foreach (var (_, file) in settings)
        {
            AddSysctls(file, values);
        }

        foreach (var (name, (value, origin)) in values)
        {
            if (origin.Source == KernelComponent.SysctlPath || !IsOfImage("sysctl", name, value))
            {
                spec.Add(origin.Source, name, Number(value, origin.Source), "kernel.sysctls", name);
            }
        }
    }

    private void AddSysctls(NodeText file, SortedDictionary<string, Sourced<string>> values)
    {
        foreach (var line in Lines(file.Text))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? line : line[..equals]).Trim().TrimStart('-');
            if (equals < 0)
            {
                // `-name`: a pattern before it leaves this one out.
                spec.Leave(file.Path, line, null);
            }
            else
            {
                values[SysctlName.Parse(name).TryGet(out var known, out _) ? known : name] =
                    new Sourced<string>(SysctlName.Normalise(line[(equals + 1)..]), Origin.At(file.Path, 0, 0));
            }
        }
    }

    private void Modules(NodeText file)
    {
        foreach (var name in Lines(file.Text))
        {
            if (file.Path == KernelComponent.ModulesPath || !IsOfImage("module", name.Replace('-', '_'), ""))
            {
                spec.Add(file.Path, name, Text(name, file.Path), "kernel.modules");
            }
        }
    }

    private void Authority(NodeText file)
    {
        if (file.Text.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            spec.Leave(file.Path, "a private key", null);
            return;
        }

        var dot = file.Name.LastIndexOf('.');
        var name = dot > 0 && file.Name[dot..] is ".pem" or ".crt" or ".cer" ? file.Name[..dot] : file.Name;
        foreach (var other in files.Texts)
        {
            // Two files of one name each need a name of their own.
            name = other != file && other.Folder == file.Folder && other.Name == name + ".pem" ? file.Name : name;
        }

        spec.Add(file.Path, "certificates", Tree.Map(("name", Text(name, file.Path)), ("pem", Text(file.Text, file.Path))), "trust.certificateAuthorities");
    }

    private void Images(NodeText file)
    {
        foreach (var directive in SystemdWords.Directives(file.Text))
        {
            var words = directive.Name == "ExecStart" ? QuotedWords.Split(directive.Value) : [];
            for (var i = 2; i < words.Count; i++)
            {
                if (words[i] == "--timeout")
                {
                    i++;
                }
                else
                {
                    spec.Add(file.Path, words[i], Text(words[i], file.Path), "images.prefetch");
                }
            }
        }
    }

    private void NameServers(NodeText file)
    {
        foreach (var directive in SystemdWords.Directives(file.Text))
        {
            var setting = directive.Name switch { "DNS" => "instance.network.nameservers", "Domains" => "instance.network.domains", _ => null };
            foreach (var word in setting is null ? [] : QuotedWords.Split(directive.Value))
            {
                spec.Add(file.Path, directive.Name, Text(word, file.Path), setting!);
            }

            if (setting is null)
            {
                spec.Leave(file.Path, directive.Name, null);
            }
        }
    }

    // containerd, docs/hosts.md: a folder for each registry, with `hosts.toml`; without it the folder holds certificates as docker names them.
    private void Registry(NodeText file)
    {
        var folder = file.Folder[(file.Folder.LastIndexOf('/') + 1)..];
        if (file.Name != "hosts.toml")
        {
            if (!files.Texts.Any(f => f.Path == file.Folder + "/hosts.toml"))
            {
                spec.Leave(file.Path, "certificates", null);
            }

            return;
        }

        var bag = new DiagnosticBag();
        if (TomlReader.Read(file.Text, file.Path, bag) is not { } hosts || bag.HasErrors)
        {
            spec.Leave(file.Path, "TOML that cannot be read", null);
            return;
        }

        var map = new TreeMap([], hosts.Origin);
        foreach (var entry in hosts.Entries)
        {
            if (entry is { Key: "server", Value: TreeScalar server })
            {
                map = map.With("server", server);
            }
            else if (entry is { Key: "host", Value: TreeMap mirrors })
            {
                map = map.With("mirrors", new TreeList([.. mirrors.Entries.Select(m => Mirror(m, file))], mirrors.Origin));
            }
            else
            {
                spec.Leave(file.Path, entry.Key, null);
            }
        }

        // `host_5000_` is `host:5000`, where a folder's name has no colon.
        var port = folder.EndsWith('_') ? folder.LastIndexOf('_', folder.Length - 2) : -1;
        spec.Add(file.Path, folder, map, "registries", port > 0 ? $"{folder[..port]}:{folder[(port + 1)..^1]}" : folder);
    }

    private TreeMap Mirror(TreeEntry host, NodeText file)
    {
        var mirror = Tree.Map(("url", Text(host.Key.Contains("://", StringComparison.Ordinal) ? host.Key : "https://" + host.Key, file.Path)));
        foreach (var entry in (host.Value as TreeMap)?.Entries ?? [])
        {
            switch (entry.Key)
            {
                case "capabilities" when entry.Value is TreeList words:
                    mirror = mirror.With("capabilities", new TreeList([.. words.Items.Select(w => Text(Capital((w as TreeScalar)?.Text ?? ""), file.Path))], words.Origin));
                    break;
                case "override_path":
                    mirror = mirror.With("overridePath", entry.Value);
                    break;
                case "skip_verify":
                    mirror = mirror.With("skipVerify", entry.Value);
                    break;
                case "ca" when Only(entry.Value) is TreeScalar { Kind: ScalarKind.String } authority:
                    mirror = mirror.With("certificateAuthority", FileOf(authority, file));
                    break;
                case "client" when Only(entry.Value) is TreeScalar { Kind: ScalarKind.String } certificate:
                    mirror = mirror.With("clientCertificate", FileOf(certificate, file));
                    break;
                case "client" when Only(entry.Value) is TreeList { Items: [TreeScalar certificate, TreeScalar key] }:
                    mirror = mirror.With("clientCertificate", FileOf(certificate, file));
                    mirror = key.Text.Length == 0 ? mirror : mirror.With("clientKey", FileOf(key, file));
                    break;
                case "header" when entry.Value is TreeMap headers && headers.Entries.All(h => Only(h.Value) is TreeScalar):
                    mirror = mirror.With("headers", new TreeMap(headers.Entries.Select(h => h with { Value = Only(h.Value) }), headers.Origin));
                    break;
                default:
                    spec.Leave(file.Path, $"{host.Key}: {entry.Key}", null);
                    break;
            }
        }

        return mirror;
    }

    // A path may be relative to the folder of the registry; what it names must be on the new node, too.
    private TreeScalar FileOf(TreeScalar path, NodeText file)
    {
        var absolute = path.Text.StartsWith('/') ? path.Text : $"{file.Folder}/{path.Text}";
        if (spec.IsOwn)
        {
            spec.Note(file.Path, $"`{file.Path}` names {Quoted.Text(absolute)}, which is a file of this node.", "Put it into the image of the new node.");
        }

        return Text(absolute, file.Path);
    }

    private static TreeNode Only(TreeNode value) => value is TreeList { Items: [var only] } ? only : value;

    private static string Capital(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>A number where the text is one as it would be written, else a string.</summary>
    internal static TreeScalar Number(string text, string file) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text
            ? TreeScalar.Of(number, Origin.At(file, 0, 0))
            : Text(text, file);

    /// <summary>A string of a file.</summary>
    internal static TreeScalar Text(string text, string file) => TreeScalar.Of(text, Origin.At(file, 0, 0));

    private static IEnumerable<string> Lines(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var trimmed = line.Trim();
            if (trimmed.Length > 0 && trimmed[0] is not ('#' or ';'))
            {
                yield return trimmed;
            }
        }
    }
}
