using System.Diagnostics;
using EksNode.Host.Containers;

namespace EksNode.Host.Tests.Containers;

/// <summary>
/// A containerd of the release that <c>EKSNODE_CONTAINERD_2</c> names, with everything it writes in a folder of its own. Without it, or
/// without root, the test is skipped and says so.
/// </summary>
internal sealed class RealContainerd : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-cri-");
    private readonly Process process;
    private readonly List<string> log = [];

    private RealContainerd(string program)
    {
        Ctr = Path.Combine(Path.GetDirectoryName(program)!, "ctr");
        Assert.SkipUnless(File.Exists(Ctr), $"{Ctr} is not there.");
        File.WriteAllText(At("config.toml"), $"""
            version = 3
            root = '{At("root")}'
            state = '{At("state")}'
            [grpc]
            address = '{Socket}'
            [ttrpc]
            address = '{At("ttrpc.sock")}'
            [plugins.'io.containerd.cri.v1.images']
            snapshotter = 'native'
            [plugins.'io.containerd.cri.v1.images'.pinned_images]
            sandbox = 'localhost/kubernetes/pause:latest'
            [plugins.'io.containerd.cri.v1.images'.registry]
            config_path = '{At("certs.d")}'
            [plugins.'io.containerd.cri.v1.runtime'.cni]
            conf_dir = '{At("cni")}'
            [plugins.'io.containerd.transfer.v1.local']
            [[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
            platform = 'linux'
            snapshotter = 'native'
            """);
        process = Process.Start(new ProcessStartInfo(program, ["--config", At("config.toml")]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
            {
                log.Add(line.Data ?? "");
            }
        };
        process.BeginErrorReadLine();
    }

    public string Ctr { get; }

    public string Socket => At("containerd.sock");

    public string Log
    {
        get
        {
            lock (log)
            {
                return string.Join('\n', log);
            }
        }
    }

    public static async Task<RealContainerd> StartAsync(CancellationToken cancellation)
    {
        var program = Environment.GetEnvironmentVariable("EKSNODE_CONTAINERD_2");
        Assert.SkipWhen(string.IsNullOrEmpty(program), "EKSNODE_CONTAINERD_2 does not name a containerd 2 executable.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "containerd needs root.");
        RealContainerd containerd = new(program!);
        using CriClient client = new(containerd.Socket, TimeProvider.System);
        var began = TimeProvider.System.GetTimestamp();
        while ((await client.VersionAsync(TimeSpan.FromSeconds(5), cancellation)).Fault is not null)
        {
            if (TimeProvider.System.GetElapsedTime(began) > StartDeadline || containerd.process.HasExited)
            {
                var said = containerd.Log;
                await containerd.DisposeAsync();
                Assert.Fail(said);
            }

            await Task.Delay(100, cancellation);
        }

        return containerd;
    }

    public string At(string name) => Path.Combine(folder.FullName, name);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }
}
