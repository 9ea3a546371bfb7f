using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Kubelet;

namespace EksNode.Planning.Tests.Kubelet;

/// <summary>
/// What a kubelet is started with, and what its <c>/configz</c> answered: a folder of <c>configz-recorded/</c> with <c>config.json</c>, drop-ins
/// (<c>*.conf</c>), <c>arguments</c> (one a line) and <c>answer@1.36.3.json</c>.
/// </summary>
internal sealed class KubeletRecord(string folder)
{
    /// <summary>
    /// What every kubelet of these tests gets beside its record: they run where no cgroup can be made and kernel settings stay as they are.
    /// </summary>
    public static readonly string[] Always =
    [
        "--cgroups-per-qos=false", "--enforce-node-allocatable=", "--protect-kernel-defaults=false", "--fail-swap-on=false",
        "--authorization-mode=AlwaysAllow", "--anonymous-auth=true", "--authentication-token-webhook=false", "--client-ca-file=", "--cert-dir=/run/pki", "--rotate-server-certificates=false",
    ];

    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "EksNode.Planning.Tests", "Kubelet", "configz-recorded");

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    public string ConfigFile => Path.Combine(folder, "config.json");

    public IEnumerable<string> DropInFiles => Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal);

    public IEnumerable<string> Arguments => Path.Combine(folder, "arguments") is var file && File.Exists(file) ? [.. Always, .. File.ReadAllLines(file)] : Always;

    /// <summary>The kubelets that answered, by their versions.</summary>
    public IEnumerable<(string Version, string File)> Answers =>
        Directory.EnumerateFiles(folder, "answer@*.json").Order(StringComparer.Ordinal).Select(f => (Path.GetFileNameWithoutExtension(f)["answer@".Length..], f));

    /// <summary>Where the kubelet listens: the port is part of what some records set.</summary>
    public int Port => Arguments.LastOrDefault(a => a.StartsWith("--port=", StringComparison.Ordinal)) is { } flag ? int.Parse(flag[7..], CultureInfo.InvariantCulture) : 10250;

    /// <summary>Whether a kubelet can be asked: a record whose name ends with <c>@1.33</c> is of that minor.</summary>
    public bool IsFor(string version)
    {
        var at = folder.LastIndexOf('@');
        return at < 0 || version.StartsWith(folder[(at + 1)..] + ".", StringComparison.Ordinal);
    }

    public string AnswerFile(string version) => Path.Combine(folder, $"answer@{version}.json");

    /// <summary>What eksnode works out, in the form of an answer.</summary>
    public IReadOnlyList<string> Effective(int minor) => Lines(Inputs(minor));

    public KubeletInputs Inputs(int minor)
    {
        var dropIns = DropInFiles.Select(Read).ToArray();
        return new KubeletInputs
        {
            Minor = minor,
            File = Read(ConfigFile),
            DropIns = dropIns.Length == 0 ? null : [.. dropIns],
            Arguments = [.. Arguments.Select(a => new Sourced<string>(a, Origin.At("arguments", 1, 1)))],
        };
    }

    public static IReadOnlyList<string> Lines(KubeletInputs inputs) =>
        [.. EffectiveKubelet.Of(inputs).Settings.Select(s => $"{s.Path} = {Text(s.Value)}").Order(StringComparer.Ordinal)];

    /// <summary>The leaves of an answer; empty maps and lists are none.</summary>
    public static IReadOnlyList<string> Answered(string json)
    {
        var document = Assert.IsType<TreeMap>(Parse(json, "configz"));
        var lines = new List<string>();
        foreach (var entry in Assert.IsType<TreeMap>(document["kubeletconfig"]).Entries)
        {
            if (entry.Key is not ("kind" or "apiVersion"))
            {
                Add(entry.Key, entry.Value, lines);
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    public static int MinorOf(string version) => int.Parse(version.Split('.')[1], CultureInfo.InvariantCulture);

    private static void Add(string path, TreeNode node, List<string> lines)
    {
        if (node is TreeMap map)
        {
            foreach (var entry in map.Entries)
            {
                Add(path + "." + entry.Key, entry.Value, lines);
            }
        }
        else
        {
            lines.Add($"{path} = {Text(node)}");
        }
    }

    private static string Text(TreeNode node) => node switch
    {
        TreeScalar { Kind: ScalarKind.String } text => $"\"{text.Text}\"",
        TreeScalar scalar => scalar.Text,
        TreeList list => "[" + string.Join(", ", list.Items.Select(Text)) + "]",
        TreeMap map => "{" + string.Join(", ", map.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Key + ": " + Text(e.Value))) + "}",
        _ => "",
    };

    private static TreeMap Read(string file) => Assert.IsType<TreeMap>(Parse(File.ReadAllText(file), Path.GetFileName(file)));

    private static TreeNode? Parse(string json, string name)
    {
        var diagnostics = new DiagnosticBag();
        var document = JsonReader.Read(json, name, 0, diagnostics);
        Assert.Empty(diagnostics.Items);
        return document;
    }
}
