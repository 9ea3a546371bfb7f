using System.Text.Json;

namespace EksNode.Tools.Catalog;

/// <summary>Reads what <c>aws ec2 describe-instance-types</c> prints. Source: the EC2 API reference, InstanceTypeInfo.</summary>
public static class DescribeInstanceTypesAnswer
{
    private sealed record Accelerator(string Kind, string Name, string Count, string MemoryMib)
    {
        public static readonly Accelerator None = new("", "", "0", "0");
    }

    private sealed record Store(string Disks, string DiskGb, string Kind)
    {
        public static readonly Store None = new("0", "0", "");
    }

    /// <summary>The types of an answer.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <exception cref="InvalidDataException">It is no such answer, or lacks what every type has.</exception>
    public static IReadOnlyList<CatalogRow> Read(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var types = Find(document.RootElement, "InstanceTypes");
            if (types?.ValueKind != JsonValueKind.Array)
            {
                throw new InvalidDataException($"{source}: there is no list InstanceTypes.");
            }

            return [.. types.Value.EnumerateArray().Select(t => Row(t, source))];
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{source}: no JSON: {exception.Message}", exception);
        }
    }

    private static CatalogRow Row(JsonElement type, string source)
    {
        var name = Text(type, "InstanceType");
        var network = Find(type, "NetworkInfo");
        var defaultIndex = Text(network, "DefaultNetworkCardIndex");
        JsonElement? card = Items(network, "NetworkCards")
            .Where(c => Text(c, "NetworkCardIndex") == (defaultIndex.Length == 0 ? "0" : defaultIndex))
            .Select(c => (JsonElement?)c)
            .FirstOrDefault();
        var interfaces = Text(card, "MaximumNetworkInterfaces");
        var addresses = Text(network, "Ipv4AddressesPerInterface");
        if (name.Length == 0 || interfaces.Length == 0 || addresses.Length == 0)
        {
            throw new InvalidDataException($"{source}: {(name.Length == 0 ? "a type without a name" : name)} lacks its network limits.");
        }

        var cpus = Find(type, "VCpuInfo");
        var accelerator = AcceleratorOf(type);
        var store = StoreOf(type);
        return new CatalogRow(
        [
            name,
            string.Join('|', Items(Find(type, "ProcessorInfo"), "SupportedArchitectures").Select(a => a.ToString())),
            Text(cpus, "DefaultVCpus"),
            Text(cpus, "DefaultCores"),
            Text(cpus, "DefaultThreadsPerCore"),
            Text(Find(type, "MemoryInfo"), "SizeInMiB"),
            Text(type, "Hypervisor"),
            Text(type, "BareMetal").ToLowerInvariant(),
            interfaces,
            Text(network, "MaximumNetworkInterfaces"),
            Text(network, "MaximumNetworkCards"),
            addresses,
            Text(network, "Ipv6AddressesPerInterface"),
            Text(Find(network, "EfaInfo"), "MaximumEfaInterfaces", otherwise: "0"),
            accelerator.Kind,
            accelerator.Name,
            accelerator.Count,
            accelerator.MemoryMib,
            store.Disks,
            store.DiskGb,
            store.Kind,
        ]);
    }

    // Inferentia is described twice: as a Neuron device and, without its memory, as an inference accelerator.
    private static Accelerator AcceleratorOf(JsonElement type) =>
        AcceleratorOf(type, "NeuronInfo", "NeuronDevices", "TotalNeuronDeviceMemoryInMiB", kind: "Neuron")
        ?? AcceleratorOf(type, "GpuInfo", "Gpus", "TotalGpuMemoryInMiB")
        ?? AcceleratorOf(type, "InferenceAcceleratorInfo", "Accelerators", "TotalInferenceMemoryInMiB")
        ?? Accelerator.None;

    private static Accelerator? AcceleratorOf(JsonElement type, string info, string list, string memory, string? kind = null)
    {
        var devices = Items(Find(type, info), list);
        return devices.Count == 0
            ? null
            : new Accelerator(kind ?? Text(devices[0], "Manufacturer"), Text(devices[0], "Name"), Sum(devices), Text(Find(type, info), memory));
    }

    private static Store StoreOf(JsonElement type)
    {
        var info = Find(type, "InstanceStorageInfo");
        var disks = Items(info, "Disks");
        if (disks.Count == 0)
        {
            return Store.None;
        }

        var nvme = Text(info, "NvmeSupport") is "required" or "supported" ? "nvme-" : "";
        return new Store(Sum(disks), Text(disks[0], "SizeInGB"), nvme + Text(disks[0], "Type"));
    }

    private static string Sum(List<JsonElement> items) =>
        items.Sum(i => Find(i, "Count") is { ValueKind: JsonValueKind.Number } count ? count.GetInt64() : 0)
            .ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static JsonElement? Find(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null
            ? found
            : null;

    private static List<JsonElement> Items(JsonElement? element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static string Text(JsonElement? element, string name, string otherwise = "") => Find(element, name)?.ToString() ?? otherwise;
}
