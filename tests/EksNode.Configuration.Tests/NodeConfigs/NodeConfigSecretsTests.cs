using EksNode.Configuration.Collections;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.NodeConfigs;

public sealed class NodeConfigSecretsTests
{
    [Theory]
    [InlineData("instance: {environment: {default: {HTTPS_PROXY: 'http://user:hunter2@proxy:3128'}}}")]
    [InlineData("instance: {environment: {kubelet: {REGISTRY_PASSWORD: hunter2}}}")]
    [InlineData("kubelet: {config: {staticPodURLHeader: {X-Key: [hunter2]}}}")]
    [InlineData("kubelet: {config: {staticPodURL: 'https://user:hunter2@host/pods'}}")]
    [InlineData("kubelet: {flags: ['--storage-driver-password=hunter2']}")]
    [InlineData("kubelet: {flags: ['--storage-driver-password', hunter2]}")]
    [InlineData("kubelet: {flags: ['--storage-driver-password hunter2 --v=2']}")]
    [InlineData("kubelet: {flags: ['--manifest-url-header=X-Key:hunter2']}")]
    [InlineData("kubelet: {flags: ['--manifest-url-header=Authorization:Bearer hunter2']}")]
    [InlineData("kubelet: {flags: ['--manifest-url=https://user:hunter2@host/pods']}")]
    [InlineData("containerd: {config: \"[plugins.'io.containerd.grpc.v1.cri'.registry.configs.'a.b'.auth]\\nauth = 'hunter2'\"}")]
    [InlineData("containerd: {config: \"[plugins.'io.containerd.grpc.v1.cri'.registry.configs.'a.b'.auth]\\nidentitytoken = 'hunter2'\"}")]
    [InlineData("containerd: {config: \"[plugins.'io.containerd.grpc.v1.cri'.registry.headers]\\nX-Key = ['hunter2']\"}")]
    [InlineData("containerd: {config: \"[proxy_plugins.a]\\naddress = 'http://u:hunter2@h'\"}")]
    [InlineData("containerd: {baseRuntimeSpec: {process: {env: ['API_TOKEN=hunter2']}}}")]
    [InlineData("containerd: {baseRuntimeSpec: {hooks: {prestart: [{path: /x, env: ['P=http://u:hunter2@h']}]}}}")]
    public void Every_secret_is_found(string text)
    {
        var config = Read(text);
        Assert.Contains(NodeConfigSecrets.Of(config), s => s.Reveal() == "hunter2");

        var redactor = new Redactor();
        foreach (var secret in NodeConfigSecrets.Of(config))
        {
            redactor.Add(secret);
        }

        Assert.DoesNotContain("hunter2", redactor.Redact("It said: hunter2 and more"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instance: {environment: {default: {NO_PROXY: 'localhost,10.0.0.0/8', LANG: C}}}")]
    [InlineData("kubelet: {config: {imagePullCredentialsVerificationPolicy: AlwaysVerify, authentication: {webhook: {enabled: true}}}}")]
    [InlineData("kubelet: {flags: ['--image-credential-provider-config=/etc/a.json', '--authentication-token-webhook=true']}")]
    [InlineData("containerd: {config: \"[plugins.'io.containerd.grpc.v1.cri']\\nsandbox_image = 'a/b:c'\"}")]
    public void Ordinary_words_are_no_secrets(string text) => Assert.Empty(NodeConfigSecrets.Of(Read(text)));

    private static NodeConfig Read(string spec)
    {
        var bag = new DiagnosticBag();
        var config = NodeConfigReader.Read(Assert.IsType<TreeMap>(YamlReader.Read($"spec: {{{spec}}}", "t", 0, bag)[0]), bag);
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        return config;
    }

    [Fact]
    public void Passwords_of_proxies_headers_of_registries_and_environments_of_credential_providers_are_secrets()
    {
        var redactor = new Redactor();
        var config = new NodeConfig
        {
            Proxy = new ProxySettings { Https = new(new Secret("http://node:p%25a\"ss%40@proxy.example.com:3128"), Origin.Default("a test")) },
            Registries = SortedMap.Empty<RegistrySettings>().Add("docker.io", new RegistrySettings
            {
                Mirrors = new(
                    [new RegistryMirror { Url = new("https://m", Origin.Default("a test")), Headers = SortedMap.Empty<Sourced<Secret>>().Add("X-Any", new(new Secret("header-value"), Origin.Default("a test"))) }],
                    Origin.Default("a test")),
            }),
            CredentialProviders = [(TreeMap)JsonReader.Read("""{"name": "p", "args": ["--token=argument-value"], "env": [{"name": "A", "value": "variable-value"}]}""", "test", 0, new DiagnosticBag())!],
        };
        foreach (var secret in NodeConfigSecrets.Of(config))
        {
            redactor.Add(secret);
        }

        var text = redactor.Redact("""http://node:p%25a"ss%40@proxy p%%25a\"ss%%40 p%a"ss@ header-value variable-value --token=argument-value""");
        foreach (var part in (string[])["p%25", "ss%40", "p%a", "header-value", "variable-value", "argument-value"])
        {
            Assert.DoesNotContain(part, text, StringComparison.Ordinal);
        }
    }
}
