using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Aws.Services;

/// <summary>The call of EKS that a node needs.</summary>
internal sealed class EksClient(AwsCaller caller)
{
    /// <summary>Describes a cluster; waits while it is being created and has no API server yet.</summary>
    /// <exception cref="DiagnosticException">The call failed, or the cluster has no API server.</exception>
    public async Task<ClusterFacts> DescribeClusterAsync(string name, CancellationToken cancellation)
    {
        var deadline = caller.NewDeadline();
        var operation = new AwsOperation { Service = "eks", Name = "DescribeCluster", Method = HttpMethod.Get, Path = "/clusters/" + name };
        for (var attempt = 1; ; attempt++)
        {
            var found = await caller.CallAsync(operation, Read, deadline, cancellation).ConfigureAwait(false);
            if (found.Facts.Endpoint is not null && found.Facts.CertificateAuthority is not null)
            {
                return found.Facts;
            }

            var wait = caller.Backoff.Delay(attempt);
            if (found.Status != "CREATING" || wait >= deadline.Left)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ClusterNotReady,
                    $"{operation}: cluster {name} has status {found.Status} and no API server endpoint.",
                    "Start nodes when the cluster is ACTIVE.");
            }

            await Task.Delay(wait, deadline.Clock, cancellation).ConfigureAwait(false);
        }
    }

    private static DescribedCluster? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (Child(document.RootElement, "cluster") is not { ValueKind: JsonValueKind.Object } cluster
                || Text(cluster, "status") is not { } status)
            {
                return null;
            }

            var network = Child(cluster, "kubernetesNetworkConfig");
            var isIpv6 = Text(network, "ipFamily") == "ipv6";
            return new DescribedCluster(status, new ClusterFacts
            {
                Endpoint = Text(cluster, "endpoint"),
                CertificateAuthority = Text(Child(cluster, "certificateAuthority"), "data"),
                ServiceCidr = Text(network, isIpv6 ? "serviceIpv6Cidr" : "serviceIpv4Cidr"),
                Id = Text(cluster, "id"),
                OnOutpost = Child(cluster, "outpostConfig") is { ValueKind: JsonValueKind.Object },
            });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) ? child : null;

    private static string? Text(JsonElement? parent, string name) =>
        Child(parent, name) is { ValueKind: JsonValueKind.String } child && child.GetString() is { Length: > 0 } text ? text : null;

    private sealed record DescribedCluster(string Status, ClusterFacts Facts);
}
