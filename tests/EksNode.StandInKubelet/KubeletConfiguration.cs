using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>The configuration file with its drop-ins, every field of which must exist and have its type.</summary>
internal sealed class KubeletConfiguration
{
    private KubeletConfiguration(JsonObject merged) => Merged = merged;

    /// <summary>What counts in the end; <c>/configz</c> shows it.</summary>
    public JsonObject Merged { get; }

    /// <exception cref="KubeletException">Something that a kubelet does not take.</exception>
    public static KubeletConfiguration Read(CommandLine command)
    {
        var merged = ReadFile(command.Required("--config"));
        if (command.Optional("--config-dir") is { } folder)
        {
            // The kubelet reads the files that end in .conf, in the order of their names.
            foreach (var path in Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal))
            {
                merged = Merge(merged, ReadFile(path));
            }
        }

        foreach (var (name, text) in command.Map("--feature-gates"))
        {
            CheckGate(name);
            (merged["featureGates"] ??= new JsonObject())[name] = text == "true";
        }

        var configuration = new KubeletConfiguration(merged);
        configuration.CheckKernel();
        return configuration;
    }

    public string? Text(string name) => Merged[name]?.GetValue<string>();

    public bool Is(string name) => Merged[name]?.GetValue<bool>() == true;

    public int Number(string name, int otherwise) => Merged[name]?.GetValue<int>() ?? otherwise;

    private static JsonObject ReadFile(string path)
    {
        JsonObject? read;
        try
        {
            read = JsonNode.Parse(File.ReadAllText(path), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new KubeletException($"failed to load kubelet config file {path}: {exception.Message}");
        }

        if (read?["kind"]?.GetValue<string>() != "KubeletConfiguration" || read["apiVersion"]?.GetValue<string>() != "kubelet.config.k8s.io/v1beta1")
        {
            throw new KubeletException($"{path} is no KubeletConfiguration of kubelet.config.k8s.io/v1beta1");
        }

        Check(path, "", read);
        return read;
    }

    private static void Check(string path, string prefix, JsonObject map)
    {
        foreach (var (name, value) in map)
        {
            if (prefix.Length == 0 && name is "kind" or "apiVersion")
            {
                continue;
            }

            var field = prefix + name;
            if (!Tables.Fields.TryGetValue(field, out var type))
            {
                throw new KubeletException($"{path}: strict decoding error: unknown field \"{field}\"");
            }

            if (!Values.FitsField(type, value))
            {
                throw new KubeletException($"{path}: {field} is {value?.ToJsonString()}, and not of type {type}");
            }

            if (field == "featureGates")
            {
                ((JsonObject)value!).ToList().ForEach(gate => CheckGate(gate.Key));
            }
            else if (type == "object" && value is JsonObject inner)
            {
                Check(path, field + ".", inner);
            }
            else if (type == "list<object>" && value is JsonArray items && field != "logging.vmodule")
            {
                items.OfType<JsonObject>().ToList().ForEach(item => Check(path, field + "[].", item));
            }
        }
    }

    private static void CheckGate(string name)
    {
        if (!Tables.Gates.Contains(name))
        {
            throw new KubeletException($"unrecognized feature gate: {name}");
        }
    }

    // Maps merge, everything else is replaced.
    private static JsonObject Merge(JsonObject below, JsonObject above)
    {
        var merged = (JsonObject)below.DeepClone();
        foreach (var (name, value) in above)
        {
            merged[name] = value is JsonObject map && merged[name] is JsonObject existing ? Merge(existing, map) : value?.DeepClone();
        }

        return merged;
    }

    private void CheckKernel()
    {
        if (!Is("protectKernelDefaults"))
        {
            return;
        }

        // What the kubelet's container manager sets, and with protectKernelDefaults only checks.
        foreach (var (name, wanted) in new[]
        {
            ("vm/overcommit_memory", "1"), ("vm/panic_on_oom", "0"), ("kernel/panic", "10"), ("kernel/panic_on_oops", "1"),
            ("kernel/keys/root_maxkeys", "1000000"), ("kernel/keys/root_maxbytes", "25000000"),
        })
        {
            var found = File.ReadAllText("/proc/sys/" + name).Trim();
            if (found != wanted)
            {
                throw new KubeletException($"invalid kernel flag: {name}, expected value: {wanted}, actual value: {found}");
            }
        }
    }
}
