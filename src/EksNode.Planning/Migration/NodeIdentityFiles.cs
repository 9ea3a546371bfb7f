using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Migration;

/// <summary>Which node of which cluster it is, as its files say.</summary>
internal sealed class NodeIdentityFiles
{
    private const string AnyNetwork = "10.100.0.0/16";

    private readonly NodeFiles files;
    private readonly string endpoint;
    private readonly string name;
    private readonly string? region;
    private readonly string? cidr;
    private readonly Origin here = Origin.Default("the files of the node");

    private NodeIdentityFiles(NodeFiles files, string endpoint, string name, string? region)
    {
        (this.files, this.endpoint, this.name, this.region) = (files, endpoint, name, region);
        cidr = NetworkOf(((files.KubeletConfig?["clusterDNS"] as TreeList)?.Items is [TreeScalar { } only] ? only.Text : Argument("cluster-dns")) ?? "");
    }

    /// <summary>Whether the service network follows from the address of the cluster's DNS service.</summary>
    public bool IsServiceNetworkKnown => cidr is not null;

    /// <summary>Reads it; null when it is not there, which is an error.</summary>
    public static NodeIdentityFiles? Of(NodeFiles files, DiagnosticBag diagnostics)
    {
        var cluster = Only(files.Kubeconfig, "clusters")?["cluster"] as TreeMap;
        var exec = (Only(files.Kubeconfig, "users")?["user"] as TreeMap)?["exec"] as TreeMap;
        var arguments = (exec?["args"] as TreeList)?.Items ?? [];
        string? name = null;
        string? region = null;
        for (var i = 0; i + 1 < arguments.Length; i++)
        {
            var value = (arguments[i + 1] as TreeScalar)?.Text;
            switch ((arguments[i] as TreeScalar)?.Text)
            {
                case "--cluster-name" or "-i" or "--cluster-id":
                    name = value;
                    break;
                case "--region":
                    region = value;
                    break;
                default:
                    break;
            }
        }

        if (cluster?["server"] is TreeScalar { } server && name is not null && !files.CertificateAuthority.IsEmpty && files.KubeletConfig is not null)
        {
            return new NodeIdentityFiles(files, server.Text, name, region);
        }

        var missing = files.Kubeconfig is null ? "its kubeconfig (/var/lib/kubelet/kubeconfig)"
            : files.CertificateAuthority.IsEmpty ? "the cluster's certificate authority (/etc/kubernetes/pki/ca.crt)"
            : files.KubeletConfig is null ? "the kubelet's configuration"
            : "a server and a cluster's name in its kubeconfig";
        diagnostics.Report(
            DiagnosticCatalogue.NodeFilesIncomplete,
            $"The files are not those of a node that joined an EKS cluster: {missing} is missing.",
            "Run it on such a node, or give its file system with `--root`.");
        return null;
    }

    /// <summary>Whether the Node object goes by the instance's id.</summary>
    public bool IsNamedByInstance(NodeFacts facts) => Argument("hostname-override") is { } node && node == facts.Instance.Id;

    /// <summary><c>spec.cluster</c>.</summary>
    public TreeMap Cluster() => Cluster(cidr);

    /// <summary>The same, complete, so that it can be planned.</summary>
    public TreeMap PlannedCluster() => Cluster(cidr ?? AnyNetwork);

    /// <summary>The facts with what the files say of the node where they lack it.</summary>
    public NodeFacts Complete(NodeFacts facts)
    {
        // aws:///zone/instance
        var provider = ((files.KubeletConfig?["providerID"] as TreeScalar)?.Text ?? Argument("provider-id") ?? "").Split('/');
        var (zone, id) = provider.Length > 4 ? (provider[^2], provider[^1]) : (null, null);
        var instance = facts.Instance;
        var address = Argument("node-ip") ?? "";
        return facts with
        {
            Instance = instance with
            {
                Id = instance.Id ?? id ?? "i-00000000000000000",
                AvailabilityZone = instance.AvailabilityZone ?? zone ?? (region ?? "us-east-1") + "a",
                Region = instance.Region ?? region ?? zone?[..^1] ?? "us-east-1",
                LocalIpv4 = instance.LocalIpv4 ?? (address.Contains('.', StringComparison.Ordinal) ? address : "10.0.0.1"),
                Ipv6 = instance.Ipv6.IsEmpty ? [address.Contains(':', StringComparison.Ordinal) ? address : "fd00::1"] : instance.Ipv6,
                PrivateDnsName = instance.PrivateDnsName ?? Argument("hostname-override") ?? "node",
                Mac = instance.Mac ?? "02:00:00:00:00:01",
            },
            Image = facts.Image with
            {
                KubeletVersion = facts.Image.KubeletVersion ?? files.Kubelet?.ToString(),
                ContainerdVersion = facts.Image.ContainerdVersion ?? files.Containerd?.ToString(),
            },
        };
    }

    private TreeMap Cluster(string? network)
    {
        var entries = new List<TreeEntry>
        {
            Entry("name", name),
            Entry("apiServerEndpoint", endpoint),
            Entry("certificateAuthority", Convert.ToBase64String(files.CertificateAuthority.AsSpan())),
        };
        if (network is not null)
        {
            entries.Add(Entry("cidr", network));
        }

        return new TreeMap(entries, here);
    }

    private TreeEntry Entry(string key, string value) => new(key, here, TreeScalar.Of(value, here));

    // EKS gives the cluster's DNS service the tenth address of the service network, which has 16 bits, or 108 of IPv6.
    private static string? NetworkOf(string dns)
    {
        var last = dns.LastIndexOf('.');
        return last > 0 && dns[last..] == ".10" ? dns[..last] + ".0/16"
            : dns.EndsWith("::a", StringComparison.Ordinal) ? dns[..^1] + "/108"
            : null;
    }

    private string? Argument(string flag)
    {
        for (var i = files.Arguments.Length - 1; i >= 0; i--)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"--{flag}=");
            if (files.Arguments[i].Value.StartsWith(prefix, StringComparison.Ordinal))
            {
                return files.Arguments[i].Value[prefix.Length..];
            }
        }

        return null;
    }

    private static TreeMap? Only(TreeMap? kubeconfig, string list) => (kubeconfig?[list] as TreeList)?.Items is [TreeMap first, ..] ? first : null;
}
