using System.Net;
using EksNode.Configuration.Text;

namespace EksNode.Host.Http;

/// <summary>
/// Decides whether a request goes through a proxy by the rules that Go programs follow, so that eksnode, kubelet and containerd
/// decide alike: <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>NO_PROXY</c>, the upper-case form first, the first that is not empty.
/// </summary>
/// <remarks>Rules: package golang.org/x/net/http/httpproxy.</remarks>
public sealed class GoProxy : IWebProxy, ICredentials
{
    private readonly ProxyAddress? http;
    private readonly ProxyAddress? https;
    private readonly NoProxyRules exceptions;
    private readonly bool isCgi;

    private GoProxy(ProxyAddress? http, ProxyAddress? https, NoProxyRules exceptions, bool isCgi) =>
        (this.http, this.https, this.exceptions, this.isCgi) = (http, https, exceptions, isCgi);

    /// <summary>The names of variables whose value is no proxy address; they are ignored, as Go does.</summary>
    public IReadOnlyList<string> Unusable { get; private init; } = [];

    /// <summary>Reads the rules from an environment.</summary>
    public static GoProxy FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var unusable = new List<string>();
        var proxy = new GoProxy(
            Read(environment, "HTTP_PROXY", "http_proxy", unusable),
            Read(environment, "HTTPS_PROXY", "https_proxy", unusable),
            NoProxyRules.Parse(First(environment, "NO_PROXY", "no_proxy").Value),
            // In a CGI program HTTP_PROXY can come from a request's Proxy header: https://httpoxy.org.
            environment.TryGetValue("REQUEST_METHOD", out var method) && method.Length > 0)
        {
            Unusable = unusable,
        };
        return proxy;
    }

    /// <summary>Whether any request may go through a proxy.</summary>
    public bool IsConfigured => http is not null || https is not null;

    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException("Proxy credentials come from the proxy's address.");
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => For(destination)?.Address;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => For(host) is null;

    /// <inheritdoc/>
    public NetworkCredential? GetCredential(Uri uri, string authType)
    {
        // Go programs know no other scheme than Basic, and what these need is not in the executable (src/EksNode/substitutions.xml).
        if (authType is "Negotiate" or "NTLM" or "Digest")
        {
            return null;
        }

        foreach (var proxy in (ReadOnlySpan<ProxyAddress?>)[https, http])
        {
            if (proxy is { User: { } user } && proxy.Address.Authority == uri.Authority)
            {
                return new NetworkCredential(user.Reveal(), proxy.Password?.Reveal() ?? "");
            }
        }

        return null;
    }

    private ProxyAddress? For(Uri destination)
    {
        var proxy = destination.Scheme switch
        {
            "https" => https,
            // Go refuses such a request; a request without a proxy is no less safe, and no caller of ours is a CGI program.
            "http" => isCgi ? null : http,
            _ => null,
        };
        return proxy is not null && exceptions.UsesProxy(destination.IdnHost, destination.Port) ? proxy : null;
    }

    private static (string Name, string Value) First(IReadOnlyDictionary<string, string> environment, string upper, string lower)
    {
        if (environment.TryGetValue(upper, out var value) && value.Length > 0)
        {
            return (upper, value);
        }

        return environment.TryGetValue(lower, out value) ? (lower, value) : (upper, "");
    }

    private static ProxyAddress? Read(IReadOnlyDictionary<string, string> environment, string upper, string lower, List<string> unusable)
    {
        var (name, value) = First(environment, upper, lower);
        if (value.Length == 0)
        {
            return null;
        }

        var proxy = ProxyAddress.Parse(value);
        if (proxy is null)
        {
            unusable.Add(name);
        }

        return proxy;
    }

    private sealed record ProxyAddress(Uri Address, Secret? User, Secret? Password)
    {
        public static ProxyAddress? Parse(string value)
        {
            // Without a scheme, or when what looks like one has no host (`proxy:3128`), it is an http proxy.
            var separator = value.IndexOf("://", StringComparison.Ordinal);
            var text = separator > 0 && separator + 3 < value.Length ? value : "http://" + value;
            if (text.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase))
            {
                // .NET's socks5 leaves name resolution to the proxy, which is what the h asks for.
                text = "socks5://" + text["socks5h://".Length..];
            }

            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
                || uri.Host.Length == 0
                || uri.Scheme is not ("http" or "https" or "socks5"))
            {
                return null;
            }

            var address = new UriBuilder(uri.Scheme, uri.Host, uri.Port).Uri;
            if (uri.UserInfo.Length == 0)
            {
                return new ProxyAddress(address, null, null);
            }

            var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
            var user = colon < 0 ? uri.UserInfo : uri.UserInfo[..colon];
            var password = colon < 0 ? "" : uri.UserInfo[(colon + 1)..];
            return new ProxyAddress(address, new Secret(Uri.UnescapeDataString(user)), new Secret(Uri.UnescapeDataString(password)));
        }
    }
}
