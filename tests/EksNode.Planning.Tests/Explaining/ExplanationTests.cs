using System.Collections.Immutable;
using EksNode.Configuration;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Explaining;

namespace EksNode.Planning.Tests.Explaining;

/// <summary>What decided a value, what it replaced, and what would change it.</summary>
public sealed class ExplanationTests
{
    private const string Cluster = """
        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        spec:
          cluster: {name: c, apiServerEndpoint: "https://example.com", cidr: 10.100.0.0/16, certificateAuthority: CA}
        """;

    private static string Kubelet(string settings) => $"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet: {settings}\n";

    private static ImmutableArray<Explanation> All(params string[] documents)
    {
        var authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Samples.Authority));
        var diagnostics = new DiagnosticBag();
        var sources = documents.Prepend(Cluster.Replace("CA", authority, StringComparison.Ordinal))
            .Select((d, i) => new SourceContent($"{i}.yaml", System.Text.Encoding.UTF8.GetBytes(d), false));
        var read = ConfigurationReader.Read(sources, diagnostics);
        Assert.DoesNotContain(diagnostics.Items, d => d.Severity == Severity.Error);
        var plan = Planner.Plan(read.Configuration, Samples.Machine, new DiagnosticBag());
        Assert.NotNull(plan);
        return Explanations.Of(plan, 33, read.Documents, [.. read.Sources.SelectMany(s => s.Documents).Select(d => d.Document)]);
    }

    private static Explanation Only(ImmutableArray<Explanation> all, string word) => Assert.Single(ExplanationTargets.Find(all, word));

    [Fact]
    public void AFormulaIsToldWithItsNumbers()
    {
        var explanation = Only(All(), "maxPods");
        Assert.Equal(("kubelet.maxPods", "29", "eksnode"), (explanation.Target, explanation.Value, explanation.Layer));
        Assert.Equal("fact instance.type", explanation.Origin!.ToString());
        Assert.Contains("3 interfaces × (10 addresses − 1) + 2 = 29", explanation.Origin.Note, StringComparison.Ordinal);
        Assert.Equal(("spec.maxPods", "spec.kubelet.config.maxPods"), (explanation.Change, explanation.Override));
    }

    [Fact]
    public void EveryLayerBelowIsToldTheHighestFirst()
    {
        var explanation = Only(All(Kubelet("{config: {maxPods: 40}}"), Kubelet("{config: {maxPods: 50}, flags: [--max-pods=60]}")), "kubelet.maxPods");
        Assert.Equal(("60", "flag", "spec.kubelet.flags"), (explanation.Value, explanation.Layer, explanation.Change));
        Assert.Equal(["50 2.yaml", "40 1.yaml", "29 instance.type", "110 "], explanation.Replaced.Select(r => $"{r.Value} {r.Origin.Source}"));
    }

    [Fact]
    public void ANullTakesItBackToTheKubelet()
    {
        var explanation = Only(All(Kubelet("{config: {hairpinMode: null}}")), "hairpinMode");
        Assert.Equal("promiscuous-bridge", explanation.Value);
        Assert.Equal("1.yaml", explanation.Origin!.Source);
        Assert.Equal(["hairpin-veth", "promiscuous-bridge"], explanation.Replaced.Select(r => r.Value));
    }

    [Fact]
    public void WhatIsNotSetCanBeAskedFor() => Assert.Null(Only(All(), "kubelet.staticPodPath").Value);

    [Theory]
    [InlineData("kubelet.authentication", 4)]
    [InlineData("reserved", 3)]
    [InlineData("/etc/kubernetes/", 2)]
    [InlineData("kubelet.*Reserved.cpu", 1)]
    [InlineData("kubelet.service", 1)]
    [InlineData("spec.kubelet.config.clusterDNS", 1)]
    [InlineData("kubelet.maxPod", 0)]
    [InlineData("kubelet.kubeReserved.memory", 1)]
    [InlineData("spec.kubelet.config.evictionHard[\"memory.available\"]", 1)]
    [InlineData("containerd.plugins.io.containerd.cri.v1.runtime.cni.conf_dir", 1)]
    [InlineData("containerd.plugins.'io.containerd.cri.v1.runtime'.cni.conf_dir", 1)]
    [InlineData("containerd.plugins.\"io.containerd.grpc.v1.cri\".cni.conf_dir", 1)]
    [InlineData("containerd.plugins.\"io.containerd.grpc.v1.cri\".enable_selinux", 1)]
    [InlineData("containerd.debug", 5)]
    [InlineData("containerd.debug.levle", 0)]
    [InlineData("node-ip", 1)]
    [InlineData("node-labels", 1)]
    [InlineData("NO_PROXY", 1)]
    [InlineData("sandbox_image", 1)]
    [InlineData("preset", 1)]
    [InlineData("images", 1)]
    public void WordsMeanTargets(string word, int count) => Assert.Equal(count, ExplanationTargets.Find(All(), word).Length);

    [Fact]
    public void ASettingOfContainerdTellsWhatItReplaced()
    {
        const string toml = """
            apiVersion: node.eks.aws/v1alpha1
            kind: NodeConfig
            spec:
              containerd:
                config: |
                  version = 3
                  [plugins."io.containerd.cri.v1.runtime".cni]
                  conf_dir = "/etc/other"
            """;
        var explanation = Only(All(toml), "containerd.plugins.\"io.containerd.cri.v1.runtime\".cni.conf_dir");
        Assert.Equal(("/etc/other", 8), (explanation.Value, explanation.Origin!.Line));
        Assert.Equal(["eksnode /etc/cni/net.d", "containerd /etc/cni/net.d"], explanation.Replaced.Select(r => $"{r.Layer} {r.Value}"));
    }

    private static string Ours(string settings) => $"apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  {settings}\n";

    [Fact]
    public void AValueOfSeveralPartsIsToldAsAWholeAndPartByPart()
    {
        var all = All(Ours("proxy: {https: \"http://proxy.example.com:3128\", noProxy: [.example.com, 192.168.0.0/16]}"));
        var explanation = Only(all, "proxy.NO_PROXY");
        Assert.StartsWith(".example.com,192.168.0.0/16,127.0.0.1,localhost,::1,169.254.169.254,fd00:ec2::254,", explanation.Value, StringComparison.Ordinal);
        Assert.Equal(("1.yaml", "configuration", "spec.proxy.noProxy"), (explanation.Origin!.Source, explanation.Layer, explanation.Change));
        Assert.Equal(explanation.Value!.Split(','), explanation.Parts.Select(p => p.Value));
        Assert.Contains(explanation.Parts, p => p is { Value: "localhost", Origin: { Kind: OriginKind.Default, Note: "the node itself" } });
        Assert.Contains(explanation.Parts, p => p is { Value: "10.100.0.0/16", Origin: { Source: "0.yaml" } });
        Assert.Contains("in /etc/systemd/system/kubelet.service.d/10-proxy.conf", explanation.Details);
        Assert.Contains("proxy.NO_PROXY = localhost  ← default (the node itself)", Only(all, "/etc/systemd/system/kubelet.service.d/10-proxy.conf").Details);
    }

    [Theory]
    [InlineData("kernel: {modules: [br_netfilter, ip_vs]}", "kernel.modules", "br_netfilter, ip_vs", "spec.kernel.modules")]
    [InlineData("images: {prefetch: [\"example.com/a:1\", \"example.com/b:2\"]}", "images.prefetch", "example.com/a:1, example.com/b:2", "spec.images.prefetch")]
    [InlineData("registries: {docker.io: {mirrors: [{url: \"https://a.example.com\"}, {url: \"https://b.example.com\"}]}}", "registries.docker.io.host", "https://a.example.com, https://b.example.com", "spec.registries[\"docker.io\"].mirrors")]
    [InlineData("labels: {a: x, b: \"${instance.type}\"}", "kubelet.flags.node-labels", "a=x,b=m6i.large", "spec.labels")]
    public void NoPartOfAListIsLost(string settings, string target, string value, string change)
    {
        var explanation = Assert.Single(All(Ours(settings)), e => e.Target == target);
        Assert.Equal((value, change), (explanation.Value, explanation.Change));
    }

    [Fact]
    public void TaintsOfTwoSettingsAreToldWithTheLineOfEach()
    {
        var all = All(Kubelet("{config: {registerWithTaints: [{key: a, effect: NoSchedule}]}}"), Ours("taints: [{key: b, effect: NoSchedule}]"));
        Assert.Equal(["1.yaml", "2.yaml"], Only(all, "registerWithTaints").Parts.Select(p => p.Origin.Source));
        Assert.Equal("kubelet.registerWithTaints", Only(all, "spec.taints").Target);
    }

    [Fact]
    public void RlimitsAreToldWithTheSettingOfEach()
    {
        var explanation = Only(All(Ours("limits: {rlimits: {core: 0}}")), "containerd.baseRuntimeSpec.process.rlimits");
        Assert.Equal([OriginKind.Configuration, OriginKind.Default], explanation.Parts.Select(p => p.Origin.Kind));
        Assert.Equal(("spec.limits.rlimits", "spec.containerd.baseRuntimeSpec.process.rlimits"), (explanation.Change, explanation.Override));
    }

    [Fact]
    public void OfAFlagThatTakesOneValueTheLastCounts()
    {
        var all = All(Kubelet("{flags: [--v=2, --node-labels=a=1, --v=4, --node-labels=b=2]}"));
        var verbosity = Only(all, "kubelet.flags.v");
        Assert.Equal(("4", "2"), (verbosity.Value, Assert.Single(verbosity.Replaced).Value));
        Assert.Equal("a=1,b=2", Only(all, "kubelet.flags.node-labels").Value);
    }

    [Theory]
    [InlineData("spec.labels.team")]
    [InlineData("kubelet.flags.node-labels")]
    public void ALabelOfAFlagCountsAndTellsWhatItReplaced(string word)
    {
        var labels = Only(All(Ours("labels: {team: one, other: x}\n  kubelet: {flags: [--node-labels=team=two]}")), word);
        Assert.Equal(("other=x,team=two", "team=one", "spec.kubelet.flags"), (labels.Value, Assert.Single(labels.Replaced).Value, labels.Change));
    }

    [Fact]
    public void ASettingOfTheKernelTellsWhatDecidedIt()
    {
        var setting = Only(All(Ours("kernel: {sysctls: {net.core.somaxconn: 16384}}")), "net.core.somaxconn");
        Assert.Equal((4, "spec.kernel.sysctls.net.core.somaxconn"), (setting.Origin!.Line, setting.Change.Replace("[\"", ".", StringComparison.Ordinal).Replace("\"]", "", StringComparison.Ordinal)));
        Assert.DoesNotContain(setting.Details, d => d.Contains("phase", StringComparison.Ordinal));
    }

    [Fact]
    public void AUnitNamesEachFileOnce()
    {
        var unit = Only(All(Ours("proxy: {https: 'http://proxy.example.com:3128'}")), "kubelet.service");
        Assert.Equal("set by /etc/systemd/system/kubelet.service.d/10-proxy.conf", unit.Details[0]);
        Assert.DoesNotContain("/etc/systemd/system/kubelet.service.d/10-proxy.conf", unit.Details);
    }

    [Theory]
    [InlineData("maxPods: 40", "maxPods", "spec.maxPods", "spec.kubelet.config.maxPods")]
    [InlineData("maxPods: {prefixDelegation: true}", "maxPods", "spec.maxPods.prefixDelegation", "spec.kubelet.config.maxPods")]
    [InlineData("maxPods: 40", "kubelet.kubeReserved.memory", "spec.maxPods", "spec.kubelet.config.kubeReserved.memory")]
    [InlineData("maxPods: 40", "kubelet.kubeReserved.cpu", "spec.kubelet.config.kubeReserved.cpu", "")]
    [InlineData("kubelet: {config: {maxPods: 40}}", "maxPods", "spec.kubelet.config.maxPods", "")]
    [InlineData("kubelet: {maxPodsExpression: max_pods - 1}", "maxPods", "spec.kubelet.maxPodsExpression", "spec.kubelet.config.maxPods")]
    [InlineData("preset: dense", "maxPods", "spec.preset", "spec.maxPods")]
    [InlineData("preset: dense", "kubelet.evictionHard.memory.available", "spec.preset", "spec.kubelet.config.evictionHard.memory.available")]
    [InlineData("preset: ml", "containerd.baseRuntimeSpec.process.rlimits", "spec.preset", "spec.limits.rlimits")]
    [InlineData("limits: {podPidsLimit: 4096}", "podPidsLimit", "spec.limits.podPidsLimit", "spec.kubelet.config.podPidsLimit")]
    [InlineData("limits: {podPidsLimit: Auto}", "podPidsLimit", "spec.limits.podPidsLimit", "spec.kubelet.config.podPidsLimit")]
    [InlineData("cluster: {enableOutpost: false}", "podPidsLimit", "spec.limits.podPidsLimit", "spec.kubelet.config.podPidsLimit")]
    [InlineData("cluster: {enableOutpost: false}", "clusterDNS", "spec.kubelet.config.clusterDNS", "")]
    [InlineData("taints: [{key: b, effect: NoSchedule}]", "registerWithTaints", "spec.taints", "spec.kubelet.config.registerWithTaints")]
    [InlineData("kernel: {pidMax: 99999}", "kernel.sysctls.kernel.pid_max", "spec.kernel.pidMax", "")]
    [InlineData("kernel: {sysctls: {net.core.somaxconn: 1}}", "kernel.sysctls.net.core.somaxconn", "spec.kernel.sysctls[\"net.core.somaxconn\"]", "")]
    [InlineData("limits: {units: {kubelet: {tasksMax: 80%}}}", "limits.units.kubelet.TasksMax", "spec.limits.units.kubelet.tasksMax", "")]
    [InlineData("registries: {docker.io: {server: \"https://a.example.com\"}}", "registries.docker.io.server", "spec.registries[\"docker.io\"].server", "")]
    [InlineData("instance: {environment: {kubelet: {A: b}}}", "instance.environment.kubelet.A", "spec.instance.environment.kubelet.A", "")]
    [InlineData("cluster: {enableOutpost: false}", "kubelet.imageCredentialProvider.defaultCacheDuration", "spec.credentialProviders", "")]
    [InlineData("featureGates: {InstanceIdNodeName: true}", "kubelet.flags.hostname-override", "spec.featureGates.InstanceIdNodeName", "")]
    [InlineData("proxy: {http: \"http://proxy.example.com:3128\"}", "proxy.HTTP_PROXY", "spec.proxy.http", "")]
    [InlineData("proxy: {http: \"http://proxy.example.com:3128\"}", "proxy.NO_PROXY", "spec.proxy.noProxy", "")]
    [InlineData("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}", "maxPods", "spec.kubelet.config.maxPods", "")]
    [InlineData("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}", "podPidsLimit", "spec.kubelet.config.podPidsLimit", "")]
    [InlineData("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}", "clusterDNS", "spec.kubelet.config.clusterDNS", "")]
    [InlineData("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}\n  taints: [{key: b, effect: NoSchedule}]", "registerWithTaints", "spec.taints", "spec.kubelet.flags")]
    [InlineData("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}\n  preset: dense", "kubelet.registryBurst", "spec.preset", "spec.kubelet.config.registryBurst")]
    public void WhatDecidedAValueIsWhatChangesIt(string settings, string target, string change, string over)
    {
        var explanation = Only(All(Ours(settings)), target);
        Assert.Equal((change, over), (explanation.Change, explanation.Override));
    }

    [Theory]
    [InlineData("cluster: {enableOutpost: false}", "spec.maxPods", "kubelet.maxPods")]
    [InlineData("cluster: {enableOutpost: false}", "spec.limits.podPidsLimit", "kubelet.podPidsLimit")]
    [InlineData("kubelet: {config: {maxPods: 10}}", "spec.maxPods", "kubelet.maxPods")]
    [InlineData("kubelet: {config: {maxPods: 10, port: 10251}}", "spec.kubelet.config", "kubelet.flags.config-dir,kubelet.maxPods,kubelet.port")]
    [InlineData("kubelet: {maxPodsExpression: max_pods - 1}\n  maxPods: 10", "spec.kubelet.maxPodsExpression", "spec.kubelet.maxPodsExpression")]
    [InlineData("cluster: {enableOutpost: false}", "spec.taints", "kubelet.registerWithTaints")]
    [InlineData("cluster: {enableOutpost: false}", "spec.proxy.noProxy", "spec.proxy.noProxy")]
    [InlineData("maxPods: {cap: 20}", "spec.maxPods", "kubelet.kubeReserved.memory,kubelet.maxPods")]
    [InlineData("maxPods: {cap: 20}", "spec.maxPods.cap", "kubelet.kubeReserved.memory,kubelet.maxPods")]
    [InlineData("maxPods: {cap: 20}\n  kubelet: {config: {maxPods: 10}}", "spec.maxPods.cap", "kubelet.maxPods")]
    [InlineData("proxy: {https: \"http://proxy.example.com:3128\"}", "spec.proxy.noProxy", "proxy.NO_PROXY")]
    [InlineData("kernel: {sysctls: {net.core.somaxconn: 1}}", "spec.kernel.sysctls.net.core.somaxconn", "kernel.sysctls.net.core.somaxconn")]
    [InlineData("readiness: {wait: Ready}", "spec.readiness", "spec.readiness.wait")]
    [InlineData("hooks: {preStart: [{command: [/bin/a, b]}]}", "spec.hooks", "spec.hooks.preStart[0].command")]
    public void ASettingOfTheConfigurationMeansWhatItDecides(string settings, string word, string targets) =>
        Assert.Equal(targets, string.Join(',', ExplanationTargets.Find(All(Ours(settings)), word).Select(e => e.Target)));

    [Fact]
    public void WhatNobodyWroteHasContainerdsOwnValue()
    {
        var all = All();
        var explanation = Only(all, "containerd.plugins.\"io.containerd.cri.v1.images\".max_concurrent_downloads");
        Assert.Equal(("3", "containerd", "spec.containerd.config"), (explanation.Value, explanation.Layer, explanation.Change));
        Assert.StartsWith("containerd's own default", explanation.Origin!.Note, StringComparison.Ordinal);
        Assert.Equal("runc", Only(all, "containerd.plugins.\"io.containerd.cri.v1.runtime\".containerd.default_runtime_name").Value);
        Assert.DoesNotContain(ExplanationTargets.Find(all, "containerd"), e => !e.IsListed);
    }

    [Fact]
    public void AZeroOfEksnodeIsNoMissingValue()
    {
        var explanation = Only(All(), "kubelet.readOnlyPort");
        Assert.Equal(("0", "no port without authentication"), (explanation.Value, explanation.Origin!.Note));
    }

    [Fact]
    public void WhatAReplacementLeftOutIsTold()
    {
        var all = All(Ours("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}"));
        Assert.Equal(["110", "29"], [Only(all, "maxPods").Value!, Assert.Single(Only(all, "maxPods").Replaced).Value]);
        Assert.Contains("memory: 574Mi", Only(all, "reserved").Replaced.Select(r => r.Value));
    }

    [Fact]
    public void WhatAReplacementWasGivenIsNamed()
    {
        var all = All(Ours("kubelet: {configMode: Replace, config: {clusterDomain: corp.internal}}"));
        Assert.Equal(["kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"], [Only(all, "kubelet.apiVersion").Value!, Only(all, "spec.kubelet.config.kind").Value!]);
        Assert.All((string[])["kubelet.apiVersion", "kubelet.kind", "kubelet.clusterDNS"], t => Assert.Contains("added", Only(all, t).Origin!.Note, StringComparison.Ordinal));
        var added = Only(all, "/etc/kubernetes/kubelet/config.json").Details.Single(d => d.StartsWith("added", StringComparison.Ordinal));
        Assert.EndsWith(": apiVersion, kind, authentication.x509.clientCAFile, cgroupDriver, clusterDNS, containerRuntimeEndpoint, providerID, serverTLSBootstrap", added, StringComparison.Ordinal);
    }

    [Fact]
    public void TaintsBesideAReplacementAreAFlagBehindThoseOfTheReplacement()
    {
        var all = All(Ours("kubelet: {configMode: Replace, config: {registerWithTaints: [{key: a, value: x, effect: NoSchedule}]}}\n  taints: [{key: b, effect: NoExecute}, {key: a, effect: NoSchedule}]"));
        Assert.Equal("a=x:NoSchedule,b:NoExecute", Only(all, "kubelet.flags.register-with-taints").Value);
        var taints = Only(all, "kubelet.registerWithTaints");
        Assert.Equal(("[{key: a, value: x, effect: NoSchedule}, {key: b, effect: NoExecute}]", "flag"), (taints.Value, taints.Layer));
    }

    [Theory]
    [InlineData("instance: {storage: {volumes: [{device: /dev/sdb, mountTargets: [/var/lib/data]}]}}", "spec.instance.storage.volumes[0].device", "/dev/sdb")]
    [InlineData("taints: [{key: b, effect: NoSchedule}]", "spec.taints[0].key", "b")]
    [InlineData("limits: {rlimits: {nofile: {soft: 1024, hard: 2048}}}", "spec.limits.rlimits.nofile.soft", "1024")]
    [InlineData("registries: {docker.io: {mirrors: [{url: \"https://a.example.com\", skipVerify: true}]}}", "spec.registries.docker.io.mirrors[0].skipVerify", "true")]
    [InlineData("proxy: {noProxy: [.example.com]}", "spec.proxy.noProxy", "[.example.com]")]
    [InlineData("kubelet: {configMode: Replace, config: {readOnlyPort: 0}}", "spec.kubelet.configMode", "Replace")]
    public void ASettingOfASourceHasItsValueAndItsLine(string settings, string word, string value)
    {
        var explanation = Only(All(Ours(settings)), word);
        Assert.Equal((value, "1.yaml"), (explanation.Value, explanation.Origin?.Source));
    }

    [Fact]
    public void ASettingInsideOfAListTellsWhatTheListDecides() =>
        Assert.Contains("a part of spec.taints[0], which decides kubelet.registerWithTaints", Only(All(Ours("taints: [{key: b, effect: NoSchedule}]")), "spec.taints[0].key").Details);

    public static TheoryData<string> Cases => [.. Planning.Tests.Cases.CaseInput.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void OfNothingThatASourceSetsIsSaidThatNothingSetsIt(string name)
    {
        var input = Planning.Tests.Cases.CaseInput.Of(name);
        var member = new Planning.Tests.Cases.MatrixMember(34, 2);
        var documents = input.Documents();
        if (Planner.Plan(input.Configuration(new DiagnosticBag()), input.Facts(member), new DiagnosticBag()) is not { } plan)
        {
            return; // what cannot be planned is not explained
        }

        var all = Explanations.Of(plan, 34, [.. input.Parsed()], [.. documents]);
        var wrong = new List<string>();
        foreach (var path in documents.SelectMany(d => Paths("", d)).Where(p => p.StartsWith("spec.", StringComparison.Ordinal)))
        {
            var found = ExplanationTargets.Find(all, path);
            if (found.IsEmpty || found.Any(e => e.Origin?.Note == "nothing sets it"))
            {
                wrong.Add(path);
            }
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Paths(string path, Configuration.Documents.TreeNode node) => node switch
    {
        Configuration.Documents.TreeMap { Entries.IsEmpty: false } map => map.Entries.SelectMany(e => Paths(path.Length == 0 ? e.Key : SettingPath.Child(path, e.Key), e.Value)),
        Configuration.Documents.TreeList list when list.Items.Any(i => i is Configuration.Documents.TreeMap) => list.Items.SelectMany((i, at) => Paths(SettingPath.Item(path, at), i)),
        Configuration.Documents.TreeScalar { Kind: Configuration.Documents.ScalarKind.Null } => [],
        _ => [path],
    };

    [Fact]
    public void ValuesOfReferencedFilesAreToldAsReplaced()
    {
        var input = Planning.Tests.Cases.CaseInput.Of("referenced-files");
        var config = input.Configuration(new DiagnosticBag());
        var layers = Configuration.NodeConfigs.ReferencedFiles.Layers(config);
        Assert.NotEmpty(layers);
        var plan = Planner.Plan(config, input.Facts(new Planning.Tests.Cases.MatrixMember(34, 2)), new DiagnosticBag());
        var all = Explanations.Of(plan!, 34, [.. layers, .. input.Parsed()], [.. input.Documents()]);
        Assert.Contains(all.SelectMany(e => e.Replaced), r => r.Layer == "configuration" && r.Origin.Source.EndsWith("kubelet.json", StringComparison.Ordinal));
        Assert.Contains(all.SelectMany(e => e.Replaced), r => r.Layer == "configuration" && r.Origin.Source.EndsWith(".toml", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("net.core.somaxconn", "sysctl", "16384")]
    [InlineData("sysctl:net.core.somaxconn", "sysctl", "16384")]
    [InlineData("/proc/sys/net/core/somaxconn", "sysctl", "16384")]
    [InlineData("br_netfilter", "kernel-module", "loaded before services start")]
    [InlineData("/var/lib/data", "mount", "bound")]
    [InlineData("/etc/sysctl.d/90-eksnode.conf", "file", "file 0644")]
    [InlineData("sysctl", "sysctl", "16384")]
    [InlineData("containerd.service", "unit", "restarts when one of")]
    public void EveryKindOfResourceIsATarget(string word, string kind, string value)
    {
        var all = All(Ours("kernel: {modules: [br_netfilter], sysctls: {net.core.somaxconn: 16384}}\n  instance: {storage: {volumes: [{device: /dev/sdb, mountTargets: [/var/lib/data]}]}}"));
        var explanation = Only(all, word);
        Assert.Equal(kind, explanation.Kind);
        Assert.Contains(value, explanation.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubelet.zzzz", null)]
    [InlineData("zzzz", null)]
    [InlineData("kubelet.maxPod", "kubelet.maxPods")]
    [InlineData("kubelt.maxPods", "kubelet.maxPods")]
    [InlineData("kubelet.maxpods", "kubelet.maxPods")]
    [InlineData("kubelet.evictionhard.memory.avaliable", "kubelet.evictionHard.memory.available")]
    [InlineData("/etc/kubernetes/kubelet/config.jsn", "/etc/kubernetes/kubelet/config.json")]
    [InlineData("/var/zzz", null)]
    public void OnlyANearNameIsSuggested(string word, string? name) =>
        Assert.Equal(name, ExplanationTargets.Nearest(word, [.. All().Select(e => e.Target)]));
}
