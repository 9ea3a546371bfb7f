using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Migration;

/// <summary>Turns a call of AL2's <c>/etc/eks/bootstrap.sh</c> into a NodeConfig that gives the same node.</summary>
public static class BootstrapConversion
{
    private const string CommandLineSource = "command line";

    /// <summary>Converts the call in a script or in user data.</summary>
    /// <param name="bytes">The script.</param>
    /// <param name="source">Its name.</param>
    /// <param name="apiVersion">The version of the NodeConfig.</param>
    /// <param name="diagnostics">Takes what is wrong and what has no counterpart.</param>
    /// <returns>Null after an error.</returns>
    public static TreeMap? OfScript(ReadOnlyMemory<byte> bytes, string source, string apiVersion, DiagnosticBag diagnostics) =>
        BootstrapScript.Find(bytes, source, diagnostics) is { } words ? Convert(words, apiVersion, diagnostics) : null;

    /// <summary>Converts arguments.</summary>
    /// <param name="arguments">The arguments, as the shell gives them.</param>
    /// <param name="apiVersion">The version of the NodeConfig.</param>
    /// <param name="diagnostics">Takes what is wrong and what has no counterpart.</param>
    /// <returns>Null after an error.</returns>
    public static TreeMap? OfArguments(IEnumerable<string> arguments, string apiVersion, DiagnosticBag diagnostics) =>
        Convert([.. arguments.Select((a, i) => new ShellWord(a, Origin.At(CommandLineSource, 0, i + 1)))], apiVersion, diagnostics);

    private static TreeMap? Convert(List<ShellWord> words, string apiVersion, DiagnosticBag diagnostics)
    {
        var bag = new DiagnosticBag();
        var arguments = BootstrapArguments.Read(words, bag);
        if (arguments.Cluster is not { } cluster)
        {
            bag.Report(
                DiagnosticCatalogue.BootstrapArgumentWrong, "The call names no cluster.", "Its first argument is the cluster's name.", words.Count > 0 ? words[0].Origin : null);
            diagnostics.AddRange(bag.Items);
            return null;
        }

        var spec = Map(
            cluster.Origin,
            ("cluster", Cluster(arguments, cluster, bag)),
            ("instance", Instance(arguments, bag)),
            ("kubelet", Kubelet(arguments, bag)));
        BootstrapDropped.Report(arguments, bag);
        diagnostics.AddRange(bag.Items);
        return bag.HasErrors
            ? null
            : Map(
                cluster.Origin,
                ("apiVersion", TreeScalar.Of(apiVersion, cluster.Origin)),
                ("kind", TreeScalar.Of(ApiGroups.NodeConfig, cluster.Origin)),
                ("spec", spec));
    }

    private static TreeMap Cluster(BootstrapArguments arguments, ShellWord name, DiagnosticBag bag)
    {
        var (endpoint, authority, cidr) = (arguments["--apiserver-endpoint"], arguments["--b64-cluster-ca"], arguments["--service-ipv6-cidr"]);
        var missing = new List<string>();
        Miss(endpoint, "apiServerEndpoint");
        Miss(authority, "certificateAuthority");
        Miss(cidr, "cidr");
        if (missing.Count > 0)
        {
            bag.Report(
                DiagnosticCatalogue.ClusterDetailMissing,
                $"The call does not give {string.Join(", ", missing.Select(m => $"spec.cluster.{m}"))}: bootstrap.sh looked it up or guessed it.",
                "eksnode asks EKS DescribeCluster for it at boot; nodeadm wants it written: `aws eks describe-cluster` shows it.",
                name.Origin);
        }

        return Map(
            name.Origin,
            ("name", Text(name)),
            ("apiServerEndpoint", Text(endpoint)),
            ("certificateAuthority", Text(authority)),
            ("cidr", Text(cidr)),
            ("enableOutpost", IsTrue(arguments["--enable-local-outpost"]) is { } outpost ? TreeScalar.Of(true, outpost.Origin) : null),
            ("id", Text(arguments["--cluster-id"])));

        void Miss(ShellWord? word, string setting)
        {
            if (word is null)
            {
                missing.Add(setting);
            }
        }
    }

