using EksNode.Configuration.Documents;

namespace EksNode.Configuration.NodeConfigs;

/// <content>What the node reaches, and how: the proxy, registries, certificate authorities, credentials for images.</content>
public static partial class NodeConfigWriter
{
    private static bool HasOwnNetwork(NodeConfig config) =>
        config is not
        {
            Proxy: { Http: null, Https: null, NoProxy: null },
            Registries.IsEmpty: true,
            Trust: null,
            CredentialProviders.IsEmpty: true,
            Readiness: { Wait: null, Timeout: null },
            Prefetch: null,
        };

    private static TreeMap? Proxy(ProxySettings proxy) => Optional(
        ("http", Text(proxy.Http?.Value.Reveal())),
        ("https", Text(proxy.Https?.Value.Reveal())),
        ("noProxy", List(proxy.NoProxy?.Value ?? [], Text)));

    private static TreeMap Registry(RegistrySettings registry) => Map(
        ("server", Text(registry.Server?.Value)),
        ("mirrors", List(registry.Mirrors?.Value ?? [], Mirror)));

    private static TreeMap Mirror(RegistryMirror mirror) => Map(
        ("url", Text(mirror.Url.Value)),
        ("capabilities", List(mirror.Capabilities?.Value ?? [], word => Text(char.ToUpperInvariant(word[0]) + word[1..]))),
        ("overridePath", mirror.OverridePath is { } path ? TreeScalar.Of(path.Value, Here) : null),
        ("skipVerify", mirror.SkipVerify is { } skip ? TreeScalar.Of(skip.Value, Here) : null),
        ("certificateAuthority", Text(mirror.CertificateAuthority?.Value)),
        ("clientCertificate", Text(mirror.ClientCertificate?.Value)),
        ("clientKey", Text(mirror.ClientKey?.Value)),
        ("headers", Entries(mirror.Headers, value => Text(value.Value.Reveal()))));

    private static TreeMap Authority(TrustedAuthority authority) => Map(
        ("name", Text(authority.Name.Value)),
        ("file", Text(authority.File?.Value)),
        ("pem", authority.File is null ? Text(authority.Pem?.Value) : null));

    private static TreeMap? Readiness(ReadinessSettings readiness) => Optional(
        ("wait", readiness.Wait is { } wait ? Text(wait.Value switch { ReadinessWait.None => "None", ReadinessWait.Ready => "Ready", _ => "Kubelet" }) : null),
        ("timeout", readiness.Timeout is { } timeout ? Text($"{timeout.Value.Nanoseconds}ns") : null));
}
