using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Cluster;

/// <summary>
/// The API server's addresses in the hosts file, for a local cluster on an Outpost: its DNS is in the region, and a rack that is
/// disconnected must still reach it. The addresses come from DNS, never from the hosts file itself.
/// </summary>
public sealed class HostsEntryComponent : IComponent
{
    private const string AddressesFact = "cluster.endpointAddresses";

    /// <inheritdoc/>
    public string Name => "hosts-entry";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var decisions = context.Decisions;
        if (!decisions.OnOutpost.Value || HostName(decisions.ApiServerEndpoint.Value) is not { } host)
        {
            yield break;
        }

        var cluster = context.Facts.Cluster;
        if (cluster.EndpointAddresses.IsEmpty)
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.EndpointUnresolved,
                $"DNS gives no address for the API server's host {host}{(cluster.EndpointUnresolved is { } why ? $": {why.TrimEnd('.')}" : "")}.",
                $"An entry for it that is in {NodePaths.Hosts} stays as it is; run join again when DNS answers.",
                decisions.ApiServerEndpoint.Origin,
                "spec.cluster.apiServerEndpoint");
        }

        var addresses = Addresses(cluster.EndpointAddresses, context.Diagnostics);
        yield return new HostsEntryResource
        {
            Path = NodePaths.Hosts,
            HostName = host,
            Addresses = addresses,
            Reasons =
            [
                new Reason(
                    AddressesFact,
                    string.Join(' ', addresses),
                    Origin.Fact(AddressesFact, "from DNS; a disconnected Outpost reaches the API server by the hosts file")),
            ],
        };
    }

    // Sorted, each once. What is no address adds no line to the hosts file.
    private static ImmutableArray<string> Addresses(ImmutableArray<string> facts, DiagnosticBag diagnostics)
    {
        List<string> addresses = [];
        foreach (var text in facts)
        {
            if (IpLiteral.Parse(text).TryGet(out var address, out var problem))
            {
                addresses.Add(address.ToString());
            }
            else
            {
                diagnostics.Report(
                    DiagnosticCatalogue.FactMalformed,
                    problem.Message,
                    $"Correct `{AddressesFact}` in the facts file.",
                    Origin.Fact(AddressesFact),
                    AddressesFact);
            }
        }

        return [.. addresses.Distinct().Order(StringComparer.Ordinal)];
    }

    // Null for an address, which needs no entry.
    private static string? HostName(string endpoint) =>
        ApiServerUrl.Parse(endpoint).TryGet(out var url, out _) && !IpLiteral.Parse(url.Host).IsValid ? url.Host : null;
}
