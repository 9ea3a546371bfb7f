using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
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
        var dropIns = ImmutableArray.CreateBuilder<TreeMap>();
        foreach (var name in isNew ? root.List(NodePaths.KubeletConfigDropIns) ?? [] : [])
        {
            if (name.EndsWith(".conf", StringComparison.Ordinal) && Yaml($"{NodePaths.KubeletConfigDropIns}/{name}") is { } dropIn)
            {
                dropIns.Add(dropIn);
            }
        }

        return new NodeFiles
        {
            Kubelet = SemanticVersion.Find(image.KubeletVersion ?? ""),
            Containerd = SemanticVersion.Find(image.ContainerdVersion ?? ""),
            KubeletConfig = Yaml(isNew ? NodePaths.KubeletConfig : OldKubeletConfig),
            KubeletDropIns = dropIns.ToImmutable(),
            Arguments = isNew ? Arguments() : OldArguments(),
            ContainerdConfig = Text(ContainerdComponent.ConfigPath) is { } toml ? Checked(ContainerdComponent.ConfigPath, bag => TomlReader.Read(toml, ContainerdComponent.ConfigPath, bag)) : null,
            BaseRuntimeSpec = Yaml(NodePaths.BaseRuntimeSpec),
            CertificateAuthority = root.ReadFile(NodePaths.CertificateAuthority) is { } authority ? [.. authority] : [],
            Kubeconfig = Yaml(NodePaths.Kubeconfig),
        };
    }

    private ImmutableArray<Sourced<string>> Arguments()
    {
        var origin = Origin.At(NodePaths.KubeletEnvironment, 0, 0);
        var value = Text(NodePaths.KubeletEnvironment) is { } text ? SystemdWords.Value(text, ArgumentsVariable) : null;
        return [.. Joined(SystemdWords.Split(value ?? "")).Select(w => new Sourced<string>(w, origin))];
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

        var arguments = ImmutableArray.CreateBuilder<Sourced<string>>();
        foreach (var value in values)
        {
            foreach (var word in value is null ? [] : Joined(SystemdWords.Split(value.Value)))
            {
                arguments.Add(new Sourced<string>(word, value!.Origin));
            }
        }

        return arguments.ToImmutable();
    }

    // A flag and its value in two words are one argument.
    private static List<string> Joined(IReadOnlyList<string> words)
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
