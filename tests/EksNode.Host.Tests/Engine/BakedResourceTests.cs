using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning;
using EksNode.Planning.Facts;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

/// <summary>What <c>spec.bake</c> has in the image: a join finds it written, changes what user data changes, and a reset gives the image's bytes back.</summary>
public sealed class BakedResourceTests
{
    private const string Node =
        """
        node:
            registries: {docker.io: {mirrors: [{url: "https://mirror.example.com"}]}}
            kernel: {sysctls: {vm.max_map_count: 99999}, modules: [sctp]}
            limits: {units: {containerd: {limitNOFILE: 1048576}}}
            instance: {environment: {kubelet: {GODEBUG: "x=1"}}}
            kubelet: {config: {maxPods: 42}}
        """;

    private const string User =
        """
        apiVersion: eksnode.io/v1alpha1
        kind: NodeConfig
        spec:
          cluster:
            name: my-cluster
            apiServerEndpoint: https://example.com
            certificateAuthority: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJnVENDQVNlZ0F3SUJBZ0lVYmVodGVDY2tUdGMxZWxpQzQ3YXlZZTRmQ0Nvd0NnWUlLb1pJemowRUF3SXcKRlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QWdGdzB5TmpFeE1qSXhOekEwTURkYUdBOHlNVEkyTVRBeQpPVEUzTURRd04xb3dGVEVUTUJFR0ExVUVBd3dLYTNWaVpYSnVaWFJsY3pCWk1CTUdCeXFHU000OUFnRUdDQ3FHClNNNDlBd0VIQTBJQUJNT2h5a2V4OHdGckF6YVYzMFZBWlIwaXVPY2FoczJBMWpnWTZmRXJBajlPakNWM1BxRCsKTEV2SnFaV3hWamc0RjhQMjV4Q0ljelRrMmRlWHhYNGR0ZVdqVXpCUk1CMEdBMVVkRGdRV0JCU1Npa2ZZUE1wSQpKWldPaXQxNkdPVC9qclFyOGpBZkJnTlZIU01FR0RBV2dCU1Npa2ZZUE1wSUpaV09pdDE2R09UL2pyUXI4akFQCkJnTlZIUk1CQWY4RUJUQURBUUgvTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDSUh4Qng0RGZrK1hmYVNJclVCdHgKUWh4ZDJ3YkUwT0RyV0xSbTkyMXd6M2t1QWlFQTZpNXd5UjQyQUxVbDNOdUdUWkxRTkdKOGpCSXRsY2F6b0xiSApwSWt5bUlJPQotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==
            cidr: 10.100.0.0/16

        """;

    private const string Hosts = "/etc/containerd/certs.d/docker.io/hosts.toml";

    [Fact]
    public void R43_A_join_writes_nothing_that_is_baked()
    {
        using var host = Baked(out var image);
        Assert.Equal(10, image.Baked.Length);
        var changes = host.Diff(Join(host, image, User));
        Assert.Empty(changes.Actions.Select(c => c.ResourceId).Intersect(image.Baked));
        Assert.All(image.Baked, id => Assert.Equal(Verdict.Adopted, changes.All.Single(c => c.ResourceId == id).Verdict));
        Assert.Contains(changes.Actions, c => c.Path == NodePaths.KubeletConfig);
    }

    [Fact]
    public void R43_What_user_data_changes_is_one_update_and_a_reset_gives_the_bytes_of_the_image_back()
    {
        using var host = Baked(out var image);
        var baked = Contents(host, image);
        var plan = Join(host, image, User + "  registries: {docker.io: {mirrors: [{url: \"https://other.example.com\"}]}}\n");
        var change = Assert.Single(host.Diff(plan).Actions, c => image.Baked.Contains(c.ResourceId));
        Assert.Equal((Hosts, ChangeAction.Update), (change.Path, change.Action));

        host.Join(plan);
        Assert.Contains("other.example.com", host.Read(Hosts), StringComparison.Ordinal);
        Assert.All(host.Verify(plan), f => Assert.False(f.IsDrift, f.ResourceId));
        Assert.Empty(host.Diff(plan).Actions);

        Reset(host);
        Assert.Equal(baked, Contents(host, image));
        Assert.False(host.Exists(NodePaths.KubeletConfig));
    }

