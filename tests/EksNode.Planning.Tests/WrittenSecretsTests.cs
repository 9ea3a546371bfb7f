using EksNode.Configuration.Text;

namespace EksNode.Planning.Tests;

public sealed class WrittenSecretsTests
{
    [Theory]
    [InlineData("/etc/containerd/config.toml", "[plugins.a.registry.configs.b.auth]\nauth = 'canary'\n")]
    [InlineData("/etc/containerd/config.toml", "[plugins.a.registry.configs.b.header]\nX-Foo = ['x', 'canary']\n")]
    [InlineData("/etc/containerd/config.toml", "[stream_processors.x]\nargs = ['--password', 'canary']\n")]
    [InlineData("/etc/containerd/config.toml", "canary [[[ is no TOML")]
    [InlineData("/etc/eks/kubelet/environment", "NODEADM_KUBELET_ARGS=--v=2 --token canary \"--manifest-url-header=X-Foo:canary two\"\n")]
    [InlineData("/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf", "{\"staticPodURLHeader\":{\"X-Foo\":[\"canary\"]}}")]
    [InlineData("/etc/containerd/base-runtime-spec.json", "{\"process\":{\"env\":[\"API_TOKEN=canary\"]}}")]
    public void A_secret_of_a_file_on_the_disk_is_found(string path, string text)
    {
        var redactor = new Redactor();
        foreach (var secret in WrittenSecrets.In(path, text))
        {
            redactor.Add(secret);
        }

        Assert.DoesNotContain("canary", redactor.Redact(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/containerd/config.toml", "version = 3\n[plugins.a]\nsandbox = 'x/pause:3'\n")]
    [InlineData("/etc/kubernetes/kubelet/config.json", "{\"maxPods\":5}")]
    [InlineData("/etc/hosts", "127.0.0.1 localhost\n")]
    [InlineData("/etc/containerd/config.toml", " \n")]
    public void Where_no_secret_is_none_is_found(string path, string text) => Assert.Empty(WrittenSecrets.In(path, text));
}
