using EksNode.Configuration.Collections;
using System.Net;
using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;
using EksNode.Simulation;

namespace EksNode.Aws.Tests;

public sealed class FactSourceTests
{
    private const string Ec2 = "EC2 DescribeInstances";

    [Fact]
    public async Task Learns_the_instance_from_imds_and_its_name_from_ec2()
    {
        await using var node = await SimulatedFacts.StartAsync();

        var run = await node.RunAsync(SimulatedFacts.Config());

        Assert.Empty(run.Diagnostics);
        Assert.Equal("hello", Encoding.UTF8.GetString(run.UserData!));
        var instance = run.Facts.Instance;
        Assert.Equal(("i-0abc123def4567890", "m6i.large", "us-west-2", "us-west-2a"), (instance.Id, instance.Type, instance.Region, instance.AvailabilityZone));
        Assert.Equal(("06:5f:2b:8c:1d:3e", "10.0.12.34"), (instance.Mac, instance.LocalIpv4));
        Assert.Equal(["2001:db8::1", "2001:db8::2"], instance.Ipv6);
        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", instance.PrivateDnsName);
        Assert.Equal(Ec2, run.Facts.SourceOf("instance.privateDnsName"));
        foreach (var fact in (string[])["id", "type", "region", "availabilityZone", "mac", "localIpv4", "ipv6"])
        {
            Assert.Equal("IMDS", run.Facts.SourceOf("instance." + fact));
        }
    }

