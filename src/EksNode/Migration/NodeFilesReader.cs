using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Containerd;
using EksNode.Planning.Facts;
using EksNode.Planning.Migration;
using EksNode.Planning.Plans;

namespace EksNode.Migration;

/// <summary>Reads the files of an existing node: of eksnode and nodeadm, and of <c>bootstrap.sh</c> on Amazon Linux 2.</summary>
/// <param name="root">The node's root folder.</param>
/// <param name="diagnostics">Takes what cannot be read.</param>
internal sealed class NodeFilesReader(HostRoot root, DiagnosticBag diagnostics)
{
    private const string OldKubeletConfig = "/etc/kubernetes/kubelet/kubelet-config.json";
    private const string OldUnitDropIns = "/etc/systemd/system/kubelet.service.d";
    private const string ArgumentsVariable = "NODEADM_KUBELET_ARGS";
    private static readonly string[] OldVariables = ["KUBELET_ARGS", "KUBELET_EXTRA_ARGS"];

    /// <summary>Reads them.</summary>
    /// <param name="image">The versions of the image.</param>
    public NodeFiles Read(ImageFacts image)
    {
        var isNew = root.Status(NodePaths.KubeletConfig) is not null;
        var arguments = isNew ? Arguments() : OldArguments();
        var dropIns = new List<TreeMap>();
        foreach (var file in Matching((Flag(arguments, "config-dir") ?? NodePaths.KubeletConfigDropIns) + "/*.conf"))
        {
            if (Yaml(file) is { } dropIn)
            {
                dropIns.Add(dropIn);
            }
        }

        var containerd = Toml(ContainerdComponent.ConfigPath);
        return new NodeFiles
        {
            IsOwn = root.Status(AppliedState.FilePath) is not null,
            Kubelet = SemanticVersion.Find(image.KubeletVersion ?? ""),
            Containerd = SemanticVersion.Find(image.ContainerdVersion ?? ""),
            KubeletConfig = Yaml(Flag(arguments, "config") ?? (isNew ? NodePaths.KubeletConfig : OldKubeletConfig)),
            KubeletDropIns = dropIns.ToImmutable(),
            Arguments = arguments,
            ArgumentVariables = isNew ? [] : [.. OldVariables],
            ContainerdConfig = containerd,
            ContainerdImports = containerd is null || NodeFiles.ImportedFolder(containerd) is not { } folder ? [] : [.. Matching(folder + "/*.toml").Select(Toml).OfType<TreeMap>()],
            BaseRuntimeSpec = Yaml(NodePaths.BaseRuntimeSpec),
            CredentialProviders = Yaml(Flag(arguments, "image-credential-provider-config") ?? NodePaths.ImageCredentialProviderConfig),
            CertificateAuthority = root.ReadFile(NodePaths.CertificateAuthority) is { } authority ? [.. authority] : [],
            Kubeconfig = Yaml(NodePaths.Kubeconfig),
            Texts = [.. Texts()],
        };
    }

    private List<NodeText> Texts()
    {
        var texts = new List<NodeText>();
        foreach (var pattern in NodeFiles.Patterns)
        {
            texts.AddRange(Matching(pattern).Select(Read));
        }

        foreach (var folder in NodeFiles.RegistryFolders)
        {
            foreach (var path in (root.List(folder) ?? []).SelectMany(registry => Matching($"{folder}/{registry}/*")))
            {
                // Of certificates and keys only the names count.
                texts.Add(path.EndsWith("/hosts.toml", StringComparison.Ordinal) ? Read(path) : new NodeText(path, ""));
            }
        }

        foreach (var folder in root.List(NodeFiles.Units) ?? [])
        {
            if (folder.EndsWith(NodeFiles.UnitDropIns, StringComparison.Ordinal))
            {
                texts.AddRange(Matching($"{NodeFiles.Units}/{folder}/*.conf").Select(Read).Where(f => NodeFiles.IsUnitDropIn(folder[..^NodeFiles.UnitDropIns.Length], f.Name)));
            }
        }

        foreach (var path in texts.SelectMany(f => f.Name.EndsWith(".conf", StringComparison.Ordinal) ? NodeFiles.EnvironmentFiles(f.Text) : []).Distinct().ToList())
        {
            if (root.Status(path, followLink: true) is { Kind: FileKind.File } && !texts.Any(f => f.Path == path))
            {
                texts.Add(Read(path));
            }
        }

        return texts;
    }

