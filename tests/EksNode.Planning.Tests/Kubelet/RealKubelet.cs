using System.Diagnostics;

namespace EksNode.Planning.Tests.Kubelet;

/// <summary>
/// The kubelet of the folder that <c>EKSNODE_KUBERNETES_BIN</c> names, in namespaces of its own with a real containerd (<c>EKSNODE_CONTAINERD_2</c>):
/// it is started, asked for <c>/configz</c>, and stopped. It reaches no API server, and needs none for that.
/// </summary>
internal sealed class RealKubelet
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Inside: what the kubelet asks for; then containerd, the kubelet, and the question.</summary>
    private const string Script = """
        mount --make-rprivate /
        mount -t tmpfs t /sys/fs/cgroup && umount /sys/fs/cgroup
        mount -t cgroup2 c /sys/fs/cgroup 2>/dev/null
        mount -t tmpfs t /run; mount -t tmpfs t /var/log
        mkdir -p /run/containerd /run/soci-snapshotter-grpc
        ln -s /run/containerd/containerd.sock /run/soci-snapshotter-grpc/soci-snapshotter-grpc.sock
        ip link set lo up; ip addr add 10.0.0.5/24 dev lo
        printf 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\nruntime_type = "io.containerd.runc.v2"\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nSystemdCgroup = %s\n' "$SYSTEMD" >/run/containerd.toml
        $CONTAINERD --root /run/cri/root --state /run/cri/state --address /run/containerd/containerd.sock --config /run/containerd.toml >"$WORK/containerd.log" 2>&1 &
        for i in $(seq 100); do [ -S /run/containerd/containerd.sock ] && break; sleep 0.1; done
        "$KUBELET" "$@" >"$WORK/kubelet.log" 2>&1 &
        kubelet=$!
        for i in $(seq 300); do
          curl -skf "https://127.0.0.1:$PORT/configz" -o "$WORK/answer" && [ -s "$WORK/answer" ] && exit 0
          kill -0 $kubelet 2>/dev/null || exit 1
          sleep 0.05
        done
        exit 1
        """;

    /// <summary>Inside, without a runtime: the kubelet alone, which ends when it has looked at its configuration and finds nobody to run containers.</summary>
    private const string JudgeScript = """
        mount --make-rprivate /
        mount -t tmpfs t /sys/fs/cgroup && umount /sys/fs/cgroup
        mount -t cgroup2 c /sys/fs/cgroup 2>/dev/null
        mount -t tmpfs t /run; mount -t tmpfs t /var/log
        ip link set lo up; ip addr add 10.0.0.5/24 dev lo
        "$KUBELET" "$@" >"$WORK/kubelet.log" 2>&1
        exit 0
        """;

    private const string Kubeconfig = """
        {"apiVersion": "v1", "kind": "Config", "current-context": "c",
         "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
         "users": [{"name": "u", "user": {"token": "t"}}],
         "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}
        """;

    private readonly string kubelet;
    private readonly string containerd;

    private RealKubelet(string kubelet, string containerd, string version) =>
        (this.kubelet, this.containerd, Version) = (kubelet, containerd, version);

    /// <summary>Its version: <c>1.36.3</c>.</summary>
    public string Version { get; }

    /// <summary>The kubelet; the test is skipped without it, without containerd and without root.</summary>
    public static RealKubelet Find()
    {
        var folder = Environment.GetEnvironmentVariable("EKSNODE_KUBERNETES_BIN");
        Assert.SkipWhen(string.IsNullOrEmpty(folder) || !File.Exists(Path.Combine(folder, "kubelet")), "EKSNODE_KUBERNETES_BIN names no folder with a kubelet.");
        var containerd = Environment.GetEnvironmentVariable("EKSNODE_CONTAINERD_2");
        Assert.SkipWhen(string.IsNullOrEmpty(containerd), "EKSNODE_CONTAINERD_2 does not name a containerd 2 executable.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/unshare") && File.Exists("/usr/bin/curl"), "A kubelet runs as root, and this test needs unshare and curl.");
        var kubelet = Path.Combine(folder!, "kubelet");
        using var asked = Process.Start(new ProcessStartInfo(kubelet, ["--version"]) { RedirectStandardOutput = true })!;
        return new RealKubelet(kubelet, containerd!, asked.StandardOutput.ReadToEnd().Trim().Split(' ')[^1].TrimStart('v'));
    }

    /// <summary>What the kubelet answers.</summary>
    /// <param name="config">The text of its file.</param>
    /// <param name="dropIns">The texts of drop-ins in their order; empty: without <c>--config-dir</c>.</param>
    /// <param name="arguments">More arguments.</param>
    /// <param name="port">Where it will listen.</param>
    public async Task<string> AskAsync(string config, IReadOnlyList<string> dropIns, IEnumerable<string> arguments, int port = 10250)
    {
        var work = Directory.CreateTempSubdirectory("eksnode-kubelet-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(work, "kubeconfig"), Kubeconfig);
            await File.WriteAllTextAsync(Path.Combine(work, "config.json"), config);
            List<string> all =
            [
                $"--config={work}/config.json", $"--kubeconfig={work}/kubeconfig", $"--root-dir={work}/root",
                "--hostname-override=node", "--node-ip=10.0.0.5", .. arguments,
            ];
            if (dropIns.Count > 0)
            {
                Directory.CreateDirectory(Path.Combine(work, "conf.d"));
                all.Add($"--config-dir={work}/conf.d");
                for (var i = 0; i < dropIns.Count; i++)
                {
                    await File.WriteAllTextAsync(Path.Combine(work, "conf.d", $"{i:00}.conf"), dropIns[i]);
                }
            }

            var start = new ProcessStartInfo("/usr/bin/unshare", ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "bash", "-c", Script, "kubelet", .. all])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            start.Environment["WORK"] = work;
            // The runtime tells the kubelet its cgroup driver, and the kubelet believes it: on a node both have the same.
            start.Environment["SYSTEMD"] = config.Contains("\"cgroupDriver\": \"systemd\"", StringComparison.Ordinal) ? "true" : "false";
            start.Environment["KUBELET"] = kubelet;
            start.Environment["CONTAINERD"] = containerd;
            start.Environment["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            using var process = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
            }
            finally
            {
                process.Kill(entireProcessTree: true);
            }

            var answer = Path.Combine(work, "answer");
            Assert.True(File.Exists(answer), $"kubelet {Version} did not answer:\n{Last(Path.Combine(work, "kubelet.log"))}");
            return await File.ReadAllTextAsync(answer);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Why the kubelet refuses what it is started with; null: it went on to look for its container runtime, which is not there.</summary>
    /// <param name="config">Its file.</param>
    /// <param name="configDirectory">Its folder of drop-ins; null: without <c>--config-dir</c>.</param>
    /// <param name="arguments">More arguments, as a plan gives them.</param>
    public async Task<string?> RefusalAsync(string config, string? configDirectory, IEnumerable<string> arguments)
    {
        var work = Directory.CreateTempSubdirectory("eksnode-kubelet-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(work, "kubeconfig"), Kubeconfig);
            string[] all =
            [
                .. arguments, $"--config={config}", .. configDirectory is null ? Array.Empty<string>() : [$"--config-dir={configDirectory}"],
                $"--kubeconfig={work}/kubeconfig", $"--root-dir={work}/root", "--cert-dir=/run/pki", "--node-ip=10.0.0.5", "--hostname-override=node",
            ];
            var start = new ProcessStartInfo("/usr/bin/unshare", ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "bash", "-c", JudgeScript, "kubelet", .. all])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            start.Environment["WORK"] = work;
            start.Environment["KUBELET"] = kubelet;
            using var process = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
            }
            finally
            {
                process.Kill(entireProcessTree: true);
            }

            var log = Path.Combine(work, "kubelet.log");
            var last = File.ReadLines(log).LastOrDefault(l => l.Contains("command failed", StringComparison.Ordinal)) ?? Last(log);
            return last.Contains("failed to run Kubelet: validate service connection", StringComparison.Ordinal) ? null : last;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static string Last(string log) => File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(3)) : "it wrote nothing";
}
