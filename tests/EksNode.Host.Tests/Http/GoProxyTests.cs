using System.Net;
using CsCheck;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Http;

/// <summary>The decisions of Go's golang.org/x/net/http/httpproxy, as a table.</summary>
public sealed class GoProxyTests
{
    [Theory]
    // Which variable.
    [InlineData("HTTP_PROXY=http://p:1", "http://a.com", "http://p:1/")]
    [InlineData("HTTP_PROXY=http://p:1", "https://a.com", null)]
    [InlineData("HTTPS_PROXY=http://p:1", "https://a.com", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1", "http://a.com", null)]
    [InlineData("http_proxy=http://p:1", "http://a.com", "http://p:1/")]
    [InlineData("https_proxy=http://p:1", "https://a.com", "http://p:1/")]
    [InlineData("HTTP_PROXY=http://up:1;http_proxy=http://low:1", "http://a.com", "http://up:1/")]
    [InlineData("HTTP_PROXY=;http_proxy=http://low:1", "http://a.com", "http://low:1/")]
    [InlineData("ALL_PROXY=http://p:1", "http://a.com", null)]
    [InlineData("HTTP_PROXY=http://p:1;REQUEST_METHOD=GET", "http://a.com", null)]
    [InlineData("HTTP_PROXY=http://p:1;REQUEST_METHOD=", "http://a.com", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1;REQUEST_METHOD=GET", "https://a.com", "http://p:1/")]
    // The forms of an address.
    [InlineData("HTTP_PROXY=p:1", "http://a.com", "http://p:1/")]
    [InlineData("HTTP_PROXY=p", "http://a.com", "http://p/")]
    [InlineData("HTTP_PROXY=10.0.0.1:3128", "http://a.com", "http://10.0.0.1:3128/")]
    [InlineData("HTTP_PROXY=user:pa%40ss@p:1", "http://a.com", "http://p:1/")]
    [InlineData("HTTP_PROXY=https://p", "http://a.com", "https://p/")]
    [InlineData("HTTP_PROXY=socks5://p:1080", "http://a.com", "socks5://p:1080/")]
    [InlineData("HTTP_PROXY=socks5h://p:1080", "http://a.com", "socks5://p:1080/")]
    [InlineData("HTTP_PROXY=http://p:1/ignored?path", "http://a.com", "http://p:1/")]
    // Loopback never.
    [InlineData("HTTP_PROXY=http://p:1", "http://localhost", null)]
    [InlineData("HTTP_PROXY=http://p:1", "http://localhost:8080", null)]
    [InlineData("HTTP_PROXY=http://p:1", "http://127.0.0.1", null)]
    [InlineData("HTTP_PROXY=http://p:1", "http://127.1.2.3:80", null)]
    [InlineData("HTTP_PROXY=http://p:1", "http://[::1]", null)]
    [InlineData("HTTP_PROXY=http://p:1", "http://localhost.example.com", "http://p:1/")]
    // Other special addresses are not special to Go.
    [InlineData("HTTP_PROXY=http://p:1", "http://169.254.169.254", "http://p:1/")]
    [InlineData("HTTP_PROXY=http://p:1;NO_PROXY=169.254.169.254", "http://169.254.169.254", null)]
    public void Chooses_the_proxy(string variables, string url, string? proxy) =>
        Assert.Equal(proxy, GoProxy.FromEnvironment(Environment(variables)).GetProxy(new Uri(url))?.AbsoluteUri);

    [Theory]
    [InlineData("*", "a.com", false)]
    [InlineData("x.com, *", "a.com", false)]
    [InlineData("", "a.com", true)]
    [InlineData(" , ,", "a.com", true)]
    // Names: the name and what is below.
    [InlineData("a.com", "a.com", false)]
    [InlineData("a.com", "b.a.com", false)]
    [InlineData("a.com", "ba.com", true)]
    [InlineData("a.com", "a.com.b", true)]
    [InlineData("A.COM", "a.com", false)]
    [InlineData("a.com", "A.Com", false)]
    [InlineData(" a.com ,b.com", "b.com", false)]
    [InlineData("com", "a.com", false)]
    [InlineData("amazonaws.com", "ec2.us-west-2.amazonaws.com", false)]
    // With a dot: only what is below.
    [InlineData(".a.com", "a.com", true)]
    [InlineData(".a.com", "b.a.com", false)]
    [InlineData("*.a.com", "a.com", true)]
    [InlineData("*.a.com", "b.a.com", false)]
    [InlineData("*.a.com", "c.b.a.com", false)]
    [InlineData("*a.com", "ba.com", true)]
    [InlineData(".eks.amazonaws.com", "x.gr7.us-west-2.eks.amazonaws.com", false)]
    // Ports.
    [InlineData("a.com:80", "a.com", false)]
    [InlineData("a.com:443", "a.com", true)]
    [InlineData("a.com:443", "a.com:443", false)]
    [InlineData(".a.com:8080", "b.a.com:8080", false)]
    [InlineData("10.0.0.1:8080", "10.0.0.1:8080", false)]
    [InlineData("10.0.0.1:8080", "10.0.0.1", true)]
    [InlineData("[2001:db8::1]:8080", "[2001:db8::1]:8080", false)]
    [InlineData("[2001:db8::1]:8080", "[2001:db8::1]", true)]
    [InlineData(":80", "a.com", true)]
    // Addresses and networks.
    [InlineData("10.0.0.1", "10.0.0.1", false)]
    [InlineData("10.0.0.1", "10.0.0.2", true)]
    [InlineData("2001:db8::1", "[2001:db8:0::1]", false)]
    [InlineData("10.0.0.0/8", "10.9.8.7", false)]
    [InlineData("10.1.2.3/8", "10.9.8.7", false)]
    [InlineData("10.0.0.0/8", "11.0.0.1", true)]
    [InlineData("172.20.0.0/16,10.0.0.0/8", "172.20.0.1", false)]
    [InlineData("0.0.0.0/0", "11.0.0.1", false)]
    [InlineData("0.0.0.0/0", "a.com", true)]
    [InlineData("2001:db8::/32", "[2001:db8::5]", false)]
    [InlineData("10.0.0.0/33", "10.0.0.1", true)]
    [InlineData("10.0.0.0/x", "10.0.0.1", true)]
    [InlineData("10.1", "10.0.0.1", true)]
    // A name is not an address.
    [InlineData("0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "10.example.com", true)]
    public void Reads_the_exceptions(string noProxy, string authority, bool usesProxy)
    {
        var proxy = GoProxy.FromEnvironment(new Dictionary<string, string> { ["HTTP_PROXY"] = "http://p:1", ["NO_PROXY"] = noProxy });
        var url = new Uri("http://" + authority);

        Assert.Equal(usesProxy, proxy.GetProxy(url) is not null);
        Assert.Equal(!usesProxy, proxy.IsBypassed(url));
    }

    [Theory]
    [InlineData("HTTP_PROXY=ftp://p:1", "HTTP_PROXY")]
    [InlineData("https_proxy=http://", "")]
    [InlineData("https_proxy=://", "https_proxy")]
    [InlineData("https_proxy=http://a b", "https_proxy")]
    public void Names_a_variable_that_is_no_address(string variables, string name)
    {
        var proxy = GoProxy.FromEnvironment(Environment(variables));

        Assert.Equal(name, string.Concat(proxy.Unusable));
    }

    [Fact]
    public void Gives_the_credentials_of_the_address_and_never_shows_them()
    {
        var proxy = GoProxy.FromEnvironment(Environment("HTTPS_PROXY=http://joe:p%40ss@p:1;HTTP_PROXY=http://q:2"));

        Assert.Equal(("joe", "p@ss"), (Credential("http://p:1/")!.UserName, Credential("http://p:1/")!.Password));
        Assert.Null(Credential("http://q:2/"));
        Assert.Null(Credential("http://other:1/"));
        Assert.DoesNotContain("joe", proxy.GetProxy(new Uri("https://a.com"))!.AbsoluteUri);

        NetworkCredential? Credential(string uri) => proxy.Credentials!.GetCredential(new Uri(uri), "Basic");
    }

    [Theory]
    [InlineData("Basic", true)]
    [InlineData("socks5", true)] // what .NET asks for a SOCKS proxy
    [InlineData("Digest", false)]
    [InlineData("NTLM", false)]
    [InlineData("Negotiate", false)]
    public void Has_credentials_for_the_schemes_that_Go_programs_know(string scheme, bool has) =>
        Assert.Equal(has, GoProxy.FromEnvironment(Environment("HTTPS_PROXY=http://joe:pass@p:1")).GetCredential(new Uri("http://p:1/"), scheme) is not null);

    [Fact]
    public void Any_list_is_read_without_an_exception() =>
        Gen.String[Gen.Char["*.:/[]%,0123456789abc -"], 0, 40].Sample(list => NoProxyRules.Parse(list).UsesProxy("10.0.0.1", 80) || true, iter: 10_000);

    private static Dictionary<string, string> Environment(string variables) => variables.Split(';').Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
}
