
namespace EksNode.Planning.Tests.Containerd;

/// <summary>Real containerd daemons on planned files, in a folder of their own: whether the kubelet would find the CRI plugin.</summary>
public sealed class ContainerdBootTests : IDisposable
{
    private const string Two = "plugins.'io.containerd.grpc.v1.cri'";
    private const string Runtime = "plugins.'io.containerd.cri.v1.runtime'";
    private const string Images = "plugins.'io.containerd.cri.v1.images'";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-containerd-");

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task The_planned_configuration_boots_with_its_cri_plugin(int release, bool nvidia)
    {
        var (log, predicted) = await Boot(release, "", nvidia);

        Assert.Contains("successfully booted", log, StringComparison.Ordinal);
        Assert.DoesNotContain("failed to load plugin", CriLines(log), StringComparison.Ordinal);
        Assert.False(predicted);
    }

    [Theory]
    [InlineData(1, Two + ".registry.mirrors.'docker.io'.endpoint = ['https://m']")]
    [InlineData(2, Two + ".registry.mirrors.'docker.io'.endpoint = ['https://m']")]
    [InlineData(1, Two + ".registry.configs.r.tls.ca_file = '/x'")]
    [InlineData(1, Two + ".containerd.default_runtime_name = 'kata'")]
    [InlineData(2, Runtime + ".containerd.default_runtime_name = 'kata'")]
    [InlineData(1, Two + ".containerd.snapshotter = 'stargz'")]
    [InlineData(2, Images + ".snapshotter = 'stargz'")]
    [InlineData(2, Runtime + ".cni = {bin_dir = '/a', bin_dirs = ['/b']}")]
    [InlineData(1, "disabled_plugins = ['zfs']")]
    [InlineData(2, "disabled_plugins = ['zfs']")]
    [InlineData(1, "proxy_plugins.x.address = '/x'")]
    [InlineData(2, "proxy_plugins.x.address = '/x'")]
    [InlineData(1, "timeouts.x = 'soon'")]
    [InlineData(1, "plugins.cri.sandbox_image = 'x'")]
    [InlineData(2, Two + ".stream_idle_timeout = '5x'")]
    public async Task What_is_predicted_to_be_refused_is_refused(int release, string settings)
    {
        var (log, predicted) = await Boot(release, settings + "\n", nvidia: false);

        Assert.True(predicted);
        Assert.True(
            !log.Contains("successfully booted", StringComparison.Ordinal) || CriLines(log).Contains("failed to load plugin", StringComparison.Ordinal),
            log);
    }

    [Theory]
    [InlineData(2, Runtime + ".containerd.default_runtime_name = 'runc'", true)]
    [InlineData(2, Runtime + ".cni.bin_dirs = ['/a', '/b']", false)]
    [InlineData(2, Two + ".cni.bin_dir = '/a'", false)]
    [InlineData(1, Images + ".snapshotter = 'native'", false)]
    [InlineData(2, Two + ".registry = {config_path = '', mirrors = {'docker.io' = {endpoint = ['https://m']}}}", false)]
    public async Task What_is_not_predicted_to_be_refused_boots(int release, string settings, bool nvidia)
    {
        var (log, predicted) = await Boot(release, settings + "\n", nvidia);

        Assert.False(predicted);
        Assert.Contains("successfully booted", log, StringComparison.Ordinal);
        Assert.DoesNotContain("failed to load plugin", CriLines(log), StringComparison.Ordinal);
    }

    private static string CriLines(string log) =>
        string.Join('\n', log.Split('\n').Where(l => l.Contains("cri", StringComparison.Ordinal) && !l.Contains("skip loading", StringComparison.Ordinal)));

    private async Task<(string Log, bool Predicted)> Boot(int release, string settings, bool nvidia)
    {
        var containerd = ContainerdExecutable.Find(release);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "containerd needs root.");

        // What keeps the daemon inside of the folder is not part of what is tested.
        var section = release == 1 ? Two : Runtime;
        var at = folder.FullName;
        File.WriteAllText(Path.Combine(at, "spec.json"), "{}");
        var planned = ContainerdPlan.Of(containerd.Version, settings, nvidia: nvidia);
        var home = ContainerdPlan.Parse(
            $"""
            root = '{at}/root'
            state = '{at}/state'
            grpc.address = '{at}/c.sock'
            plugins.'io.containerd.internal.v1.opt'.path = '{at}/opt'
            plugins.'io.containerd.nri.v1.nri'.disable = true
            {section}.containerd.runtimes.{(nvidia ? "nvidia" : "runc")}.base_runtime_spec = '{at}/spec.json'
            """);
        var file = Path.Combine(at, "config.toml");
        File.WriteAllText(file, EksNode.Configuration.Documents.TomlWriter.Write(EksNode.Configuration.Documents.TreeMerge.Merge(planned.Tree, home)));
        return (await containerd.Boot(file), planned.Diagnostics.Any(d => d.Code is "EKN0506" or "EKN0508"));
    }
}