    [Fact]
    public async Task Makes_no_aws_call_when_the_node_name_is_the_instance_id_and_the_cluster_is_known()
    {
        await using var node = await SimulatedFacts.StartAsync();

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true));

        Assert.Empty(run.Diagnostics);
        Assert.Empty(node.Simulator.Calls.Aws);
        Assert.Equal(0, node.Simulator.Calls.Count("imds:credentials"));
        Assert.Null(run.Facts.Instance.PrivateDnsName);
    }

    [Fact]
    public async Task Asks_for_tags_lifecycle_and_placement_when_a_template_names_them()
    {
        var options = SimulatedFacts.Healthy with
        {
            Lifecycle = "spot",
            PlacementGroup = "training",
            PlacementPartition = 3,
            TagsInMetadata = true,
            Tags = SimulatedFacts.Healthy.Tags.Add("team", "storage").Add("aws:autoscaling:groupName", "workers").Add("other", "x"),
        };
        await using var node = await SimulatedFacts.StartAsync(options, "imds:*=delay:100*");

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true) with
        {
            Labels = Labels("${instance.tags.team}-${instance.lifecycle}", "${instance.placementGroup}-${instance.partition}", "${instance.tags.aws:autoscaling:groupName}", "${instance.tags.none:-x}"),
        });

        Assert.Empty(run.Diagnostics);
        var instance = run.Facts.Instance;
        Assert.Equal(("spot", "training", 3), (instance.Lifecycle, instance.PlacementGroup, instance.Partition));
        Assert.Equal("aws:autoscaling:groupName=workers,team=storage", string.Join(',', instance.Tags.Select(t => $"{t.Key}={t.Value}")));
        Assert.Equal("IMDS", run.Facts.SourceOf("instance.tags.team"));
        Assert.InRange(node.Simulator.Calls.SequentialRoundTrips("imds:"), 2, 3);
    }

    [Fact]
    public async Task Asks_for_no_tag_when_no_template_names_one_and_none_is_there_without_the_launch_option()
    {
        var options = SimulatedFacts.Healthy with { Tags = SimulatedFacts.Healthy.Tags.Add("team", "storage"), Lifecycle = "spot" };
        await using var node = await SimulatedFacts.StartAsync(options);

        var plain = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true) with { Labels = Labels("${instance.type}") });
        Assert.Null(plain.Facts.Instance.Lifecycle);
        Assert.DoesNotContain(node.Simulator.Calls.All, c => c.ToString().Contains("tags/", StringComparison.Ordinal));

        var asked = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true) with { Labels = Labels("${instance.tags.team}") });
        Assert.Empty(asked.Facts.Instance.Tags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Waits_for_three_round_trips_of_imds_at_most(bool instanceIdName)
    {
        await using var node = await SimulatedFacts.StartAsync(null, "imds:*=delay:200*");

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: instanceIdName));

        Assert.Empty(run.Diagnostics);
        Assert.InRange(node.Simulator.Calls.SequentialRoundTrips("imds:"), 2, 3);
    }

    [Fact]
    public async Task Describes_the_cluster_when_the_configuration_only_names_it()
    {
        await using var node = await SimulatedFacts.StartAsync();

        var run = await node.RunAsync(SimulatedFacts.Config("demo"));

        Assert.Empty(run.Diagnostics);
        var cluster = run.Facts.Cluster;
        Assert.Equal("https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com", cluster.Endpoint);
        Assert.Equal("172.20.0.0/16", cluster.ServiceCidr);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Encoding.UTF8.GetString(Convert.FromBase64String(cluster.CertificateAuthority!)));
        Assert.Equal("EKS DescribeCluster", run.Facts.SourceOf("cluster.endpoint"));
        Assert.Equal(1, node.Simulator.Calls.Count("eks:DescribeCluster"));
    }

    [Fact]
    public async Task Knows_an_ipv6_cluster_and_a_local_cluster()
    {
        var options = SimulatedFacts.Healthy with
        {
            Cluster = new ClusterOptions { ServiceIpv4Cidr = null, ServiceIpv6Cidr = "fd12::/108", OutpostArn = "arn:aws:outposts:us-west-2:1:outpost/op-1", Id = "11-22" },
        };
        await using var node = await SimulatedFacts.StartAsync(options);

        var cluster = (await node.RunAsync(SimulatedFacts.Config("demo"))).Facts.Cluster;

        Assert.Equal(("fd12::/108", "11-22", true), (cluster.ServiceCidr, cluster.Id, cluster.OnOutpost));
    }

    [Fact]
    public async Task Describes_only_a_type_that_the_catalog_lacks()
    {
        await using var node = await SimulatedFacts.StartAsync();
        var known = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true));
        node.KnowsInstanceType = _ => false;

        var unknown = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true));

        Assert.Null(known.Facts.InstanceType);
        Assert.Equal(new InstanceTypeFacts(3, 10), unknown.Facts.InstanceType);
        Assert.Equal("EC2 DescribeInstanceTypes (not in the catalog)", unknown.Facts.SourceOf("instanceType"));
        Assert.Equal(1, node.Simulator.Calls.Count("ec2:DescribeInstanceTypes"));
    }

    [Fact]
    public async Task An_unknown_type_that_may_not_be_described_is_a_warning()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { DeniedActions = ["ec2:DescribeInstanceTypes"] });
        node.KnowsInstanceType = _ => false;

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true));

        var diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal((DiagnosticCatalogue.InstanceTypeNotDescribed.Code, Severity.Warning), (diagnostic.Code, diagnostic.Severity));
        Assert.Contains("m6i.large", diagnostic.Message);
        Assert.Contains("EC2 DescribeInstanceTypes", diagnostic.Message);
    }

    [Theory]
    [InlineData("/sys/class/dmi/id/board_asset_tag", null)]
    [InlineData("/var/lib/cloud/data/instance-id", "Not Specified")]
    public async Task Without_imds_the_instance_comes_from_ec2_and_the_report_says_why(string idFile, string? assetTag)
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { ImdsMode = ImdsMode.Disabled });
        node.HostFiles.Clear();
        node.HostFiles["/sys/class/dmi/id/board_asset_tag"] = assetTag ?? "";
        node.HostFiles[idFile] = node.Simulator.Options.InstanceId + "\n";
        UseKeys(node);
        node.Environment["AWS_REGION"] = "us-west-2";

        var run = await node.RunAsync(SimulatedFacts.Config(), withUserData: false);

        Assert.All(run.Diagnostics, d => Assert.Equal(DiagnosticCatalogue.ImdsReplaced.Code, d.Code));
        Assert.NotEmpty(run.Diagnostics);
        var instance = run.Facts.Instance;
        Assert.Equal(("i-0abc123def4567890", "m6i.large", "us-west-2", "us-west-2a"), (instance.Id, instance.Type, instance.Region, instance.AvailabilityZone));
        Assert.Equal(("06:5f:2b:8c:1d:3e", "10.0.12.34", "ip-10-0-12-34.us-west-2.compute.internal"), (instance.Mac, instance.LocalIpv4, instance.PrivateDnsName));
        Assert.Equal(["2001:db8::1", "2001:db8::2"], instance.Ipv6);
        Assert.Equal($"{idFile} (IMDS: HTTP 403)", run.Facts.SourceOf("instance.id"));
        Assert.Equal("AWS_REGION (IMDS: HTTP 403)", run.Facts.SourceOf("instance.region"));
        Assert.Equal($"{Ec2} (IMDS: HTTP 403)", run.Facts.SourceOf("instance.type"));
        Assert.Equal($"{Ec2} (IMDS: HTTP 403)", run.Facts.SourceOf("instance.mac"));
    }

    [Fact]
    public async Task Without_imds_and_variables_the_region_is_that_of_the_api_server_s_host()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { ImdsMode = ImdsMode.Disabled });
        UseKeys(node);

        var run = await node.RunAsync(SimulatedFacts.Config(endpoint: "https://ABC.gr7.us-west-2.eks.amazonaws.com"), withUserData: false);

        Assert.Equal("us-west-2", run.Facts.Instance.Region);
        Assert.Equal("host name of spec.cluster.apiServerEndpoint (IMDS: HTTP 403)", run.Facts.SourceOf("instance.region"));
        Assert.Equal("m6i.large", run.Facts.Instance.Type);
    }

    [Fact]
    public async Task Without_any_source_each_missing_fact_is_an_error()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { ImdsMode = ImdsMode.Disabled });
        node.HostFiles.Clear();

        var run = await node.RunAsync(SimulatedFacts.Config("demo"), withUserData: false);

        run.Only(DiagnosticCatalogue.InstanceIdUnknown);
        run.Only(DiagnosticCatalogue.RegionUnknown);
        Assert.Contains("PUT ", run.Only(DiagnosticCatalogue.ImdsDisabled).Message);
        Assert.All(run.Diagnostics, d => Assert.Equal(Severity.Error, d.Severity));
    }

    [Fact]
    public async Task User_data_is_absent_on_404()
    {
        await using var node = await SimulatedFacts.StartAsync(new SimulatorOptions());

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true));

        Assert.Null(run.UserData);
        Assert.Empty(run.Diagnostics);
    }

    [Fact]
    public async Task An_instance_without_ipv6_has_no_addresses()
    {
        await using var node = await SimulatedFacts.StartAsync(new SimulatorOptions());

        Assert.Empty((await node.RunAsync(SimulatedFacts.Config(instanceIdName: true))).Facts.Instance.Ipv6);
    }

    [Fact]
    public async Task Waits_until_ec2_has_given_the_instance_a_name()
    {
        await using var node = await SimulatedFacts.StartAsync(null, "ec2:DescribeInstances=empty-dns*3");

        var run = await node.RunAsync(SimulatedFacts.Config());

        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", run.Facts.Instance.PrivateDnsName);
        Assert.Equal(4, node.Simulator.Calls.Count("ec2:DescribeInstances"));
    }

    [Fact]
    public async Task Calls_go_through_the_proxy_of_the_configuration_and_imds_does_not()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { Proxy = true, ProxyCredentials = "joe:s3cr3t-proxy" });
        // A host that is no loopback address, or the rules would bypass the proxy.
        node.Environment["AWS_ENDPOINT_URL"] = "http://ec2.us-west-2.example.com";
        var config = WithDefaults(("HTTP_PROXY", $"http://joe:s3cr3t-proxy@127.0.0.1:{node.Simulator.Proxy.Port}"));

        var run = await node.RunAsync(config);

        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", run.Facts.Instance.PrivateDnsName);
        Assert.Empty(run.Diagnostics);
        Assert.All(node.Simulator.Proxy.Requests, r => Assert.Contains("ec2.us-west-2.example.com", r.Target));
        Assert.All(node.Simulator.Calls.Of("imds:"), c => Assert.False(c.Proxied));
        Assert.All(node.Log.Lines, line => Assert.DoesNotContain("s3cr3t-proxy", line));
    }

    [Fact]
    public async Task With_a_proxy_the_networks_of_the_vpc_are_asked_for_and_the_calls_go_through_it()
    {
        await using var node = await SimulatedFacts.StartAsync(
            SimulatedFacts.Healthy with { Proxy = true, ProxyCredentials = "joe:s3cr3t-proxy", VpcCidr = "10.0.0.0/16\n100.64.0.0/16", VpcIpv6Cidrs = ["2001:db8:1234::/56"] });
        node.Environment["AWS_ENDPOINT_URL"] = "http://ec2.us-west-2.example.com";
        // The environment's own proxy leads nowhere: that of the configuration counts.
        node.Environment["http_proxy"] = "http://127.0.0.1:9";
        var config = SimulatedFacts.Config() with { Proxy = Proxy($"http://joe:s3cr3t-proxy@127.0.0.1:{node.Simulator.Proxy.Port}") };

        var run = await node.RunAsync(config);

        Assert.Equal(["10.0.0.0/16", "100.64.0.0/16", "2001:db8:1234::/56"], run.Facts.Instance.VpcCidrs);
        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", run.Facts.Instance.PrivateDnsName);
        Assert.Empty(run.Diagnostics);
        Assert.All(node.Simulator.Proxy.Requests, r => Assert.Contains("ec2.us-west-2.example.com", r.Target));
        Assert.All(node.Simulator.Calls.Of("imds:"), c => Assert.False(c.Proxied));
        Assert.All(node.Log.Lines, line => Assert.DoesNotContain("s3cr3t-proxy", line));
    }

    [Fact]
    public async Task Without_a_proxy_the_networks_of_the_vpc_are_not_asked_for()
    {
        await using var node = await SimulatedFacts.StartAsync();

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true));

        Assert.Empty(run.Facts.Instance.VpcCidrs);
        Assert.DoesNotContain(node.Simulator.Calls.Of("imds:"), c => c.Name.Contains("vpc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Networks_of_the_vpc_that_imds_does_not_give_are_a_warning()
    {
        await using var node = await SimulatedFacts.StartAsync(null, "imds:macs/vpc-ipv4-cidr-blocks=garbage*");

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true) with { Proxy = Proxy("http://127.0.0.1:9") }, withUserData: false);

        Assert.Empty(run.Facts.Instance.VpcCidrs);
        Assert.Equal(Severity.Warning, Assert.Single(run.Diagnostics).Severity);
    }

    [Fact]
    public async Task A_variable_of_the_environment_setting_wins_over_the_proxy_in_either_case()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { Proxy = true });
        node.Environment["AWS_ENDPOINT_URL"] = "http://ec2.us-west-2.example.com";
        var config = WithDefaults(("http_proxy", $"http://127.0.0.1:{node.Simulator.Proxy.Port}")) with { Proxy = Proxy("http://127.0.0.1:9") };

        Assert.NotNull((await node.RunAsync(config)).Facts.Instance.PrivateDnsName);
    }

    private static ProxySettings Proxy(string http) => new() { Http = new Sourced<Secret>(new Secret(http), Origin.Default("a test")) };

    [Fact]
    public async Task A_proxy_that_is_not_there_is_named_without_its_password()
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.Environment["AWS_ENDPOINT_URL"] = "http://ec2.us-west-2.example.com";
        node.Deadline = TimeSpan.FromSeconds(3);
        var config = WithDefaults(("http_proxy", "http://joe:s3cr3t-proxy@127.0.0.1:9"));

        var diagnostic = (await node.RunAsync(config, withUserData: false)).Only(DiagnosticCatalogue.CallFailed);

        Assert.Contains("EC2 DescribeInstances", diagnostic.Message);
        Assert.Contains("through the proxy 127.0.0.1:9", diagnostic.Message);
        Assert.DoesNotContain("s3cr3t", diagnostic.Message + diagnostic.Help);
    }

    [Fact]
    public async Task Variables_that_cannot_be_used_are_named()
    {
        await using var node = await SimulatedFacts.StartAsync();
        var config = WithDefaults(("HTTPS_PROXY", "ftp://x:y"), ("AWS_MAX_ATTEMPTS", "many"), ("AWS_USE_FIPS_ENDPOINT", "yes")) with
        {
            FeatureGates = SimulatedFacts.Config(instanceIdName: true).FeatureGates,
        };

        var run = await node.RunAsync(config);

        Assert.Equal(3, run.Diagnostics.Count(d => d.Code == DiagnosticCatalogue.EnvironmentInvalid.Code));
        Assert.All((string[])["HTTPS_PROXY", "AWS_MAX_ATTEMPTS", "AWS_USE_FIPS_ENDPOINT"], name => Assert.Contains(name, run.Text));
    }

    [Fact]
    public async Task Attempts_end_where_the_variable_says()
    {
        await using var node = await SimulatedFacts.StartAsync(null, "ec2:DescribeInstances=throttle*");
        node.Environment["AWS_MAX_ATTEMPTS"] = "4";

        var diagnostic = (await node.RunAsync(SimulatedFacts.Config())).Only(DiagnosticCatalogue.CallThrottled);

        Assert.Contains("tried 4 times", diagnostic.Message);
        Assert.Equal(4, node.Simulator.Calls.Count("ec2:DescribeInstances"));
    }

    [Fact]
    public async Task The_api_server_of_a_local_cluster_is_looked_up_by_dns()
    {
        await using var dns = FakeDns.Start(("outpost.example.com.", IPAddress.Parse("10.9.9.9")), ("outpost.example.com.", IPAddress.Parse("10.9.9.10")));
        await using var node = await SimulatedFacts.StartAsync();
        node.HostFiles["/etc/resolv.conf"] = $"nameserver [127.0.0.1]:{dns.Port}\n";

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true, endpoint: "https://outpost.example.com:6443", outpost: true));

        Assert.Equal(["10.9.9.9", "10.9.9.10"], run.Facts.Cluster.EndpointAddresses);
        Assert.Null(run.Facts.Cluster.EndpointUnresolved);
        Assert.Equal("DNS", run.Facts.SourceOf("cluster.endpointAddresses"));
    }

    [Fact]
    public async Task A_host_that_dns_does_not_know_is_a_fact_too()
    {
        await using var dns = FakeDns.Start();
        await using var node = await SimulatedFacts.StartAsync();
        node.Dns = node.Dns with { FirstWait = TimeSpan.FromMilliseconds(1) };
        node.HostFiles["/run/systemd/resolve/resolv.conf"] = $"nameserver [127.0.0.1]:{dns.Port}\n";

        var run = await node.RunAsync(SimulatedFacts.Config(instanceIdName: true, endpoint: "https://outpost.example.com", outpost: true));

        Assert.Empty(run.Facts.Cluster.EndpointAddresses);
        Assert.Contains("no such name after 6 attempts", run.Facts.Cluster.EndpointUnresolved);
    }

    private static void UseKeys(SimulatedFacts node)
    {
        var issued = node.Simulator.Credentials.IssueTemporary();
        node.Environment["AWS_ACCESS_KEY_ID"] = issued.AccessKeyId;
        node.Environment["AWS_SECRET_ACCESS_KEY"] = issued.SecretAccessKey;
        node.Environment["AWS_SESSION_TOKEN"] = issued.SessionToken!;
    }

    private static NodeConfig WithDefaults(params (string Name, string Value)[] variables)
    {
        var map = SortedMap.Empty<Sourced<Secret>>();
        foreach (var (name, value) in variables)
        {
            map = map.Add(name, new Sourced<Secret>(new Secret(value), Origin.Default("a test")));
        }

        return SimulatedFacts.Config() with
        {
            Instance = new InstanceSettings
            {
                Environment = SortedMap.Empty<SortedMap<Sourced<Secret>>>().Add("default", map),
            },
        };
    }

    private static SortedMap<Sourced<Template>> Labels(params string[] templates) =>
        SortedMap.Empty<Sourced<Template>>().With(templates.Select((t, i) =>
            KeyValuePair.Create($"label-{i}", new Sourced<Template>(Template.Parse(t, out _)!, Origin.Default("a test")))));
}
