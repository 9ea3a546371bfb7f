using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Containerd;
using EksNode.Planning.Migration;

namespace EksNode.Planning.Tests.Migration;

/// <summary>What image scripts and users put beside the kubelet's and containerd's own files becomes settings, or is named.</summary>
public sealed class HostConversionTests
{
    private const string ContainerdProxy = "/etc/systemd/system/containerd.service.d/http-proxy.conf";
    private const string KubeletProxy = "/etc/systemd/system/kubelet.service.d/http-proxy.conf";
    private const string Hosts = "/etc/containerd/certs.d/registry.example.com_5000_/hosts.toml";

    private readonly DiagnosticBag diagnostics = new();

    [Fact]
    public void The_proxy_of_containerd_and_the_kubelet_is_that_of_the_node()
    {
        const string text = "[Service]\nEnvironment=\"HTTPS_PROXY=proxy.example.com:3128\" 'NO_PROXY=10.0.0.0/8,.internal,169.254.169.254,localhost'\n";
        var spec = Own(new NodeText(ContainerdProxy, text), new NodeText(KubeletProxy, text));
        Assert.Equal("{\"https\":\"http://proxy.example.com:3128\",\"noProxy\":[\"10.0.0.0/8\"]}", Json(spec, "proxy"));
        Assert.Null(spec["instance"]);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void The_proxy_of_one_service_becomes_that_of_all_which_is_said()
    {
        var spec = Own(new NodeText(ContainerdProxy, "[Service]\nEnvironment=HTTP_PROXY=http://proxy.example.com:3128\nEnvironment=OTHER=100%%\n"));
        Assert.Equal("{\"http\":\"http://proxy.example.com:3128\"}", Json(spec, "proxy"));
        Assert.Equal("{\"environment\":{\"containerd\":{\"OTHER\":\"100%\"}}}", Json(spec, "instance"));
        Assert.Contains("kubelet", diagnostics.Only(DiagnosticCatalogue.NodeDiffers).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_proxies_stay_two()
    {
        var spec = Own(
            new NodeText(ContainerdProxy, "[Service]\nEnvironment=HTTP_PROXY=http://one.example.com:3128\n"),
            new NodeText(KubeletProxy, "[Service]\nEnvironment=HTTP_PROXY=http://two.example.com:3128\n"));
        Assert.Equal("{\"http\":\"http://one.example.com:3128\"}", Json(spec, "proxy"));
        Assert.Equal("{\"environment\":{\"kubelet\":{\"HTTP_PROXY\":\"http://two.example.com:3128\"}}}", Json(spec, "instance"));
    }

    [Fact]
    public void The_other_group_has_the_proxy_as_variables_of_each_service()
    {
        var spec = Eks(new NodeText(ContainerdProxy, "[Service]\nEnvironment=HTTP_PROXY=http://proxy.example.com:3128\n"));
        Assert.Equal("{\"environment\":{\"containerd\":{\"HTTP_PROXY\":\"http://proxy.example.com:3128\"}}}", Json(spec, "instance"));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void An_environment_file_that_a_drop_in_names_is_read_and_one_that_is_missing_is_named()
    {
        const string text = "[Service]\nEnvironmentFile=/etc/environment\nEnvironmentFile=-/etc/sysconfig/optional\nEnvironmentFile=/etc/sysconfig/gone\n";
        Assert.Equal(["/etc/environment", "/etc/sysconfig/optional", "/etc/sysconfig/gone"], NodeFiles.EnvironmentFiles(text));
        var spec = Own(
            new NodeText(ContainerdProxy, text),
            new NodeText(KubeletProxy, "[Service]\nEnvironmentFile=/etc/environment\n"),
            new NodeText("/etc/environment", "# of a script\nhttps_proxy=http://proxy.example.com:3128\nexport LANG='C.UTF-8'\n"));
        Assert.Equal("{\"https\":\"http://proxy.example.com:3128\"}", Json(spec, "proxy"));
        Assert.Equal("{\"environment\":{\"containerd\":{\"LANG\":\"C.UTF-8\"},\"kubelet\":{\"LANG\":\"C.UTF-8\"}}}", Json(spec, "instance"));
        var named = diagnostics.Only(DiagnosticCatalogue.NodeDirectiveUnknown);
        Assert.Equal(ContainerdProxy, named.Path);
        Assert.Contains("EnvironmentFile=/etc/sysconfig/gone", named.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxy_of_sessions_alone_is_the_node_s_and_other_variables_of_sessions_are_named()
    {
        var session = new NodeText("/etc/environment", "HTTP_PROXY=http://proxy.example.com:3128\nEDITOR=vi\n");
        Assert.Equal("{\"http\":\"http://proxy.example.com:3128\"}", Json(Own(session), "proxy"));
        Assert.Contains("`EDITOR`", Assert.Single(diagnostics.Items, d => d.Code == DiagnosticCatalogue.NodeDirectiveUnknown.Code).Message, StringComparison.Ordinal);
        Assert.Null(Eks(session)["proxy"]);
        Assert.Contains("`spec.proxy`", diagnostics.Only(DiagnosticCatalogue.NodeSettingNeedsOwnGroup).Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_of_services_are_converted_and_what_has_no_field_is_named()
    {
        var spec = Own(
            new NodeText("/etc/systemd/system/containerd.service.d/00-runtime-slice.conf", "[Service]\nSlice=runtime.slice\n"),
            new NodeText("/etc/systemd/system/containerd.service.d/limits.conf", "[Service]\nLimitNOFILE=524288:1048576\nLimitCORE=0\nLimitCORE=\nTasksMax=infinity\nCPUWeight=200\nLimitFOO=1\n[Unit]\nAfter=x.service\n"));
        Assert.Equal("{\"units\":{\"containerd\":{\"limitNOFILE\":\"524288:1048576\",\"tasksMax\":\"infinity\"}}}", Json(spec, "limits"));
        Assert.Equal(2, diagnostics.Items.Count(d => d.Code == DiagnosticCatalogue.NodeDirectiveUnknown.Code));
        Assert.Contains(diagnostics.Items, d => d.Message.Contains("`CPUWeight`, `After`", StringComparison.Ordinal));
        Assert.Contains(diagnostics.Items, d => d.Message.Contains("`LimitFOO`", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_the_kernel_what_an_image_has_by_itself_is_left_out()
    {
        var spec = Own(
            new NodeText("/etc/modules-load.d/iptables.conf", "ip_tables\niptable_nat\n"),
            new NodeText("/etc/modules-load.d/mine.conf", "; comment\nbr_netfilter\n"),
            new NodeText("/etc/sysctl.conf", "vm.max_map_count=524288\nkernel.pid_max=4194304\n"),
            new NodeText("/etc/sysctl.d/99-amazon.conf", "vm.overcommit_memory=1\nkernel.panic=10\n"),
            new NodeText("/etc/sysctl.d/50-mine.conf", "# mine\n-net.core.somaxconn = 4096\nnet.ipv4.ip_local_port_range=1024\t65535\nkernel.panic = 5\nnet.ipv4.conf.*.rp_filter = 0\n"),
            new NodeText("/etc/sysctl.d/99-z.conf", "net.core.somaxconn=16384\n"));
        Assert.Equal("{\"modules\":[\"br_netfilter\"],\"sysctls\":{\"net.core.somaxconn\":16384,\"net.ipv4.ip_local_port_range\":\"1024 65535\"}}", Json(spec, "kernel"));
        Assert.Contains("`net.ipv4.conf.*.rp_filter`", diagnostics.Only(DiagnosticCatalogue.NodeDirectiveUnknown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_registry_s_mirrors_are_converted_with_absolute_paths_and_other_keys_are_named()
    {
        var spec = Own(new NodeText(
            Hosts,
            "server = 'https://registry.example.com:5000'\n[host.'https://b.example.com']\ncapabilities = ['pull', 'resolve']\nca = 'ca.pem'\ndial_timeout = '5s'\nclient = [['/etc/a.pem', '/etc/a.key']]\n[host.'https://b.example.com'.header]\nx-team = ['blue']\n[host.'https://a.example.com']\nskip_verify = true\n"));
        var registry = Assert.IsType<TreeMap>(Assert.IsType<TreeMap>(spec["registries"])["registry.example.com:5000"]);
        Assert.Equal(
            "[{\"url\":\"https://b.example.com\",\"capabilities\":[\"Pull\",\"Resolve\"],\"certificateAuthority\":\"/etc/containerd/certs.d/registry.example.com_5000_/ca.pem\",\"clientCertificate\":\"/etc/a.pem\",\"clientKey\":\"/etc/a.key\",\"headers\":{\"x-team\":\"blue\"}},{\"url\":\"https://a.example.com\",\"skipVerify\":true}]",
            JsonWriter.Write(registry["mirrors"]!, 0, sortKeys: false));
        Assert.Contains("dial_timeout", Assert.Single(diagnostics.Items, d => d.Code == DiagnosticCatalogue.NodeDirectiveUnknown.Code).Message, StringComparison.Ordinal);
        Assert.Equal(3, diagnostics.Items.Count(d => d.Code == DiagnosticCatalogue.NodeDiffers.Code));
    }

    [Fact]
    public void Certificates_of_a_registry_as_docker_has_them_are_named()
    {
        Own(new NodeText("/etc/docker/certs.d/registry.example.com/ca.crt", ""));
        Assert.Equal("/etc/docker/certs.d/registry.example.com/ca.crt", diagnostics.Only(DiagnosticCatalogue.NodeDirectiveUnknown).Path);
    }

    [Fact]
    public void Trust_anchors_are_converted_and_a_private_key_among_them_is_not()
    {
        var spec = Own(
            new NodeText("/etc/pki/ca-trust/source/anchors/root.crt", Samples.Authority),
            new NodeText("/etc/pki/ca-trust/source/anchors/root.pem", Samples.Authority),
            new NodeText("/etc/pki/ca-trust/source/anchors/key.pem", "-----BEGIN PRIVATE KEY-----\ncanary-4711\n-----END PRIVATE KEY-----\n"),
            new NodeText("/etc/pki/ca-trust/source/anchors/README", "no certificate"));
        var authorities = Assert.IsType<TreeList>(Assert.IsType<TreeMap>(spec["trust"])["certificateAuthorities"]);
        Assert.Equal(["root.crt", "root"], authorities.Items.Select(a => ((TreeScalar)((TreeMap)a)["name"]!).Text));
        Assert.Equal(2, diagnostics.Items.Count(d => d.Code == DiagnosticCatalogue.NodeDirectiveUnknown.Code));
        Assert.DoesNotContain(diagnostics.Items, d => d.Message.Contains("canary-4711", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_drop_in_of_the_kubelet_is_a_part_of_its_configuration()
    {
        var (plan, _) = Samples.Planned();
        var dropIn = Assert.IsType<TreeMap>(Assert.Single(YamlReader.Read("{imageGCHighThresholdPercent: 70, readOnlyPort: 0}", "/etc/kubernetes/kubelet/config.json.d/50-mine.conf", 0, new DiagnosticBag())));
        var spec = Spec(NodeConversionTests.Files(plan, dropIns: dropIn), ApiGroups.NodeEksV1Alpha1);
        Assert.Equal("{\"config\":{\"imageGCHighThresholdPercent\":70}}", Json(spec, "kubelet"));
    }

    [Fact]
    public void R29_A_list_of_registries_of_an_older_image_is_not_written_but_said()
    {
        var files = With(providers: """
            {"kind": "CredentialProviderConfig", "apiVersion": "kubelet.config.k8s.io/v1", "providers": [
              {"name": "ecr-credential-provider", "apiVersion": "credentialprovider.kubelet.k8s.io/v1alpha1", "defaultCacheDuration": "12h", "matchImages": ["*.dkr.ecr.*.amazonaws.com"]},
              {"name": "mine", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "defaultCacheDuration": "0s", "matchImages": ["*.example.com"]}]}
            """);
        Assert.Equal("[{\"name\":\"mine\",\"matchImages\":[\"*.example.com\"]}]", Json(Spec(files, ApiGroups.EksNodeV1Alpha1), "credentialProviders"));
        Assert.Contains("fewer registries", diagnostics.Only(DiagnosticCatalogue.NodeDiffers).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_containerd_imports_is_one_of_drop_ins_which_win_where_both_set_something()
    {
        const string config = "version = 3\nimports = ['/etc/containerd/conf.d/*.toml']\n[grpc]\nmax_recv_message_size = 1\nmax_send_message_size = 2\n";
        var spec = Spec(With(containerd: config, import: "version = 3\n[grpc]\nmax_recv_message_size = 3\n"), ApiGroups.EksNodeV1Alpha1);
        var containerd = Assert.IsType<TreeMap>(spec["containerd"]);
        Assert.Equal("/etc/containerd/conf.d", Assert.IsType<TreeScalar>(containerd["dropIns"]).Text);
        var toml = Assert.IsType<TreeScalar>(containerd["config"]).Text;
        Assert.Contains("max_send_message_size = 2", toml, StringComparison.Ordinal);
        Assert.DoesNotContain("max_recv_message_size", toml, StringComparison.Ordinal);
        Assert.DoesNotContain("imports", toml, StringComparison.Ordinal);
        var eks = Assert.IsType<TreeMap>(Spec(With(containerd: config, import: "version = 3\n"), ApiGroups.NodeEksV1Alpha1)["containerd"]);
        Assert.Contains("imports = ['/etc/containerd/conf.d/*.toml']", Assert.IsType<TreeScalar>(eks["config"]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_specifier_of_systemd_is_named()
    {
        Own(new NodeText(ContainerdProxy, "[Service]\nEnvironment=NAME=%H\n"));
        Assert.Contains("NAME", diagnostics.Only(DiagnosticCatalogue.NodeDirectiveUnknown).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sshd", "10-mine.conf", false)]
    [InlineData("sshd", "environment.conf", true)]
    [InlineData("kubelet", "10-mine.conf", true)]
    public void Drop_ins_are_those_of_a_node(string service, string name, bool expected) => Assert.Equal(expected, NodeFiles.IsUnitDropIn(service, name));

    private TreeMap Own(params NodeText[] texts) => Spec(NodeConversionTests.Files(Samples.Planned().Plan, others: texts), ApiGroups.EksNodeV1Alpha1);

    private TreeMap Eks(params NodeText[] texts) => Spec(NodeConversionTests.Files(Samples.Planned().Plan, others: texts), ApiGroups.NodeEksV1Alpha1);

    private TreeMap Spec(NodeFiles files, string version) =>
        Assert.IsType<TreeMap>(NodeConversion.Of(files, Samples.Machine, version, diagnostics)!["spec"]);

    private static NodeFiles With(string? providers = null, string? containerd = null, string? import = null)
    {
        var files = NodeConversionTests.Files(Samples.Planned().Plan);
        return new NodeFiles
        {
            Kubelet = files.Kubelet,
            Containerd = files.Containerd,
            KubeletConfig = files.KubeletConfig,
            Arguments = files.Arguments,
            ContainerdConfig = containerd is null ? files.ContainerdConfig : TreeMerge.Merge(files.ContainerdConfig!, TomlReader.Read(containerd, ContainerdComponent.ConfigPath, new DiagnosticBag())!),
            ContainerdImports = import is null ? [] : [TomlReader.Read(import, "/etc/containerd/conf.d/a.toml", new DiagnosticBag())!],
            CredentialProviders = providers is null ? null : Assert.IsType<TreeMap>(JsonReader.Read(providers, "/etc/eks/image-credential-provider/config.json", 0, new DiagnosticBag())),
            CertificateAuthority = files.CertificateAuthority,
            Kubeconfig = files.Kubeconfig,
        };
    }

    private static string Json(TreeMap spec, string key) => JsonWriter.Write(Assert.IsType<TreeNode>(spec[key], exactMatch: false), 0, sortKeys: key is "kernel" or "instance" or "limits");
}
