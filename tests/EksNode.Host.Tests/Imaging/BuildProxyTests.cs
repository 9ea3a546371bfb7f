using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;

namespace EksNode.Host.Tests.Imaging;

public sealed class BuildProxyTests
{
    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal)
    {
        ["HTTP_PROXY"] = "",
        ["http_proxy"] = "http://lower.example.com",
        ["HTTPS_PROXY"] = "http://upper.example.com",
        ["https_proxy"] = "http://lower.example.com",
        ["no_proxy"] = ".example.com",
    };

    [Fact]
    public void R07_Without_a_setting_the_proxy_is_that_of_the_environment() => Assert.Equal(
        [
            "HTTP_PROXY=http://lower.example.com", "http_proxy=http://lower.example.com", "HTTPS_PROXY=http://upper.example.com", "https_proxy=http://upper.example.com",
            "NO_PROXY=.example.com", "no_proxy=.example.com",
        ],
        BuildProxy.Variables(new ProxySettings(), Environment));

    [Fact]
    public void R07_Each_setting_takes_the_place_of_its_variable_alone()
    {
        var origin = Origin.Default("a test");
        var settings = new ProxySettings
        {
            Https = new Sourced<Secret>(new Secret("http://user:secret@own.example.com:3128"), origin),
            NoProxy = new Sourced<System.Collections.Immutable.ImmutableArray<string>>(["10.0.0.0/8", "mirror.example.com"], origin),
        };
        Assert.Equal(
            [
                "HTTP_PROXY=http://lower.example.com", "http_proxy=http://lower.example.com", "HTTPS_PROXY=http://user:secret@own.example.com:3128",
                "https_proxy=http://user:secret@own.example.com:3128", "NO_PROXY=10.0.0.0/8,mirror.example.com", "no_proxy=10.0.0.0/8,mirror.example.com",
            ],
            BuildProxy.Variables(settings, Environment));
        Assert.Empty(BuildProxy.Variables(new ProxySettings(), new Dictionary<string, string>(StringComparer.Ordinal)));
    }
}
