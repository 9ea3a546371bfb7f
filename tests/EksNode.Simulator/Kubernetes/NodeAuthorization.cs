using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EksNode.Simulation.Kubernetes;

/// <summary>One access to the API.</summary>
internal sealed record Access(string User, string Method, string Collection, string? Name, string? Subresource, JsonObject? Body);

/// <summary>
/// What a node may do: the rules of the Node authorizer, of the NodeRestriction admission controller, and of the signer
/// kubernetes.io/kubelet-serving, from their documentation.
/// </summary>
internal static class NodeAuthorization
{
    private const string Prefix = "system:node:";
    private const string ServingSigner = "kubernetes.io/kubelet-serving";

    private static readonly ImmutableHashSet<string> ServingUsages = ["digital signature", "key encipherment", "server auth"];

    // NodeRestriction: a kubelet sets no other labels of these namespaces on itself.
    private static readonly ImmutableArray<string> AllowedPrefixes = ["node.kubernetes.io/", "kubelet.kubernetes.io/"];

    private static readonly ImmutableHashSet<string> AllowedLabels =
    [
        "kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "beta.kubernetes.io/arch", "beta.kubernetes.io/os",
        "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type", "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.kubernetes.io/region", "failure-domain.kubernetes.io/zone",
        "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
    ];

    /// <summary>Why the access is refused; null when it is not.</summary>
    public static string? Refusal(Access access)
    {
        if (access.User == Authenticator.Administrator)
        {
            return null;
        }

        if (!access.User.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return $"User \"{access.User}\" has no rights here";
        }

        var node = access.User[Prefix.Length..];
        return access.Collection switch
        {
            KubernetesApi.Nodes => access.Name != node && access.Method != "GET" ? $"node \"{node}\" is not allowed to modify node \"{access.Name}\"" : ForbiddenLabel(access),
            KubernetesApi.Leases => access.Name != node ? $"node \"{node}\" may only access its own lease" : null,
            _ => RequestRefusal(access),
        };
    }

    private static string? ForbiddenLabel(Access access)
    {
        foreach (var (label, _) in access.Body?["metadata"]?["labels"] as JsonObject ?? [])
        {
            var space = label.Split('/') is [var left, _] ? left : "";
            var restricted = space is "kubernetes.io" or "k8s.io" || space.EndsWith(".kubernetes.io", StringComparison.Ordinal) || space.EndsWith(".k8s.io", StringComparison.Ordinal);
            if (restricted && !AllowedLabels.Contains(label) && !AllowedPrefixes.Any(prefix => label.StartsWith(prefix, StringComparison.Ordinal)))
            {
                return $"is not allowed to set the following labels: {label}";
            }
        }

        return null;
    }

    private static string? RequestRefusal(Access access)
    {
        if (access.Method == "GET")
        {
            return null;
        }

        if (access.Method != "POST" || access.Subresource is not null)
        {
            return "a node may create and read certificate signing requests, and not approve them";
        }

        var spec = access.Body?["spec"];
        if (spec?["signerName"]?.GetValue<string>() != ServingSigner)
        {
            return $"this cluster signs {ServingSigner} only";
        }

        var usages = (spec["usages"] as JsonArray)?.Select(usage => usage?.GetValue<string>() ?? "").ToList() ?? [];
        if (!usages.Contains("server auth") || !usages.Contains("digital signature") || usages.Any(usage => !ServingUsages.Contains(usage)))
        {
            return $"the usages {string.Join(", ", usages)} are not those of a kubelet's serving certificate";
        }

        try
        {
            var request = ClusterAuthority.Read(Encoding.ASCII.GetString(Convert.FromBase64String(spec["request"]?.GetValue<string>() ?? "")));
            var subject = request.SubjectName.EnumerateRelativeDistinguishedNames().ToDictionary(name => name.GetSingleElementType().Value!, name => name.GetSingleElementValue());
            return subject.GetValueOrDefault("2.5.4.3") != access.User ? $"the common name is not {access.User}"
                : subject.GetValueOrDefault("2.5.4.10") != "system:nodes" ? "the organization is not system:nodes"
                : ClusterAuthority.NamesOf(request) is null ? "the request has no subject alternative name"
                : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return $"the request cannot be read: {exception.Message}";
        }
    }
}
