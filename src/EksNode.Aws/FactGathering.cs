using System.Collections.Immutable;
using EksNode.Aws.Endpoints;
using EksNode.Aws.Imds;
using EksNode.Aws.Services;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Tasks;
using EksNode.Planning.Facts;

namespace EksNode.Aws;

/// <summary>Gathers the facts of one run: each from its first source that has it, and why when that was not the first.</summary>
internal sealed class FactGathering(
    AwsOptions options,
    AwsEnvironment environment,
    ImdsReads reads,
    AwsServices services,
    NodeConfig config,
    FactNeeds needs,
    Func<ImdsKey, Task<ImdsReading>> imds,
    DiagnosticBag bag)
{
    private const string Ec2 = "EC2 DescribeInstances";

    private readonly Dictionary<string, string> sources = new(StringComparer.Ordinal);

    public async Task<NodeFacts> RunAsync(NodeFacts soFar, CancellationToken cancellation)
    {
        var endpoint = config.Cluster.ApiServerEndpoint?.Value;
        var named = new NamedFacts(needs.Named, imds);
        var dns = needs.EndpointAddresses ? ResolveAsync(endpoint, cancellation) : null;
        var vpc = needs.VpcCidrs ? Task.WhenAll(VpcAsync("ipv4", cancellation), VpcAsync("ipv6", cancellation)) : null;
        var identityReading = await reads.Identity.WithinAsync(cancellation).ConfigureAwait(false);
        var identity = identityReading is ImdsValue document ? ImdsText.Identity(document.Bytes) : null;
        var id = identity is null ? IdOfHost(identityReading) : Take("instance.id", "IMDS", identity.InstanceId);
        var region = RegionOf(identity, identityReading);
        var callRegion = environment.Region ?? region;

        var instance = needs.PrivateDnsName || identity is null ? Describe(id, callRegion, needs.PrivateDnsName, cancellation) : null;
        var cluster = needs.ClusterDetails ? DescribeCluster(callRegion, cancellation) : null;
        var type = identity is null ? null : DescribeType(identity.InstanceType, callRegion, cancellation);

        var mac = await reads.Mac.WithinAsync(cancellation).ConfigureAwait(false);
        var ipv4 = await reads.Ipv4.WithinAsync(cancellation).ConfigureAwait(false);
        var ipv6 = await reads.Ipv6.WithinAsync(cancellation).ConfigureAwait(false);
        var hasNoAddress = ipv4 is ImdsAbsent && ipv6 is ImdsAbsent;
        if (mac is ImdsFailure || ipv4 is ImdsFailure || ipv6 is ImdsFailure || hasNoAddress)
        {
            instance ??= Describe(id, callRegion, needsName: false, cancellation);
        }

        var described = instance is null ? null : await instance.ConfigureAwait(false);
        var facts = Merge(soFar.Instance with { Id = id, Region = region }, identity, described?.Value, identityReading, mac, ipv4, ipv6);
        if (identity is null && facts.Type is { } lateType)
        {
            type = DescribeType(lateType, callRegion, cancellation);
        }

        if (vpc is not null)
        {
            facts = facts with { VpcCidrs = Networks(await vpc.ConfigureAwait(false)) };
        }

        facts = await named.AddToAsync(facts, sources, bag).ConfigureAwait(false);
        ReportImds(facts, described, [identityReading, mac, ipv4, ipv6]);
        var clusterFacts = cluster is null ? soFar.Cluster : await ClusterOf(cluster, soFar.Cluster).ConfigureAwait(false);
        if (endpoint is null || dns is null)
        {
            // EKS may have told where the API server is, or that this is an Outpost.
            var onOutpost = needs.EndpointAddresses || (config.Cluster.EnableOutpost is null && clusterFacts.OnOutpost == true);
            dns = onOutpost ? ResolveAsync(endpoint ?? clusterFacts.Endpoint, cancellation) : null;
        }

        clusterFacts = await AddressesOf(dns, clusterFacts).ConfigureAwait(false);
        var typeFacts = type is null ? soFar.InstanceType : await TypeOf(type, facts.Type).ConfigureAwait(false) ?? soFar.InstanceType;
        ReportClock();
        return soFar with
        {
            Instance = facts,
            InstanceType = typeFacts,
            Cluster = clusterFacts,
            Sources = soFar.Sources.With(sources),
        };
    }

    private static string Reason(ImdsReading reading) => reading is ImdsFailure failure ? failure.Reason : "HTTP 404";

    private T? Take<T>(string fact, string source, T? value)
        where T : class
    {
        if (value is not null)
        {
            sources[fact] = source;
        }

        return value;
    }

    private string? IdOfHost(ImdsReading reading)
    {
        foreach (var path in (ReadOnlySpan<string>)["/sys/class/dmi/id/board_asset_tag", "/var/lib/cloud/data/instance-id"])
        {
            if (options.ReadHostFile(path)?.Trim() is { } text && IsInstanceId(text))
            {
                return Take("instance.id", $"{path} (IMDS: {Reason(reading)})", text);
            }
        }

        return null;
    }

    private static bool IsInstanceId(string text) =>
        text.Length > 2 && text.StartsWith("i-", StringComparison.Ordinal) && text.Skip(2).All(char.IsAsciiHexDigitLower);

    private string? RegionOf(ImdsIdentity? identity, ImdsReading reading)
    {
        if (identity is not null)
        {
            return Take("instance.region", "IMDS", identity.Region);
        }

        var variable = environment["AWS_REGION"] is null ? "AWS_DEFAULT_REGION" : "AWS_REGION";
        var ofHost = config.Cluster.ApiServerEndpoint is { } endpoint && Uri.TryCreate(endpoint.Value, UriKind.Absolute, out var uri)
            ? AwsEndpoints.RegionOfHost(uri.Host)
            : null;
        return Take("instance.region", $"{variable} (IMDS: {Reason(reading)})", environment.Region)
            ?? Take("instance.region", $"host name of spec.cluster.apiServerEndpoint (IMDS: {Reason(reading)})", ofHost);
    }

    // They belong to the interface, whose address is asked for with everything else.
    private async Task<ImdsReading> VpcAsync(string family, CancellationToken cancellation) =>
        await reads.Mac.WithinAsync(cancellation).ConfigureAwait(false) is ImdsValue value && ImdsText.Mac(value.Bytes) is { } mac
            ? await imds(ImdsKey.VpcCidrs(mac, family)).ConfigureAwait(false)
            : new ImdsAbsent(); // why the MAC address is missing is reported with the other facts

    // A node joins without them: what is in the VPC then goes through the proxy.
    private ImmutableArray<string> Networks(ImdsReading[] readings)
    {
        var networks = new List<string>();
        foreach (var reading in readings)
        {
            if (reading is ImdsValue value)
            {
                networks.AddRange(ImdsText.Cidrs(value.Bytes) ?? []);
            }
            else if (reading is ImdsFailure failure)
            {
                bag.Add(failure.Diagnostic with { Severity = Severity.Warning });
            }
        }

        sources["instance.vpcCidrs"] = "IMDS";
        return networks.ToImmutable();
    }

    private Task<Outcome<DescribedInstance>> Describe(string? id, string? region, bool needsName, CancellationToken cancellation)
    {
        if (id is null)
        {
            return Missing<DescribedInstance>(
                DiagnosticCatalogue.InstanceIdUnknown,
                $"{Ec2} is not called: neither IMDS nor /sys/class/dmi/id/board_asset_tag nor /var/lib/cloud/data/instance-id "
                + "tells the instance id.",
                "Make IMDS reachable.");
        }

        return region is null
            ? NoRegion<DescribedInstance>(Ec2)
            : TryAsync(() => services.Ec2(region).DescribeInstanceAsync(id, needsName, cancellation));
    }

    private Task<Outcome<ClusterFacts>> DescribeCluster(string? region, CancellationToken cancellation) =>
        region is null
            ? NoRegion<ClusterFacts>("EKS DescribeCluster")
            : TryAsync(() => services.Eks(region).DescribeClusterAsync(config.Cluster.Name?.Value ?? "", cancellation));

    private Task<Outcome<InstanceTypeFacts>>? DescribeType(string type, string? region, CancellationToken cancellation) =>
        options.KnowsInstanceType(type) || region is null
            ? null
            : TryAsync(() => services.Ec2(region).DescribeInstanceTypeAsync(type, cancellation));

    private static Task<Outcome<T>> NoRegion<T>(string call)
        where T : class => Missing<T>(
            DiagnosticCatalogue.RegionUnknown,
            $"{call} is not called: neither AWS_REGION nor IMDS nor the host name of spec.cluster.apiServerEndpoint tells the region.",
            "Set AWS_REGION, or make IMDS reachable.");

    private static Task<Outcome<T>> Missing<T>(DiagnosticDescriptor descriptor, string message, string help)
        where T : class =>
        Task.FromResult(new Outcome<T>(null, new Diagnostic(descriptor.Code, descriptor.Severity, message, help)));

    private static async Task<Outcome<T>> TryAsync<T>(Func<Task<T>> call)
        where T : class
    {
        try
        {
            return new Outcome<T>(await call().ConfigureAwait(false), null);
        }
        catch (DiagnosticException e)
        {
            return new Outcome<T>(null, e.Diagnostic);
        }
    }

    private InstanceFacts Merge(
        InstanceFacts facts,
        ImdsIdentity? identity,
        DescribedInstance? described,
        ImdsReading identityReading,
        ImdsReading mac,
        ImdsReading ipv4,
        ImdsReading ipv6)
    {
        string? First(string fact, string? first, string? second, ImdsReading reading) =>
            Take(fact, "IMDS", first) ?? Take(fact, $"{Ec2} (IMDS: {Reason(reading)})", second);

        var addresses = ipv6 is ImdsValue value ? ImdsText.Ipv6s(value.Bytes) : ipv6 is ImdsAbsent ? [] : null;
        if (addresses is not null)
        {
            sources["instance.ipv6"] = "IMDS";
        }
        else if (described is not null)
        {
            addresses = described.Ipv6;
            sources["instance.ipv6"] = $"{Ec2} (IMDS: {Reason(ipv6)})";
        }

        return facts with
        {
            Type = First("instance.type", identity?.InstanceType, described?.Type, identityReading),
            AvailabilityZone = First("instance.availabilityZone", identity?.AvailabilityZone, described?.AvailabilityZone, identityReading),
            Mac = First("instance.mac", mac is ImdsValue m ? ImdsText.Mac(m.Bytes) : null, described?.Mac, mac),
            LocalIpv4 = First("instance.localIpv4", ipv4 is ImdsValue a ? ImdsText.Ipv4(a.Bytes) : null, described?.PrivateIpv4, ipv4),
            Ipv6 = addresses ?? [],
            PrivateDnsName = needs.PrivateDnsName ? Take("instance.privateDnsName", Ec2, described?.PrivateDnsName) : facts.PrivateDnsName,
        };
    }

    // What IMDS did not give and EC2 did is a warning; what neither gave is an error with both reasons.
    private void ReportImds(InstanceFacts facts, Outcome<DescribedInstance>? described, ReadOnlySpan<ImdsReading> readings)
    {
        var isComplete = facts is { Id: not null, Type: not null, Region: not null, AvailabilityZone: not null };
        var isNamed = !needs.PrivateDnsName || facts.PrivateDnsName is not null;
        foreach (var reading in readings)
        {
            if (reading is not ImdsFailure failure)
            {
                continue;
            }

            if (described?.Value is null)
            {
                bag.Add(isComplete ? failure.Diagnostic with { Severity = Severity.Warning } : failure.Diagnostic);
                continue;
            }

            bag.Report(
                DiagnosticCatalogue.ImdsReplaced,
                $"Facts of the instance came from {Ec2}: {failure.Diagnostic.Message.TrimEnd('.')}.",
                failure.Diagnostic.Help);
        }

        if (described?.Failure is { } refused)
        {
            bag.Add(isComplete && isNamed ? refused with { Severity = Severity.Warning } : refused);
        }
    }

    private async Task<ClusterFacts> ClusterOf(Task<Outcome<ClusterFacts>> asked, ClusterFacts soFar)
    {
        var (found, failure) = await asked.ConfigureAwait(false);
        if (failure is not null)
        {
            bag.Add(failure);
        }

        if (found is null)
        {
            return soFar;
        }

        const string Source = "EKS DescribeCluster";
        return found with
        {
            Endpoint = Take("cluster.endpoint", Source, found.Endpoint),
            CertificateAuthority = Take("cluster.certificateAuthority", Source, found.CertificateAuthority),
            ServiceCidr = Take("cluster.serviceCidr", Source, found.ServiceCidr),
            Id = Take("cluster.id", Source, found.Id),
        };
    }

    private async Task<InstanceTypeFacts?> TypeOf(Task<Outcome<InstanceTypeFacts>> asked, string? type)
    {
        var (found, failure) = await asked.ConfigureAwait(false);
        if (failure is not null)
        {
            bag.Report(
                DiagnosticCatalogue.InstanceTypeNotDescribed,
                $"The limits of instance type {type} are not in the catalog, and {failure.Message.TrimEnd('.')}.",
                "Set spec.kubelet.config.maxPods, or allow ec2:DescribeInstanceTypes to the node role, or use a newer eksnode.");
        }

        return Take("instanceType", "EC2 DescribeInstanceTypes (not in the catalog)", found);
    }

    private async Task<DnsResult?> ResolveAsync(string? endpoint, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri))
        {
            return null;
        }

        // systemd-resolved's own list of servers first: its stub, which resolv.conf may name, reads /etc/hosts.
        var resolvConf = options.ReadHostFile("/run/systemd/resolve/resolv.conf") ?? options.ReadHostFile("/etc/resolv.conf");
        var servers = options.Dns.Servers.IsEmpty ? DnsResolver.ServersOf(resolvConf ?? "") : options.Dns.Servers;
        var resolver = new DnsResolver(options.Dns with { Servers = servers }, options.Clock, options.Random);
        return await resolver.ResolveAsync(uri.IdnHost, cancellation).ConfigureAwait(false);
    }

    private async Task<ClusterFacts> AddressesOf(Task<DnsResult?>? asked, ClusterFacts cluster)
    {
        if (asked is null || await asked.ConfigureAwait(false) is not { } result)
        {
            return cluster;
        }

        sources["cluster.endpointAddresses"] = "DNS";
        return cluster with { EndpointAddresses = result.Addresses, EndpointUnresolved = result.Failure };
    }

    private void ReportClock()
    {
        if (services.Skew != TimeSpan.Zero)
        {
            bag.Report(
                DiagnosticCatalogue.ClockWrong,
                $"The clock of this host is {AwsExplanations.Describe(services.Skew)} AWS's; requests were signed with the corrected time.",
                "Check chronyd: certificates and tokens depend on the clock.");
        }
    }

    private sealed record Outcome<T>(T? Value, Diagnostic? Failure)
        where T : class;
}