    private static TreeMap? Instance(BootstrapArguments arguments, DiagnosticBag bag)
    {
        if (arguments["--local-disks"] is not { } disks)
        {
            return null;
        }

        var strategy = disks.Text switch { "raid0" => "RAID0", "raid10" => "RAID10", "mount" => "Mount", _ => null };
        if (strategy is null)
        {
            bag.Report(
                DiagnosticCatalogue.BootstrapArgumentWrong,
                $"--local-disks is `{disks.Text}`.",
                Suggestions.DidYouMean(disks.Text, ["raid0", "raid10", "mount"], "It is raid0, raid10 or mount."),
                disks.Origin);
            return null;
        }

        return Map(disks.Origin, ("localStorage", Map(disks.Origin, ("strategy", TreeScalar.Of(strategy, disks.Origin)))));
    }

    private static TreeMap? Kubelet(BootstrapArguments arguments, DiagnosticBag bag)
    {
        var flags = new List<TreeNode>();
        TreeScalar? maxPods = null;
        if (arguments["--kubelet-extra-args"] is { } extra)
        {
            foreach (var flag in Flags(extra))
            {
                if (MaxPodsOf(flag) is { } pods)
                {
                    // In the configuration, where the node's reserved memory follows from it.
                    maxPods = TreeScalar.Of(pods, extra.Origin);
                }
                else
                {
                    flags.Add(TreeScalar.Of(flag, extra.Origin));
                }
            }
        }

        if (maxPods is null && arguments["--use-max-pods"] is { Text: "false" } without)
        {
            const int defaultOfKubelet = 110;
            maxPods = TreeScalar.Of(defaultOfKubelet, without.Origin);
            bag.Report(
                DiagnosticCatalogue.BootstrapArgumentDropped,
                "--use-max-pods false leaves the number of pods to the kubelet, whose default is 110: maxPods is written as that.",
                "Write the number that the CNI can give addresses to (`--max-pods` of another tool), or leave maxPods out to have eksnode compute it.",
                without.Origin);
        }

        var dns = arguments["--dns-cluster-ip"] is { } address ? new TreeList([TreeScalar.Of(address.Text, address.Origin)], address.Origin) : null;
        var origin = Origin.Default("the arguments of bootstrap.sh");
        return Map(
            origin,
            ("config", Map(origin, ("clusterDNS", dns), ("maxPods", maxPods)) is { Entries.IsEmpty: false } config ? config : null),
            ("flags", flags.Count == 0 ? null : new TreeList([.. flags], origin))) is { Entries.IsEmpty: false } map
                ? map
                : null;
    }

    // The kubelet's unit splits the text once more; `--name value` is one argument of a NodeConfig.
    private static IEnumerable<string> Flags(ShellWord extra)
    {
        var words = new ShellWords(extra.Text, "--kubelet-extra-args", null).Read(0);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i].Text;
            var hasValue = word.Contains('=', StringComparison.Ordinal) || i + 1 == words.Count || words[i + 1].Text.StartsWith('-');
            yield return hasValue ? word : $"{word}={words[++i].Text}";
        }
    }

    private static long? MaxPodsOf(string flag)
    {
        const string name = "--max-pods=";
        return flag.StartsWith(name, StringComparison.Ordinal)
            && long.TryParse(flag.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pods) ? pods : null;
    }

    private static ShellWord? IsTrue(ShellWord? word) => word is { Text: "true" } ? word : null;

    private static TreeScalar? Text(ShellWord? word) => word is null ? null : TreeScalar.Of(word.Text, word.Origin);

    private static TreeMap Map(Origin origin, params ReadOnlySpan<(string Key, TreeNode? Value)> entries)
    {
        var known = new List<TreeEntry>();
        foreach (var (key, value) in entries)
        {
            if (value is not null)
            {
                known.Add(new TreeEntry(key, value.Origin, value));
            }
        }

        return new TreeMap(known, origin);
    }
}