    // The files that a path with `*` in its last part means, by name; folders are none.
    private IEnumerable<string> Matching(string pattern)
    {
        var slash = pattern.LastIndexOf('/');
        var (folder, name) = (pattern[..slash], pattern[(slash + 1)..]);
        var star = name.IndexOf('*', StringComparison.Ordinal);
        foreach (var file in star < 0 ? [name] : root.List(folder) ?? [])
        {
            if ((star < 0 || (file.Length >= name.Length - 1 && file.StartsWith(name[..star], StringComparison.Ordinal) && file.EndsWith(name[(star + 1)..], StringComparison.Ordinal)))
                && root.Status($"{folder}/{file}", followLink: true) is { Kind: FileKind.File })
            {
                yield return $"{folder}/{file}";
            }
        }
    }

    private NodeText Read(string path) => new(path, Text(path) ?? "");

    private static string? Flag(ImmutableArray<Sourced<string>> arguments, string name)
    {
        string? found = null;
        foreach (var argument in arguments)
        {
            found = argument.Value.StartsWith($"--{name}=/", StringComparison.Ordinal) ? argument.Value[(name.Length + 3)..] : found;
        }

        return found;
    }

    private ImmutableArray<Sourced<string>> Arguments()
    {
        var origin = Origin.At(NodePaths.KubeletEnvironment, 0, 0);
        var value = Text(NodePaths.KubeletEnvironment) is { } text ? SystemdWords.Value(text, ArgumentsVariable) : null;
        return [.. Joined(QuotedWords.Split(value ?? "")).Select(w => new Sourced<string>(w, origin))];
    }

    // Of one variable the last drop-in counts; the unit passes KUBELET_ARGS first.
    private ImmutableArray<Sourced<string>> OldArguments()
    {
        var values = new Sourced<string>?[OldVariables.Length];
        foreach (var name in root.List(OldUnitDropIns) ?? [])
        {
            var path = $"{OldUnitDropIns}/{name}";
            if (!name.EndsWith(".conf", StringComparison.Ordinal) || Text(path) is not { } text)
            {
                continue;
            }

            foreach (var (variable, value) in SystemdWords.Environment(text))
            {
                if (Array.IndexOf(OldVariables, variable) is >= 0 and var at)
                {
                    values[at] = new Sourced<string>(value, Origin.At(path, 0, 0));
                }
            }
        }

        var arguments = new List<Sourced<string>>();
        foreach (var value in values)
        {
            foreach (var word in value is null ? [] : Joined(QuotedWords.Split(value.Value)))
            {
                arguments.Add(new Sourced<string>(word, value!.Origin));
            }
        }

        return arguments.ToImmutable();
    }

    // A flag and its value in two words are one argument.
    private static List<string> Joined(List<string> words)
    {
        var joined = new List<string>();
        foreach (var word in words)
        {
            if (!word.StartsWith('-') && joined.Count > 0 && !joined[^1].Contains('=', StringComparison.Ordinal))
            {
                joined[^1] += "=" + word;
            }
            else
            {
                joined.Add(word);
            }
        }

        return joined;
    }

    private TreeMap? Yaml(string path) => Text(path) is { } text
        ? Checked(path, bag => YamlReader.Read(text, path, 0, bag) is [TreeMap only] ? only : null)
        : null;

    private TreeMap? Toml(string path) => Text(path) is { } toml ? Checked(path, bag => TomlReader.Read(toml, path, bag)) : null;

    private TreeMap? Checked(string path, Func<DiagnosticBag, TreeMap?> read)
    {
        var bag = new DiagnosticBag();
        var map = read(bag);
        if (map is null || bag.HasErrors)
        {
            diagnostics.Report(
                DiagnosticCatalogue.NodeFileUnreadable,
                $"`{path}` cannot be read: {bag.Items.FirstOrDefault(d => d.Severity == Severity.Error)?.Message ?? "it is no document"}",
                "Mend the file, or take it away: what it says cannot be converted.",
                path: path);
        }

        return bag.HasErrors ? null : map;
    }

    private string? Text(string path) => root.ReadFile(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
}
