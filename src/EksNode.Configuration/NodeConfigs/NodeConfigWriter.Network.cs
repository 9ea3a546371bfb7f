using EksNode.Configuration.Documents;

namespace EksNode.Configuration.NodeConfigs;

/// <content>What the node reaches, and how: the proxy, registries, certificate authorities, credentials for images.</content>
public static partial class NodeConfigWriter
{
    private static bool HasOwnNetwork(NodeConfig config) => config.Proxy is not { Http: null, Https: null, NoProxy: null };

    private static TreeMap? Proxy(ProxySettings proxy) => Optional(
        ("http", Text(proxy.Http?.Value.Reveal())),
        ("https", Text(proxy.Https?.Value.Reveal())),
        ("noProxy", List(proxy.NoProxy?.Value ?? [], Text)));
}
