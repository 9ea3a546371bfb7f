using EksNode.Configuration.Text;

namespace EksNode.Configuration.Migration;

/// <summary>The arguments of a call of AL2's <c>/etc/eks/bootstrap.sh</c>, by name.</summary>
internal sealed class BootstrapArguments
{
    /// <summary>All of them take a value.</summary>
    /// <remarks>The help of <c>/etc/eks/bootstrap.sh</c> of the last AL2 images.</remarks>
    private static readonly string[] Known =
    [
        "--apiserver-endpoint", "--aws-api-retry-attempts", "--b64-cluster-ca", "--cluster-id", "--container-runtime",
        "--containerd-config-file", "--dns-cluster-ip", "--docker-config-json", "--enable-docker-bridge", "--enable-local-outpost",
        "--ip-family", "--kubelet-extra-args", "--local-disks", "--mount-bpf-fs", "--pause-container-account",
        "--pause-container-version", "--service-ipv6-cidr", "--use-max-pods",
    ];

    private readonly Dictionary<string, ShellWord> values = new(StringComparer.Ordinal);

    /// <summary>The cluster's name.</summary>
    public ShellWord? Cluster { get; private set; }

    /// <summary>The value of an argument; null: it is not given.</summary>
    public ShellWord? this[string name] => values.GetValueOrDefault(name);

    /// <summary>Reads them, and reports what is none of them.</summary>
    public static BootstrapArguments Read(IReadOnlyList<ShellWord> words, DiagnosticBag diagnostics)
    {
        var read = new BootstrapArguments();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            Report(word, diagnostics);
            if (!word.Text.StartsWith("--", StringComparison.Ordinal))
            {
                read.Positional(word, diagnostics);
            }
            else if (!Known.Contains(word.Text))
            {
                diagnostics.Report(
                    DiagnosticCatalogue.BootstrapArgumentWrong,
                    $"bootstrap.sh has no argument `{word.Text}`.",
                    Suggestions.DidYouMean(word.Text, Known, "Arguments of the kubelet stand inside --kubelet-extra-args '…'."),
                    word.Origin);
            }
            else if (i + 1 == words.Count)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.BootstrapArgumentWrong,
                    $"`{word.Text}` has no value.",
                    "Write the value behind it, in quotes when it holds spaces.",
                    word.Origin);
            }
            else
            {
                var value = words[++i];
                Report(value, diagnostics);
                read.values[word.Text] = value;
            }
        }

        return read;
    }

    private static void Report(ShellWord word, DiagnosticBag diagnostics)
    {
        if (word.Expression is { } expression)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ShellExpressionKept,
                $"`{expression}` is computed by the shell, and a NodeConfig is no script: it stands there as it is.",
                "Put its value in its place, or let the template that makes the user data do so.",
                word.Origin);
        }
    }

    private void Positional(ShellWord word, DiagnosticBag diagnostics)
    {
        if (Cluster is null)
        {
            Cluster = word;
            return;
        }

        diagnostics.Report(
            DiagnosticCatalogue.BootstrapArgumentWrong,
            $"`{word.Text}` stands where bootstrap.sh takes nothing: the cluster's name is `{Cluster.Text}` already.",
            "Put quotes around a value with spaces, as in --kubelet-extra-args '--a=1 --b=2'.",
            word.Origin);
    }
}
