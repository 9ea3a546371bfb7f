using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;

namespace EksNode.Host.Imaging;

/// <summary>The proxy of a build, as the variables that its programs read: Go programs and apt know one form, libcurl of dnf the other.</summary>
public static class BuildProxy
{
    /// <summary>The variables, each in upper and lower case. What the document does not say is that of the environment.</summary>
    /// <param name="settings"><c>spec.proxy</c> of the document.</param>
    /// <param name="environment">The environment of eksnode.</param>
    public static ImmutableArray<string> Variables(ProxySettings settings, IReadOnlyDictionary<string, string> environment)
    {
        var variables = new List<string>();
        Add("HTTP_PROXY", "http_proxy", settings.Http?.Value.Reveal());
        Add("HTTPS_PROXY", "https_proxy", settings.Https?.Value.Reveal());
        Add("NO_PROXY", "no_proxy", settings.NoProxy is { } exceptions ? string.Join(',', exceptions.Value) : null);
        return variables.ToImmutable();

        void Add(string upper, string lower, string? own)
        {
            if ((own ?? Of(upper) ?? Of(lower)) is { Length: > 0 } value)
            {
                variables.Add($"{upper}={value}");
                variables.Add($"{lower}={value}");
            }
        }

        string? Of(string name) => environment.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }
}
