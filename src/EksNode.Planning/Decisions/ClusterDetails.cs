using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>The cluster that the node joins: what the configuration says, and for what it leaves out, what EKS says.</summary>
/// <param name="NameOrId">What <c>--cluster-name</c> gets: the name, or the id of a local cluster on an Outpost.</param>
/// <param name="Endpoint">The API server's URL.</param>
/// <param name="CertificateAuthority">The certificate authority's bytes.</param>
/// <param name="Services">The network of the services.</param>
/// <param name="OnOutpost">Whether it is a local cluster on an Outpost.</param>
internal sealed record ClusterDetails(
    Sourced<string> NameOrId,
    Sourced<string> Endpoint,
    Sourced<ImmutableArray<byte>> CertificateAuthority,
    Sourced<ServiceNetwork> Services,
    Sourced<bool> OnOutpost)
{
    /// <summary>The details; null, and a diagnostic for each that nothing gives, when not all of them are there.</summary>
    public static ClusterDetails? Decide(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        var settings = config.Cluster;
        var onOutpost = Outpost(settings, facts);
        NodeConfigRules.CheckRequired(config, diagnostics, Known(facts.Cluster));
        var id = settings.Id ?? Fact(facts, "cluster.id", facts.Cluster.Id);
        if (id is null && settings.EnableOutpost is null && onOutpost.Value)
        {
            facts.Required("cluster.id", null, "a local cluster on an Outpost goes by its id", diagnostics);
        }

        var endpoint = EndpointOf(settings, facts, diagnostics);
        var authority = AuthorityOf(settings, facts, diagnostics);
        var services = Network(settings, facts, diagnostics);
        var nameOrId = onOutpost.Value ? id : settings.Name;
        return settings.Name is null || nameOrId is null || endpoint is null || authority is null || services is null
            ? null
            : new ClusterDetails(nameOrId, endpoint, authority, services, onOutpost);
    }

    private static Sourced<bool> Outpost(ClusterSettings settings, NodeFacts facts) =>
        settings.EnableOutpost
        ?? (facts.Cluster.OnOutpost is { } told
            ? new Sourced<bool>(told, facts.OriginOf("cluster.onOutpost"))
            : new Sourced<bool>(false, Origin.Default("clusters are in a region unless `spec.cluster.enableOutpost` says otherwise")));

    private static Sourced<string>? EndpointOf(ClusterSettings settings, NodeFacts facts, DiagnosticBag diagnostics)
    {
        if (settings.ApiServerEndpoint is not null)
        {
            return settings.ApiServerEndpoint;
        }

        if (Fact(facts, "cluster.endpoint", facts.Cluster.Endpoint) is not { } fact)
        {
            return null;
        }

        if (ApiServerUrl.Parse(fact.Value).TryGet(out _, out var problem))
        {
            return fact;
        }

        Malformed(facts, "cluster.endpoint", problem, "apiServerEndpoint", diagnostics);
        return null;
    }

    private static Sourced<ImmutableArray<byte>>? AuthorityOf(ClusterSettings settings, NodeFacts facts, DiagnosticBag diagnostics)
    {
        if (settings.CertificateAuthority is not null)
        {
            return settings.CertificateAuthority;
        }

        if (Fact(facts, "cluster.certificateAuthority", facts.Cluster.CertificateAuthority) is not { } fact)
        {
            return null;
        }

        if (Base64Text.Parse(fact.Value).TryGet(out var bytes, out var problem) && CertificateBundle.Parse(bytes.AsSpan()).TryGet(out _, out problem))
        {
            return new Sourced<ImmutableArray<byte>>(bytes, fact.Origin);
        }

        Malformed(facts, "cluster.certificateAuthority", problem!, "certificateAuthority", diagnostics);
        return null;
    }

    private static Sourced<ServiceNetwork>? Network(ClusterSettings settings, NodeFacts facts, DiagnosticBag diagnostics)
    {
        if ((settings.Cidr ?? Fact(facts, "cluster.serviceCidr", facts.Cluster.ServiceCidr)) is not { } text)
        {
            return null;
        }

        if (Cidr.Parse(text.Value).TryGet(out var cidr, out var problem))
        {
            return new Sourced<ServiceNetwork>(new ServiceNetwork(text.Value[..text.Value.IndexOf('/', StringComparison.Ordinal)], cidr), text.Origin);
        }

        Malformed(facts, "cluster.serviceCidr", problem, "cidr", diagnostics);
        return null;
    }

    private static Sourced<string>? Fact(NodeFacts facts, string name, string? value) =>
        string.IsNullOrEmpty(value) ? null : new Sourced<string>(value, facts.OriginOf(name));

    private static KnownClusterDetails Known(ClusterFacts facts) => new(
        ApiServerEndpoint: !string.IsNullOrEmpty(facts.Endpoint),
        CertificateAuthority: !string.IsNullOrEmpty(facts.CertificateAuthority),
        Cidr: !string.IsNullOrEmpty(facts.ServiceCidr),
        Id: !string.IsNullOrEmpty(facts.Id));

    private static void Malformed(NodeFacts facts, string fact, ValueProblem problem, string setting, DiagnosticBag diagnostics) =>
        diagnostics.Report(
            DiagnosticCatalogue.FactMalformed,
            problem.Message,
            $"Correct `{fact}` in the facts file, or set `spec.cluster.{setting}`.",
            facts.OriginOf(fact),
            fact);
}
