using System.Text.Json.Nodes;
using CsCheck;

namespace EksNode.Tests.Live;

/// <summary>Kubelet configurations made up from the tables: for each field values of its type, most of them right.</summary>
internal static class KubeletSettings
{
    private static readonly string[] Durations = ["0s", "1s", "10s", "30s", "1m0s", "5m", "1h", "100ms", "90", "-1s"];
    private static readonly int[] Numbers = [-2, -1, 0, 1, 2, 5, 10, 31, 50, 80, 85, 100, 110, 999, 4096, 10255, 65535, 65536, 2147483647];

    /// <summary>A document as JSON, of one to four fields that the minor has.</summary>
    public static Gen<string> Document(string minor)
    {
        var fields = Rows("kubelet-configuration-fields.tsv")
            .Where(r => Has(r, minor) && r[1] is not "object" and not "time" && !r[0].Contains("[]", StringComparison.Ordinal) && r[0] is not ("kind" or "apiVersion"))
            // Files and endpoints of the machine, and the certificate's own: what is there is the test's.
            .Where(r => r[0] is not ("containerRuntimeEndpoint" or "imageServiceEndpoint" or "authentication.x509.clientCAFile" or "tlsCertFile" or "tlsPrivateKeyFile"))
            .ToArray();
        var choices = Rows("kubelet-value-rules.tsv").Where(r => r[1] == "choices").GroupBy(r => r[0]).ToDictionary(g => g.Key, g => g.First()[2].Split('|'));
        var gates = Rows("kubelet-feature-gates.tsv").Select(r => r[0]).ToArray();
        var one = Gen.Int[0, fields.Length - 1].SelectMany(i => Value(fields[i], choices, gates).Select(v => (Path: fields[i][0], Value: v)));
        return one.Array[1, 4].Select(settings =>
        {
            var document = new JsonObject();
            foreach (var (path, value) in settings)
            {
                Set(document, path.Split('.'), JsonNode.Parse(value));
            }

            return document.ToJsonString();
        });
    }

    private static Gen<string> Value(string[] field, Dictionary<string, string[]> choices, string[] gates)
    {
        var (name, type) = (field[0], field[1]);
        string[] own = choices.TryGetValue(name, out var given) ? given : type.StartsWith("enum:", StringComparison.Ordinal) ? type[5..].Split('|') : [];
        return type switch
        {
            "bool" => Of("true", "false"),
            "int" => Of([.. Numbers.Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))]),
            "number" => Of("0", "0.5", "0.9", "1", "1.5"),
            "duration" or "duration-or-int" => Of([.. Durations.Select(Quote)]),
            "quantity" => Of("\"0\"", "\"10Mi\"", "\"1500m\"", "\"-1\"", "\"ten\""),
            "list<string>" when name == "clusterDNS" => Of("[\"10.1.2.3\"]", "[]", "[\"fd00::a\",\"10.0.0.1\"]", "[\"dns\"]"),
            "list<string>" => (own.Length == 0 ? Of("net.core.somaxconn", "kernel.msg*", "registry.example/app") : Of(own)).Array[0, 3].Select(v => $"[{string.Join(',', v.Distinct().Select(Quote))}]"),
            "list<int>" => Of("[]", "[23,24]", "[0]"),
            "map<bool>" => Of(gates).Select(Gen.Bool, (gate, on) => $"{{\"{gate}\":{(on ? "true" : "false")}}}"),
            "list<object>" => Of(Objects(name)),
            _ when type.StartsWith("map<", StringComparison.Ordinal) => Of(Maps(name)),
            _ when own.Length > 0 => Gen.Frequency((9, Of(own)), (1, Gen.Const("other"))).Select(Quote),
            _ => Of([.. Strings(name).Select(Quote)]),
        };
    }

    private static Gen<string> Of(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string[] Strings(string name) => name switch
    {
        "address" or "healthzBindAddress" => ["0.0.0.0", "127.0.0.1", "::", "10.0.0.5", "localhost"],
        "containerLogMaxSize" => ["10Mi", "50Mi", "1G", "0", "-1", "much"],
        "reservedSystemCPUs" => ["0", "0-1", "0,1", "x"],
        "podCIDR" => ["10.244.0.0/24", "x"],
        "staticPodURL" => ["https://example.com/pods", ""],
        _ => ["", "/x", "/var/lib/x", "a.b", "none"],
    };

    private static string[] Maps(string name) => name switch
    {
        "evictionHard" or "evictionSoft" or "evictionMinimumReclaim" => ["{}", "{\"memory.available\":\"5%\"}", "{\"nodefs.available\":\"1Gi\",\"imagefs.available\":\"10%\"}", "{\"memory.available\":\"much\"}", "{\"memory\":\"5%\"}"],
        "evictionSoftGracePeriod" => ["{}", "{\"memory.available\":\"1m\"}", "{\"memory.available\":\"soon\"}"],
        "kubeReserved" or "systemReserved" => ["{}", "{\"cpu\":\"100m\",\"memory\":\"1Gi\"}", "{\"pid\":\"100\"}", "{\"gpu\":\"1\"}", "{\"memory\":\"-1\"}"],
        "qosReserved" => ["{}", "{\"memory\":\"50%\"}"],
        "cpuManagerPolicyOptions" => ["{}", "{\"full-pcpus-only\":\"true\"}", "{\"x\":\"true\"}"],
        "topologyManagerPolicyOptions" => ["{}", "{\"prefer-closest-numa-nodes\":\"true\"}", "{\"x\":\"true\"}"],
        "staticPodURLHeader" => ["{}", "{\"X-Key\":[\"a\"]}"],
        _ => ["{}"],
    };

    private static string[] Objects(string name) => name switch
    {
        "registerWithTaints" => ["[]", "[{\"key\":\"a\",\"value\":\"b\",\"effect\":\"NoSchedule\"}]", "[{\"key\":\"a\",\"effect\":\"Never\"}]", "[{\"key\":\"a b\",\"effect\":\"NoSchedule\"}]"],
        "shutdownGracePeriodByPodPriority" => ["[]", "[{\"priority\":0,\"shutdownGracePeriodSeconds\":10}]"],
        "reservedMemory" => ["[]", "[{\"numaNode\":0,\"limits\":{\"memory\":\"1Gi\"}}]", "[{\"numaNode\":0,\"limits\":{}}]"],
        "logging.vmodule" => ["[]", "[{\"filePattern\":\"kubelet\",\"verbosity\":3}]"],
        _ => ["[]"],
    };

    private static void Set(JsonObject document, string[] path, JsonNode? value)
    {
        foreach (var part in path[..^1])
        {
            document = (document[part] ??= new JsonObject()).AsObject();
        }

        document[path[^1]] = value;
    }

    // The columns `since` and `last_minor_that_has_it`: `<=1.28`, `1.33`, `current (1.36)`.
    private static bool Has(string[] row, string minor)
    {
        var number = Number(minor);
        return Number(row[3]) <= number && number <= Number(row[4]);
    }

    private static int Number(string text)
    {
        var at = text.IndexOf("1.", StringComparison.Ordinal);
        var digits = new string([.. text[(at + 2)..].TakeWhile(char.IsAsciiDigit)]);
        return int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string[]> Rows(string file) => File.ReadLines(Path.Combine(Repository.Root, "data", file)).Skip(1).Where(l => l.Length > 0).Select(l => l.Split('\t'));

    private static string Quote(string text) => "\"" + text + "\"";
}
