using System.Globalization;
using System.Net;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Services;

/// <summary>
/// What the kubelet of this host is told, as its files say it, whoever wrote them: the generated configuration, the files laid over it
/// in the order of their names, then the flags, which win.
/// </summary>
/// <param name="HealthzPort">The port of its health endpoint; 0: it has none.</param>
/// <param name="HealthzAddress">The address of its health endpoint; one that means every address is the loopback's.</param>
/// <param name="NodeName">The name of its Node when a flag gives one; null: the host's own name.</param>
public sealed record KubeletSettings(int HealthzPort, IPAddress HealthzAddress, string? NodeName)
{
    /// <summary>The documented default of <c>healthzPort</c> (KubeletConfiguration v1beta1).</summary>
    public const int DefaultHealthzPort = 10248;

    private const string ArgumentsName = "NODEADM_KUBELET_ARGS=";

    /// <summary>Where the health endpoint answers; null when it is switched off.</summary>
    public Uri? HealthzUri => HealthzPort == 0 ? null : new Uri($"http://{new IPEndPoint(HealthzAddress, HealthzPort)}/healthz");

    /// <summary>Reads the kubelet's files.</summary>
    /// <param name="root">The host.</param>
    /// <param name="log">Where it says that it cannot read one; the kubelet then says so too.</param>
    public static KubeletSettings Read(HostRoot root, Logging.ILog log)
    {
        var port = DefaultHealthzPort;
        var address = IPAddress.Loopback;
        string? name = null;
        foreach (var map in Documents(root, log))
        {
            port = PortOf((map["healthzPort"] as TreeScalar)?.Text) ?? port;
            address = AddressOf((map["healthzBindAddress"] as TreeScalar)?.Text) ?? address;
        }

        foreach (var (flag, value) in Flags(root))
        {
            switch (flag)
            {
                case "healthz-port":
                    port = PortOf(value) ?? port;
                    break;
                case "healthz-bind-address":
                    address = AddressOf(value) ?? address;
                    break;
                case "hostname-override":
                    name = value.Length > 0 ? value.ToLowerInvariant() : name;
                    break;
                default:
                    break;
            }
        }

        return new KubeletSettings(port, address, name);
    }

    private static IEnumerable<TreeMap> Documents(HostRoot root, Logging.ILog log)
    {
        var overlays = (root.List(NodePaths.KubeletConfigDropIns) ?? [])
            .Where(n => n.EndsWith(".conf", StringComparison.Ordinal))
            .Select(n => $"{NodePaths.KubeletConfigDropIns}/{n}");
        foreach (var path in overlays.Prepend(NodePaths.KubeletConfig))
        {
            if (root.ReadFile(path) is not { } bytes)
            {
                continue;
            }

            // JSON is YAML, and people write both.
            var bag = new DiagnosticBag();
            var documents = YamlReader.Read(Encoding.UTF8.GetString(bytes), path, 0, bag);
            if (bag.Items.FirstOrDefault(d => d.Severity == Severity.Error) is { } error)
            {
                log.Write(Logging.LogLevel.Warn, "a kubelet configuration cannot be read", ("path", path), ("because", error.Message));
            }

            foreach (var map in documents.OfType<TreeMap>())
            {
                yield return map;
            }
        }
    }

    // --name=value or --name value, in the words that systemd makes of the line.
    private static IEnumerable<(string Flag, string Value)> Flags(HostRoot root)
    {
        var text = root.ReadFile(NodePaths.KubeletEnvironment) is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
        var line = text.Split('\n').LastOrDefault(l => l.StartsWith(ArgumentsName, StringComparison.Ordinal)) ?? ArgumentsName;
        var words = line[ArgumentsName.Length..].Split([' ', '\t', '"', '\''], StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith('-'))
            {
                continue;
            }

            var flag = words[i].TrimStart('-').Split('=', 2);
            yield return (flag[0], flag.Length == 2 ? flag[1] : i + 1 < words.Length ? words[i + 1] : "");
        }
    }

    private static int? PortOf(string? text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static IPAddress? AddressOf(string? text) =>
        !IPAddress.TryParse(text, out var address) ? null
        : address.Equals(IPAddress.Any) ? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : address;
}
