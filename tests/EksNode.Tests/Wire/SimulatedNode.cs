using System.Security.Cryptography;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>A simulated instance and the folder that is its file system.</summary>
internal sealed class SimulatedNode : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-wire-").FullName;

    private SimulatedNode(Simulator simulator)
    {
        Simulator = simulator;
        Root = Path.Combine(folder, "node");
        Write("etc/eksnode/image.json", """{"schemaVersion":1,"components":{"kubelet":{"version":"1.33.4"},"containerd":{"version":"2.1.9"}}}""");
        Write("etc/eks/image-credential-provider/ecr-credential-provider", "#!/bin/sh\n");
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/bin:/bin",
            ["HOME"] = folder,
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = simulator.ImdsUrl.ToString(),
            ["AWS_ENDPOINT_URL"] = simulator.AwsUrl.ToString(),
        };
    }

    public Simulator Simulator { get; }

    /// <summary>For <c>--root</c>.</summary>
    public string Root { get; }

    /// <summary>The whole environment of the executable.</summary>
    public Dictionary<string, string> Environment { get; }

    public static Task<SimulatedNode> StartAsync(string? userData, params string[] faults) =>
        StartAsync(new SimulatorOptions { UserData = userData is null ? null : UserData.Bytes(userData), Faults = [.. faults] });

    public static async Task<SimulatedNode> StartAsync(SimulatorOptions options)
    {
        // Skips before anything is started.
        _ = EksNodeProcess.Executable;
        return new SimulatedNode(await Simulator.StartAsync(options));
    }

    public EksNodeProcess Start(params string[] arguments) => EksNodeProcess.Start([arguments[0], "--root", Root, .. arguments[1..]], Environment);

    public async Task<ProcessResult> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.EndAsync();
    }

    /// <summary>Runs the executable as the kubelet does: with these arguments alone.</summary>
    public async Task<ProcessResult> RunPlainAsync(string[] arguments, string? input = null, string? link = null)
    {
        await using var process = EksNodeProcess.Start(arguments, Environment, input, link);
        return await process.EndAsync();
    }

    /// <summary>A link to the executable under another program's name.</summary>
    public string Link(string name)
    {
        var path = Path.Combine(folder, name);
        File.CreateSymbolicLink(path, EksNodeProcess.Executable);
        return path;
    }

    public Task<ProcessResult> JoinAsync(params string[] arguments) => RunAsync(["join", "--no-start", .. arguments]);

    /// <summary>Fails unless a join has left what the kubelet and containerd start from.</summary>
    public void ExpectJoined()
    {
        foreach (var path in new[] { "etc/kubernetes/kubelet/config.json", "etc/eks/kubelet/environment", "var/lib/kubelet/kubeconfig", "etc/containerd/config.toml" })
        {
            Assert.True(Has(path), $"{path} is missing");
        }
    }

    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public bool Has(string path) => File.Exists(Path.Combine(Root, path));

    public UnixFileMode ModeOf(string path) => File.GetUnixFileMode(Path.Combine(Root, path));

    public void Write(string path, string content)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    /// <summary>A file beside the root, for <c>-c</c> and <c>--facts</c>.</summary>
    public string WriteOutside(string name, string content)
    {
        var full = Path.Combine(folder, name);
        File.WriteAllText(full, content);
        return full;
    }

    /// <summary>
    /// Every file and folder under the root: kind, mode and content, and with <paramref name="times"/> when it was written, so
    /// that writing the same bytes shows too. The lock under <c>/run/eksnode</c> is no file of the node.
    /// </summary>
    public SortedDictionary<string, string> Snapshot(bool times = false, bool state = true)
    {
        var snapshot = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in new DirectoryInfo(Root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(Root, entry.FullName);
            if (path is "run" or "run/eksnode" || path.StartsWith("run/eksnode/", StringComparison.Ordinal) || (!state && IsState(path)))
            {
                continue;
            }

            var content = entry switch
            {
                { LinkTarget: { } target } => $"link {target}",
                FileInfo file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))),
                _ => "folder",
            };
            var written = times && entry is FileInfo ? $" {entry.LastWriteTimeUtc.Ticks}" : "";
            snapshot[path] = $"{entry.UnixFileMode} {content}{written}";
        }

        return snapshot;
    }

    public async ValueTask DisposeAsync()
    {
        await Simulator.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static bool IsState(string path) =>
        path is "var/lib/eksnode" || path.StartsWith("var/lib/eksnode/", StringComparison.Ordinal);
}
