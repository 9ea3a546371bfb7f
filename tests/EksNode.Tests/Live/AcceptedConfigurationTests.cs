using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using EksNode.Planning.Tests.Kubelet;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Live;

/// <summary>
/// What <c>config validate</c> passes is accepted by the kubelet of that minor: it is started with the very files that join writes, and goes on until it
/// looks for its container runtime. And what validate calls an error of the kubelet's configuration, it refuses. With <c>EKSNODE_KUBERNETES_BIN</c>.
/// </summary>
public sealed class AcceptedConfigurationTests : IDisposable
{
    private const int Rounds = 120;
    private const int AtOnce = 2;

    // What this kubelet is not asked: a sysctl of the host, and the configuration of credential providers, whose flags name the node's files and are left out.
    private static readonly string[] NotOfTheKubelet = ["EKN0730 ", "EKN0872 "];

    private static readonly string Head = $"apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n    apiServerEndpoint: https://demo.example.com\n    cidr: 10.100.0.0/16\n    certificateAuthority: {ClusterCertificate.Base64}\n";

    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-accepted-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_good_document_of_the_corpus_is_accepted()
    {
        var kubelet = RealKubelet.Find();
        var minor = Minor(kubelet);
        // A document is judged by the version that it is for, else by this kubelet's.
        var documents = CorpusTests.GoodDocuments().Where(d => d.Version is null || d.Version == minor).ToArray();
        Assert.True(documents.Length > 40, $"{documents.Length} documents are for {minor}.");
        await AllAsync(kubelet, documents.Select(d => (d.Name, d.Text)), wants: 0.9);
    }

    [Fact]
    public async Task Every_case_that_can_be_planned_is_accepted()
    {
        var kubelet = RealKubelet.Find();
        var cases = Directory.GetDirectories(Path.Combine(Repository.Root, "tests/cases")).Order(StringComparer.Ordinal)
            // What these name is below the root of the case, and on no other machine.
            .Where(d => !Directory.Exists(Path.Combine(d, "root")))
            .Select(d => (Path.GetFileName(d), ((string[])["config.yaml", "config.mime"]).Select(f => Path.Combine(d, f)).FirstOrDefault(File.Exists)))
            .Where(c => c.Item2 is not null)
            .Select(c => (c.Item1, File.ReadAllText(c.Item2!)));
        await AllAsync(kubelet, cases, wants: 0.6);
    }

    [Fact]
    public async Task Generated_settings_have_the_verdict_that_validate_gives()
    {
        var kubelet = RealKubelet.Find();
        var seed = Environment.GetEnvironmentVariable("EKSNODE_SEED");
        var documents = new ConcurrentQueue<string>();
        // Each with one to four settings, so that some are without a fault and others have one alone.
        KubeletSettings.Document(Minor(kubelet)).Sample(d => documents.Enqueue(d), seed: seed, iter: Rounds, threads: 1);
        await AllAsync(kubelet, documents.Select((d, i) => (string.Create(CultureInfo.InvariantCulture, $"{i}: {d}"), Head + "  kubelet:\n    config: " + d + "\n")), wants: 0.2);
    }

    private async Task AllAsync(RealKubelet kubelet, IEnumerable<(string Name, string Text)> documents, double wants)
    {
        var wrong = new ConcurrentQueue<string>();
        int passed = 0, refused = 0, other = 0;
        await Parallel.ForEachAsync(documents.Select((d, i) => (d.Name, d.Text, i)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (document, cancellation) =>
        {
            var (name, text, i) = document;
            var own = Directory.CreateDirectory(Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture))).FullName;
            var file = Path.Combine(own, "document");
            await File.WriteAllTextAsync(file, text, cancellation);
            var verdict = await ValidateAsync(file, Minor(kubelet));
            var root = Path.Combine(own, "node");
            Directory.CreateDirectory(root);
            if (!await JoinAsync(file, root, kubelet))
            {
                // A document that is no node's by itself: what it lacks, or what eksnode itself cannot read.
                Interlocked.Increment(ref other);
                return;
            }

            var refusal = await kubelet.RefusalAsync(
                root + "/etc/kubernetes/kubelet/config.json",
                Directory.Exists(root + "/etc/kubernetes/kubelet/config.json.d") ? root + "/etc/kubernetes/kubelet/config.json.d" : null,
                [.. Arguments(root), $"--client-ca-file={root}/etc/kubernetes/pki/ca.crt"]);
            Interlocked.Increment(ref verdict is null ? ref passed : ref refused);
            if (verdict is null != refusal is null)
            {
                wrong.Enqueue($"{name}\n  validate: {verdict ?? "passes"}\n  kubelet {kubelet.Version}: {refusal ?? "accepts"}");
            }
        });
        TestContext.Current.SendDiagnosticMessage("kubelet {0}: {1} passed, {2} refused, {3} not judged", kubelet.Version, passed, refused, other);
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {passed + refused}:\n{string.Join('\n', wrong)}");
        Assert.True(passed >= wants * (passed + refused + other), $"{passed} passed, {refused} refused, {other} not judged");
    }

    // The errors of validate; null: none.
    private static async Task<string?> ValidateAsync(string file, string minor)
    {
        var (exit, output) = await RunAsync("config", "validate", file, "--kubernetes-version", minor, "--output", "json");
        using var json = JsonDocument.Parse(output);
        var errors = json.RootElement.GetProperty("diagnostics").EnumerateArray().Where(d => d.GetProperty("severity").GetString() == "error")
            .Select(d => $"{d.GetProperty("code")} {d.GetProperty("message")}").ToArray();
        Assert.Equal(exit == 2, errors.Length > 0);
        errors = [.. errors.Where(e => !Array.Exists(NotOfTheKubelet, e.StartsWith))];
        return errors.Length == 0 ? null : string.Join("; ", errors);
    }

    private async Task<bool> JoinAsync(string file, string root, RealKubelet kubelet)
    {
        var facts = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests/cases/plain/facts.json")))!;
        facts["image"] = new JsonObject { ["kubeletVersion"] = kubelet.Version, ["containerdVersion"] = "2.1.9" };
        await File.WriteAllTextAsync(root + ".facts", facts.ToJsonString());

        // What a document leaves to other sources of its node: the cluster.
        await File.WriteAllTextAsync(root + ".cluster", Head);
        return (await RunAsync("join", "--no-start", "--root", root, "--facts", root + ".facts", "-c", root + ".cluster", "-c", file)).Exit == 0;
    }

    // Those of the node's files, but for what names places of the machine that the kubelet of this test does not run on.
    private static IEnumerable<string> Arguments(string root)
    {
        const string name = "NODEADM_KUBELET_ARGS=";
        string[] left = ["--config=", "--config-dir=", "--kubeconfig=", "--bootstrap-kubeconfig=", "--image-credential-provider-", "--node-ip=", "--hostname-override=", "--root-dir="];
        var line = File.ReadLines(root + "/etc/eks/kubelet/environment").Single(l => l.StartsWith(name, StringComparison.Ordinal));
        return line[name.Length..].Trim('"', '\'').Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(a => !left.Any(l => a.StartsWith(l, StringComparison.Ordinal)));
    }

    private static string Minor(RealKubelet kubelet) => string.Join('.', kubelet.Version.Split('.')[..2]);

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var io = new CommandIo { Out = output, Error = TextWriter.Null, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        return (await CommandLine.RunAsync(arguments, io, TestContext.Current.CancellationToken), output.ToString());
    }
}
