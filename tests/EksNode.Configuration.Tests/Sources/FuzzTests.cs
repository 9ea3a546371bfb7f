using System.Globalization;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using static EksNode.Configuration.Tests.Sources.UserData;

namespace EksNode.Configuration.Tests.Sources;

/// <summary>
/// Whatever the bytes are, reading them ends in a configuration or in diagnostics. <c>EKSNODE_FUZZ_ITERATIONS</c> sets how
/// many inputs are tried, <c>EKSNODE_FUZZ_SEED</c> repeats a run.
/// </summary>
public sealed class FuzzTests
{
    private const string Yaml = Config + """
              apiServerEndpoint: https://example.com
              certificateAuthority: aGVsbG8=
              cidr: 10.100.0.0/16
              enableOutpost: no
            kubelet:
              config:
                maxPods: 0o144
                clusterDNS: [10.100.0.10, "fd00::a"]
                evictionHard: &hard {memory.available: 100Mi, "nodefs.available": 10%}
                copy: {<<: *hard, x: 1e3}
              flags:
              - --node-labels=a=b,c=d
              - '--register-with-taints=x=y:NoSchedule'
              maxPodsExpression: "default_enis * (ips_per_eni - 1) + 2"
            containerd:
              config: |
                version = 3
                [plugins.'io.containerd.cri.v1.images']
                discard_unpacked_layers = false
                x = { a = [1, 2.5, "\u00e9"], b = 2026-01-31T10:00:00Z }
                [[stream]]
                a.b = '''x'''
              baseRuntimeSpec: {"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024}]}}
            instance:
              localStorage: {strategy: RAID0, disabledMounts: [PodLogs]}
              environment: {default: {HTTP_PROXY: http://u:p@proxy:3128}}
              network: {nameservers: [1.1.1.1], domains: [example.com]}
            featureGates: {InstanceIdNodeName: true}
          ---
          # another
          apiVersion: eksnode.io/v1alpha1
          kind: NodeConfig
          spec: !!map
            text: >-
              folded

              text
            "quoted": "a\tb\x41\u00e9"
          ...
          """;

    // What parsers treat specially.
    private static readonly string[] Tokens =
    [
        "\n", "\r\n", "\t", " ", "  ", ":", ": ", "- ", "? ", "|", ">", "|2-\n", "&a ", "*a", "<<: ", "!!int ", "!!binary ", "!<", "%YAML 1.1\n", "---\n", "...\n",
        "[", "]", "{", "}", ",", "\"", "'", "'''", "\"\"\"", "\\", "\\u", "\\ud800", "#", "=", ".", "[[", "]]", "0x", "0o", "1e999", ".inf", "nan", "_",
        "--//\n", "--//--\n", "Content-Type: multipart/mixed; boundary=\"//\"\n\n", "Content-Type: application/node.eks.aws\n\n",
        "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "=\n", "=3D", "=Z", "MIME-Version: 1.0\n",
        "apiVersion: node.eks.aws/v1alpha1\n", "kind: NodeConfig\n", "#!", "#cloud-config\n", "\uFEFF", "\u0085", "\u2028", "\0", "\u0001", "é", "😀",
    ];

    private static readonly byte[][] Seeds =
    [
        Bytes(Yaml),
        Bytes(JsonWriter.Write(YamlReader.Read(Config, "seed", 0, new DiagnosticBag())[0])),
        Bytes(Mime("Content-Type: text/x-shellscript\n\n#!/bin/sh", Part(Yaml), Part(Base64(Gzip(Config))))),
        Bytes(Crlf(Mime(Part(Config, "Content-Type: application/node.eks.aws; charset=utf-8\nContent-Transfer-Encoding: quoted-printable")))),
        Bytes(Mime("A", ["Content-Type: multipart/alternative; boundary=\"AB\"\n\n--AB\n" + Part(Config) + "\n--AB--\n"])),
        Bytes(Base64(Yaml)),
        Gzip(Yaml),
        Bytes(Base64(Gzip(Mime(Part(Config))))),
    ];

    [Fact]
    public void AnyBytesEndInAConfigurationOrInDiagnostics()
    {
        var iterations = Number("EKSNODE_FUZZ_ITERATIONS", 10_000);
        var seed = Number("EKSNODE_FUZZ_SEED", Random.Shared.Next());
        TestContext.Current.TestOutputHelper?.WriteLine(Invariant($"EKSNODE_FUZZ_SEED={seed} EKSNODE_FUZZ_ITERATIONS={iterations}"));
        Parallel.For(0, iterations, i =>
        {
            var input = Input(new Random(unchecked((seed * 31) + i)));
            try
            {
                Check(input);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    Invariant($"EKSNODE_FUZZ_SEED={seed}, input {i}: {Convert.ToBase64String(input)}"), exception);
            }
        });
    }

    [Fact]
    public void TheInputsAreValidBeforeTheyAreChanged() => Assert.All(Seeds, seed =>
    {
        var bag = new DiagnosticBag();
        Assert.True(ConfigurationReader.Read([new SourceContent("user-data", seed, true)], bag).HasConfiguration);
        Assert.DoesNotContain(bag.Items, d => d.Code.StartsWith("EKN01", StringComparison.Ordinal));
    });

    private static void Check(byte[] input)
    {
        var bag = new DiagnosticBag();
        var result = ConfigurationReader.Read([new SourceContent("user-data", input, true)], bag);
        Assert.True(result.HasConfiguration || bag.HasErrors);

        var text = Encoding.UTF8.GetString(input);
        foreach (var document in YamlReader.Read(text, "yaml", 0, bag))
        {
            JsonWriter.Write(document);
        }

        if (TomlReader.Read(text, "toml", bag) is { } toml)
        {
            // What is read can be written, and read again with the same meaning.
            var written = TomlWriter.Write(toml);
            Assert.Equal(written, TomlWriter.Write(Documents.Trees.Toml(written)));
        }

        foreach (var diagnostic in bag.Items)
        {
            Assert.NotEmpty(diagnostic.Message);
            Assert.NotEmpty(diagnostic.Help);
            Assert.True(diagnostic.Origin is null or { Line: >= 0, Column: >= 0 });
        }
    }

    private static byte[] Input(Random random)
    {
        switch (random.Next(10))
        {
            case 0:
                var bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
                return bytes;
            case 1 or 2:
                return Bytes(string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Tokens[random.Next(Tokens.Length)])));
            default:
                var seed = Seeds[random.Next(Seeds.Length)].ToList();
                for (var changes = random.Next(1, 8); changes > 0; changes--)
                {
                    Change(seed, random);
                }

                // A changed document inside an intact wrapping reaches what lies behind it.
                return random.Next(4) == 0 ? Gzip([.. seed]) : [.. seed];
        }
    }

    private static void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 60), bytes.Count - at);
        switch (random.Next(7))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 3 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                var other = Seeds[random.Next(Seeds.Length)];
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(80, other.Length - from)).ToArray());
                break;
            default:
                bytes.InsertRange(at, Bytes(Tokens[random.Next(Tokens.Length)]));
                break;
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
