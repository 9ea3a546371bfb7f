using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks endpoints of gRPC services as the kubelet parses them.</summary>
internal static class KubeletEndpoints
{
    private static readonly string[] TracingSchemes = ["dns", "unix", "unix-abstract", "ipv4", "ipv6"];

    /// <summary>Checks one endpoint.</summary>
    /// <param name="kind"><c>runtime-endpoint</c>: a socket's path or URL; <c>tracing-endpoint</c>: a host and port, or a URL.</param>
    /// <param name="scalar">The endpoint.</param>
    /// <param name="run">The run.</param>
    /// <param name="path">Its setting.</param>
    public static void Check(string kind, TreeScalar scalar, KubeletRun run, string path)
    {
        var text = scalar.Text;
        if (text.Length == 0)
        {
            return;
        }

        var isRuntime = kind == "runtime-endpoint";
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var scheme = isRuntime
            ? colon > 0 && text[..colon].All(char.IsAsciiLetterOrDigit) ? text[..colon].ToLowerInvariant() : ""
            : colon > 0 && text.AsSpan(colon).StartsWith("://") ? text[..colon].ToLowerInvariant() : "";
        var good = isRuntime ? scheme is "" or "unix" : scheme.Length > 0 ? TracingSchemes.Contains(scheme) : HasPort(text);
        if (!good || HasBadCharacter(text))
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldValue,
                $"`{path}` is {Quoted.Text(text)}: the kubelet refuses it.",
                isRuntime ? "Write the path of a socket, as in `unix:///run/containerd/containerd.sock`." : "Write a host and its port, as in `localhost:4317`.",
                scalar.Origin,
                path);
        }
    }

    // What stands behind the last colon of a host is a port; an address of IPv6 is in brackets, and a path ends the host.
    private static bool HasPort(string text)
    {
        var end = text.IndexOfAny(['/', '?', '#']);
        var host = end < 0 ? text : text[..end];
        if (host.StartsWith("ipv4:", StringComparison.Ordinal) || host.StartsWith("ipv6:", StringComparison.Ordinal))
        {
            return true;
        }

        var bracket = host.LastIndexOf(']');
        var colon = host.IndexOf(':', bracket + 1);
        return colon < 0 || host.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static bool HasBadCharacter(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] <= ' ' || (text[i] == '%' && !(i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))))
            {
                return true;
            }
        }

        return false;
    }
}
