using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Imaging;

/// <summary>A store whose containerd and ctr are stand-ins that run in the root, and tell which proxy they were given.</summary>
public sealed class ContainerStoreProxyTests : IDisposable
{
    private readonly TestRoot host = new(inMemory: false);

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task R07_Pulls_go_through_the_proxy_of_the_build_whoever_of_the_two_pulls()
    {
        TestRoot.RequireRoot();
        StandInShell.Into(host, "/bin/sleep");
        Directory.CreateDirectory(host.At("/proc"));
        host.Write("/usr/bin/containerd", "#!/bin/sh\necho \"containerd $https_proxy\" >>/seen\nexec sleep 600\n", 0x1ED);
        host.Write(
            "/usr/bin/ctr",
            """
            #!/bin/sh
            shift 4
            case "$1 $2" in
            "images pull") echo "ctr $https_proxy" >>/seen; echo "$3 type sha256:aa 1 linux -" >/pulled;;
            "images list") echo REF; if [ -e /pulled ]; then read -r line </pulled; echo "$line"; fi;;
            esac
            """,
            0x1ED);
        using var root = host.Open();
        var runner = new ProgramRunner();
        var programs = new RootPrograms(root, runner, NoLog.Instance) { Environment = ["https_proxy=http://proxy.example.com"] };
        var store = new ContainerStore(root, programs, runner, NoLog.Instance, TimeProvider.System);
        var stored = await store.FillAsync(
            [new ContainerImageResource { Path = "/var/lib/containerd", Name = "registry.example.com/app:1" }], _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal("registry.example.com/app:1", Assert.Single(stored).Name);
        Assert.Equal(
            ["containerd http://proxy.example.com", "ctr http://proxy.example.com"],
            host.Read("/seen").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
