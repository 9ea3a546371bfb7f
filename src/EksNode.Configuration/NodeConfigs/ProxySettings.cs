using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary><c>spec.proxy</c>: the proxy of everything on the node that talks to the world; of an ImageConfig, that of the build.</summary>
public sealed class ProxySettings
{
    /// <summary>The proxy of requests to <c>http://</c> addresses; its URL may hold a password.</summary>
    public Sourced<Secret>? Http { get; init; }

    /// <summary>The proxy of requests to <c>https://</c> addresses; its URL may hold a password.</summary>
    public Sourced<Secret>? Https { get; init; }

    /// <summary>Who is reached without the proxy, beside those that eksnode adds; null: nobody.</summary>
    public Sourced<ImmutableArray<string>>? NoProxy { get; init; }

    /// <summary>Whether there is a proxy.</summary>
    public bool IsSet => Http is not null || Https is not null;

    /// <summary>The earlier settings with the later ones laid over them, each by itself.</summary>
    /// <param name="earlier">The earlier ones.</param>
    /// <param name="later">The later ones.</param>
    internal static ProxySettings Merge(ProxySettings earlier, ProxySettings later) => new()
    {
        Http = later.Http ?? earlier.Http,
        Https = later.Https ?? earlier.Https,
        NoProxy = later.NoProxy ?? earlier.NoProxy,
    };
}