    [Fact]
    public void A_reset_leaves_what_is_baked_as_the_cost_says()
    {
        using var host = Baked(out var image);
        var baked = Contents(host, image);
        host.Join(Join(host, image, User));
        Reset(host);
        Assert.Equal(baked, Contents(host, image));
        Assert.Contains("a reset leaves it", ((FileResource)image.Plan.Find("file:" + Hosts)!).Baking!.Cost, StringComparison.Ordinal);
    }

    // The image's resources, with the state that an image build keeps elsewhere.
    private static TestRoot Baked(out ImagePlan image)
    {
        var bag = new DiagnosticBag();
        var text = $"apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\nspec:\n  kubernetes: \"1.33.4\"\n  profile: none\n  bake: [\"*\"]\n  {Node}\n";
        var source = SourceReader.Read(new SourceContent("image.yaml", Encoding.UTF8.GetBytes(text), IsUserData: false), bag);
        image = ImagePlanner.Plan(ImageConfigReader.Read(source.Documents[0].Document, bag), SortedMap.Empty<ImmutableArray<byte>>(), bag)!;
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        var host = new TestRoot();
        var files = new Plan([.. image.Plan.Resources.Where(r => r is FileResource or SymlinkResource or DirectoryResource)]);
        using var root = host.Open();
        Applier.Apply(root, Differ.Diff(files, root, AppliedState.Empty, new DiffOptions(null, Phase: Phase.Image)));
        Directory.Delete(host.At(AppliedState.DirectoryPath), recursive: true);
        return host;
    }

    // As join reads it: the image's part from its file, below user data.
    private static Plan Join(TestRoot host, ImagePlan image, string user)
    {
        const string Defaults = "/etc/eksnode/node.d/00-image.yaml";
        var bag = new DiagnosticBag();
        var config = ConfigurationReader.Read(
            [
                new SourceContent(Defaults, File.ReadAllBytes(host.At(Defaults)), IsUserData: false),
                new SourceContent("user-data", Encoding.UTF8.GetBytes(user), IsUserData: true),
            ],
            bag).Configuration;
        var facts = new NodeFacts
        {
            Instance = new InstanceFacts
            {
                Id = "i-0123456789abcdef0",
                Type = "c7g.large",
                Region = "eu-central-1",
                AvailabilityZone = "eu-central-1a",
                LocalIpv4 = "10.7.0.7",
                PrivateDnsName = "ip-10-7-0-7.eu-central-1.compute.internal",
            },
            Host = new HostFacts { CpuCount = 2, MemoryBytes = 4L << 30, NvidiaContainerRuntime = false, ImageCredentialProvider = NodePaths.Eksnode },
            Image = new ImageFacts { KubeletVersion = image.Decisions.Kubernetes.Value.ToString(), ContainerdVersion = image.Decisions.Containerd!.Value.ToString(), PauseImage = true, Fips = false },
        };
        var plan = Planner.Plan(config, facts, bag);
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        return plan! with { Resources = plan.Resources.RemoveAll(r => r is SysctlResource or KernelModuleResource) };
    }

    private static void Reset(TestRoot host)
    {
        using var root = host.Open();
        var nothing = new Plan([]);
        Applier.Apply(root, Differ.Diff(nothing, root, AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag()), new DiffOptions(null) { Resets = true }));
    }

    private static string Contents(TestRoot host, ImagePlan image) => string.Join('\n', image.Baked.Select(id => image.Plan.Find(id)!).Select(r =>
        r is SymlinkResource ? $"{r.Path} → {new FileInfo(host.At(r.Path)).LinkTarget}" : $"{r.Path} {host.Mode(r.Path)} {host.Read(r.Path)}"));
}
