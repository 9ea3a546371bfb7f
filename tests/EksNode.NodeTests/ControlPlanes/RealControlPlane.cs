using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EksNode.NodeTests.Machines;
using EksNode.Simulation;
using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>
/// etcd, kube-apiserver and, where it is there, kube-controller-manager. The API server asks the simulator's webhook about tokens and
/// authorizes nodes as EKS does: Node and RBAC authorizers, NodeRestriction.
/// </summary>
internal sealed class RealControlPlane : IControlPlane
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly List<BackgroundProgram> programs = [];

    private RealControlPlane(KubernetesPrograms release, KubernetesOptions options)
    {
        Description = release.Version;
        Api = new ApiClient(options, options.AdministratorToken);
        SignsCertificates = release.ControllerManager is not null;
    }

    public string Description { get; }

    public ApiClient Api { get; }

    public bool SignsCertificates { get; }

    public static async Task<RealControlPlane> StartAsync(
        NodeTestOptions options, KubernetesPrograms release, Simulator simulator, KubernetesOptions kubernetes, CancellationToken cancellation)
    {
        var folder = Path.Combine(options.Work, "control-plane");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        var files = new Files(folder, kubernetes, simulator.Kubernetes.WebhookUrl);
        var plane = new RealControlPlane(release, kubernetes);
        try
        {
            plane.Start(release.Etcd, files.EtcdArguments(), folder);
            plane.Start(release.ApiServer, files.ApiServerArguments(), folder);
            await plane.WaitAsync("the API server", "/readyz", cancellation);
            if (release.ControllerManager is { } manager)
            {
                plane.Start(manager, files.ControllerManagerArguments(), folder);
            }

            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    public string LastLines(int count) => string.Join('\n', programs.Select(program => $"{program.Name}:\n{program.LastLines(count)}"));

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        foreach (var program in Enumerable.Reverse(programs))
        {
            await program.DisposeAsync();
        }
    }

    private void Start(string program, IReadOnlyList<string> arguments, string folder) =>
        programs.Add(Programs.Start(program, arguments, Path.Combine(folder, Path.GetFileName(program) + ".log")));

    private Task WaitAsync(string what, string path, CancellationToken cancellation) => Waiting.UntilAsync(
        what, Deadline,
        async token =>
        {
            programs.ForEach(program => program.EnsureRuns());
            return await Api.TryGetTextAsync(path, token) == "ok";
        },
        () => LastLines(10), cancellation);

    /// <summary>The keys and configurations of the programs, in one folder.</summary>
    private sealed class Files
    {
        private const string EtcdUrl = "http://127.0.0.1:2379";

        private readonly string folder;

        public Files(string folder, KubernetesOptions options, Uri webhook)
        {
            this.folder = folder;
            Write("ca.crt", options.Authority.Pem);
            Write("ca.key", options.Authority.KeyPem);
            using (var server = options.Authority.IssueServer("kube-apiserver", ["kubernetes.default.svc"], [PrivateNetwork.ApiServer]))
            {
                WritePair("apiserver", server);
            }

            using (var client = options.Authority.IssueClient("kube-apiserver-kubelet-client", "system:masters"))
            {
                WritePair("kubelet-client", client);
            }

            using (var key = RSA.Create(2048))
            {
                Write("service-account.key", key.ExportPkcs8PrivateKeyPem());
            }

            Write("tokens.csv", $"{options.AdministratorToken},kubernetes-admin,kubernetes-admin,\"system:masters\"\n");
            Write("webhook.json", Kubeconfig(webhook.ToString(), null, null));
            Write("controller-manager.json", Kubeconfig($"https://{PrivateNetwork.ApiServer}", At("ca.crt"), options.AdministratorToken));
        }

        public IReadOnlyList<string> EtcdArguments() =>
        [
            "--data-dir", At("etcd"), "--listen-client-urls", EtcdUrl, "--advertise-client-urls", EtcdUrl, "--listen-peer-urls", "http://127.0.0.1:2380",
            "--unsafe-no-fsync", "--log-level", "warn",
        ];

        public IReadOnlyList<string> ApiServerArguments() =>
        [
            $"--etcd-servers={EtcdUrl}", $"--bind-address={PrivateNetwork.ApiServer}", $"--advertise-address={PrivateNetwork.ApiServer}", "--secure-port=443",
            $"--tls-cert-file={At("apiserver.crt")}", $"--tls-private-key-file={At("apiserver.key")}", $"--client-ca-file={At("ca.crt")}",
            "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-key-file={At("service-account.key")}",
            $"--service-account-signing-key-file={At("service-account.key")}", "--service-cluster-ip-range=172.20.0.0/16",
            "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
            $"--token-auth-file={At("tokens.csv")}",
            $"--authentication-token-webhook-config-file={At("webhook.json")}", "--authentication-token-webhook-version=v1",
            $"--kubelet-client-certificate={At("kubelet-client.crt")}", $"--kubelet-client-key={At("kubelet-client.key")}",
            $"--kubelet-certificate-authority={At("ca.crt")}", "--kubelet-preferred-address-types=InternalIP",
        ];

        public IReadOnlyList<string> ControllerManagerArguments() =>
        [
            $"--kubeconfig={At("controller-manager.json")}", "--leader-elect=false", "--bind-address=127.0.0.1",
            $"--cluster-signing-cert-file={At("ca.crt")}", $"--cluster-signing-key-file={At("ca.key")}", $"--root-ca-file={At("ca.crt")}",
            $"--service-account-private-key-file={At("service-account.key")}",
        ];

        private static string Kubeconfig(string server, string? authority, string? token) => new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject
            {
                ["name"] = "it",
                ["cluster"] = authority is null
                    ? new JsonObject { ["server"] = server }
                    : new JsonObject { ["server"] = server, ["certificate-authority"] = authority },
            }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "me", ["user"] = token is null ? new JsonObject() : new JsonObject { ["token"] = token } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "it", ["context"] = new JsonObject { ["cluster"] = "it", ["user"] = "me" } }),
            ["current-context"] = "it",
        }.ToJsonString();

        private string At(string name) => Path.Combine(folder, name);

        private void Write(string name, string text) => File.WriteAllText(At(name), text);

        private void WritePair(string name, X509Certificate2 certificate)
        {
            Write(name + ".crt", certificate.ExportCertificatePem() + "\n");
            using var key = certificate.GetECDsaPrivateKey()!;
            Write(name + ".key", key.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }
}
